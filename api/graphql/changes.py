"""What is new behind a position of the log: for platforms that follow the district and fetch only what changed.

Who sees which event is decided by the rows of the timelines under row security, as everywhere. Only events that the
timelines hold already are answered, in the log's order, so whoever goes on at the answer's `position` gets every event
of theirs once, however fast events are appended meanwhile.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphql import GraphQLResolveInfo, GraphQLSchema
from strawberry.types.field import StrawberryField

from api.graphql.arguments import constant
from api.graphql.scalars import Position
from api.graphql.sql import MAX_PAGE, Times
from api.graphql.types import Namespace, argument, enum_type, field, object_type
from domain.access import Area
from domain.errors import BadInput
from infra.log import LogEvent

if TYPE_CHECKING:
    from api.graphql.slow import Context

_BATCH = 500
_BATCHES = 20
"""So many events of others are passed over in one request; `position` says how far it came."""
_TIMELINES = frozenset({"timeline"})


def fields(space: Namespace) -> dict[str, StrawberryField]:
    """The root field."""
    space["Change"] = object_type("Change", _change_fields(space), "一项变化 · one event", space)
    space["Changes"] = object_type("Changes", _changes_fields(space), "某位置之后的变化 · what is new", space)
    given = [
        argument("since", "Position", "已取到的日志位置，首次为 0 · the last position one has", space),
        argument("first", "int", f"至多几项，最多 {MAX_PAGE} · how many", space, default=100),
        argument("minPosition", "Position | None", "等到读模型达到此日志位置 · wait for a log position", space),
    ]
    doc = "某日志位置之后您可见的变化，按日志先后；不含个人信息 · events you may see behind a position of the log"
    return {"changes": field("Changes", doc, space, given)}


def attach(schema: GraphQLSchema) -> None:
    """Give the field its resolver."""
    query = schema.query_type
    assert query is not None
    query.fields["changes"].resolve = _changes


def _changes_fields(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "nodes": field("list[Change]", "变化 · events in the order of the log", space),
        "position": field(Position, "取到何处，下次由此续取 · how far this goes: go on with it", space),
        "more": field(bool, "是否还有未取的 · whether to ask again at once", space),
    }


def _change_fields(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "position": field(Position, "日志位置 · log position", space),
        "topic": field(str, "事件类型 · type of the event", space),
        "title": field(str, "事件名称 · its name", space),
        "area": field(enum_type(Area), "数据领域 · area", space),
        "areaLabel": field(str, "数据领域（中文名称） · label of area", space),
        "subjects": field(list[str], "涉及的主体（您可见的），如 case:标识 · subjects you may see", space),
        "streamId": field("UUID", "事件流标识 · stream", space),
        "version": field(int, "事件版本 · version in its stream", space),
        "divisionCode": field(str, "区划代码 · division", space),
        "occurredAt": field("datetime", "发生时间 · business time", space),
        "recordedAt": field("datetime", "记录时间 · recorded time", space),
        "source": field(str, "来源系统；空为本平台 · source system", space),
    }


async def _changes(
    source: Any, info: GraphQLResolveInfo[Any], since: int, first: int, minPosition: int | None = None
) -> dict[str, Any]:
    context: Context = info.context
    engine = context.engine
    if not 1 <= first <= MAX_PAGE:
        raise BadInput(f"first 应在 1 与 {MAX_PAGE} 之间，现为 {first}。", "first")
    if since > await engine.log.head():
        raise BadInput(f"日志还没有位置 {since}；请核对续取位置是否属于本平台。", "since")
    await engine.wait_for(_TIMELINES, minPosition or 0)
    upto = engine.models.positions.get("timeline", 0)
    found: list[dict[str, Any]] = []
    at = max(since, 0)
    for _ in range(_BATCHES):
        if at >= upto:
            break
        events = await engine.log.read(at, _BATCH, upto=upto)
        theirs = await _seen(context, events)
        for event in events:
            at = event.position
            if at in theirs:
                found.append(_change(event, theirs[at]))
            if len(found) == first:
                return {"nodes": found, "position": at, "more": at < upto}
    return {"nodes": found, "position": at, "more": at < upto}


async def _seen(context: "Context", events: Sequence[LogEvent]) -> dict[int, dict[str, Any]]:
    """What the caller sees of these events on the timelines of their subjects, by position."""
    builder = context.builder()
    pairs = [(tag, event.position) for event in events for tag in event.tags]
    subjects = builder.bind(constant([tag for tag, _ in pairs]).get, "text[]")
    positions = builder.bind(constant([position for _, position in pairs]).get, "bigint[]")
    tied = f"(t.subject, t.position) IN (SELECT * FROM unnest({subjects}, {positions}))"
    chosen = ("subject", "position", "title", "area", "division_code")
    rows = builder.rows(builder.kinds["timeline"], chosen, Times(), (tied,))
    # A person's id says of whom something is told: noted as a reading, like a list of persons.
    persons = "string_agg(uuid_send(substr(t.subject, 8)::uuid), ''::bytea) FILTER (WHERE t.subject LIKE 'person:%')"
    body = (
        "SELECT coalesce(json_agg(x), '[]'::json) AS j, coalesce(string_agg(x.persons, ''::bytea), ''::bytea) AS i "
        "FROM (SELECT t.position, min(t.title) AS title, min(t.area) AS area, min(t.division_code) AS division, "
        "array_agg(t.subject ORDER BY t.subject) AS subjects, "
        f"{persons} AS persons FROM ({rows}) t GROUP BY t.position) x"
    )
    return {row["position"]: row for row in await context.run(builder, body)}


def _change(event: LogEvent, seen: Mapping[str, Any]) -> dict[str, Any]:
    area = Area(seen["area"])
    return {
        "position": event.position,
        "topic": event.topic,
        "title": seen["title"],
        "area": area,
        "areaLabel": area.label,
        "subjects": seen["subjects"],
        "streamId": event.stream_id,
        "version": event.version,
        "divisionCode": seen["division"],
        "occurredAt": event.occurred,
        "recordedAt": event.recorded_at,
        "source": event.source,
    }
