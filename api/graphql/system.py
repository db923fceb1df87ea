"""Fields about the platform itself: who one is, where the read models stand, one entry of the log."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from graphql import GraphQLResolveInfo, GraphQLSchema
from strawberry.types.field import StrawberryField

from api.graphql.scalars import Position
from api.graphql.types import Namespace, argument, enum_type, field, object_type
from domain.access import Area, PersonalClass, RoleCode
from domain.errors import BadInput
from infra.log import EventLog, LogEvent

if TYPE_CHECKING:
    from api.graphql.slow import Context

SEES_ERRORS = frozenset({RoleCode.ADMINISTRATOR, RoleCode.DISTRICT_CLERK, RoleCode.AUDITOR})
"""Roles that are told why a projection has stopped; others only that it has."""


def system_fields(space: Namespace) -> dict[str, StrawberryField]:
    """Root fields that no view answers."""
    space["Me"] = object_type("Me", _me_fields(space), "当前用户 · the caller", space)
    space["ProjectionStatus"] = object_type(
        "ProjectionStatus", _status_fields(space), "读模型状态 · a projection", space
    )
    space["LogEntry"] = object_type("LogEntry", _entry_fields(space), "日志条目 · one event of the log", space)
    entry = [
        argument("position", "Position | None", "日志位置 · log position", space),
        argument("event", "str | None", "事件：流标识@版本，或主体@版本 · an event as stream@version", space),
    ]
    return {
        "me": field("Me", "我是谁、能看什么 · who one is and what one may see", space),
        "projectionStatus": field("list[ProjectionStatus]", "各读模型处理到哪里 · how far each read model is", space),
        "logEntry": field("LogEntry | None", "辖区内的一条日志 · an event of a subject you may see", space, entry),
    }


def attach_system(schema: GraphQLSchema) -> None:
    """Give these fields their resolvers."""
    query = schema.query_type
    assert query is not None
    query.fields["me"].resolve = _me
    query.fields["projectionStatus"].resolve = _projection_status
    query.fields["logEntry"].resolve = _log_entry


def _me_fields(space: Namespace) -> Mapping[str, StrawberryField]:
    role = enum_type(RoleCode)
    areas: Any = list[enum_type(Area)]  # type: ignore[misc]
    classes: Any = list[enum_type(PersonalClass)]  # type: ignore[misc]
    return {
        "name": field(str, "账号 · account", space),
        "actsFor": field("str | None", "代哪个账号办理；本人办理时为空 · whom a deputy acts for", space),
        "role": field(role, "角色 · role", space),
        "roleLabel": field(str, "角色（中文名称） · label of role", space),
        "department": field(str, "部门 · department", space),
        "divisionCode": field(str, "辖区代码，含全部下级 · the division whose subtree is theirs", space),
        "areas": field(areas, "可查看的数据领域 · areas that may be read", space),
        "clear": field(classes, "不遮盖的个人信息类别 · personal data seen unmasked", space),
    }


def _status_fields(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "name": field(str, "名称 · name", space),
        "version": field(int, "定义版本 · version of its definition", space),
        "position": field(Position, "已处理到的日志位置 · last log position it holds", space),
        "lag": field(Position, "落后条数 · events not applied yet", space),
        "state": field(str, "running 运行，stopped 停止 · state", space),
        "error": field("str | None", "停止的原因 · why it stopped", space),
    }


def _entry_fields(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "position": field(Position, "日志位置 · position", space),
        "topic": field(str, "事件类型 · type of the event", space),
        "streamId": field("UUID", "事件流标识 · stream", space),
        "version": field(int, "事件版本 · version in its stream", space),
        "schemaVersion": field(int, "结构版本 · schema version", space),
        "tags": field(list[str], "涉及的主体（您可见的） · subjects you may see", space),
        "occurredAt": field("datetime", "发生时间 · business time", space),
        "recordedAt": field("datetime", "记录时间 · recorded time", space),
        "actor": field(str, "经办人 · actor", space),
        "role": field(str, "角色 · role", space),
        "org": field(str, "机构 · organisation", space),
        "divisionCode": field(str, "区划代码 · division", space),
        "basis": field(str, "依据 · basis", space),
        "source": field(str, "来源系统 · source system", space),
        "correlationId": field("UUID | None", "关联标识 · correlation", space),
        "causationId": field("UUID | None", "起因标识 · causation", space),
        "cryptoSuite": field(int, "加密套件：0 无，1 AES-256-GCM，2 SM4-GCM · crypto suite", space),
        "payloadBytes": field(int, "内容字节数 · size of the stored payload", space),
    }


def _me(source: Any, info: GraphQLResolveInfo[Any]) -> dict[str, Any]:
    actor = info.context.caller.actor
    return {
        "name": actor.name,
        "actsFor": actor.acts_for or None,
        "role": actor.role,
        "roleLabel": actor.role.label,
        "department": actor.department,
        "divisionCode": actor.division_code,
        "areas": [area for area in Area if area in actor.areas],
        "clear": [each for each in PersonalClass if each in actor.clear],
    }


async def _projection_status(source: Any, info: GraphQLResolveInfo[Any]) -> list[dict[str, Any]]:
    context: Context = info.context
    head = await context.engine.log.head()
    told = context.caller.actor.role in SEES_ERRORS
    return [
        {
            "name": live.name,
            "version": live.version,
            "position": live.position,
            "lag": max(0, head - live.position),
            "state": live.state,
            "error": (live.error if told else "详见管理员") if live.error else None,
        }
        for live in context.engine.models.live.values()
    ]


async def _event(log: EventLog, named: str) -> list[LogEvent]:
    """The event that a finding's evidence names: `subject:stream@version`, or without the subject."""
    stream, _, version = named.rpartition("@")
    try:
        id, number = UUID(stream.rpartition(":")[2]), int(version)
    except ValueError:
        raise BadInput(f"“{named[:60]}”应写作 主体@版本，例如 case:标识@7。", "event") from None
    rows = await log.stream(id, number - 1)
    return rows[:1] if rows and rows[0].version == number else []


async def _log_entry(
    source: Any, info: GraphQLResolveInfo[Any], position: int | None = None, event: str | None = None
) -> dict[str, Any] | None:
    """An entry is there for whoever sees it on some subject's timeline: the database decides that."""
    context: Context = info.context
    if (position is None) == (event is None):
        raise BadInput("logEntry 需要 position 或 event 中的一个。", "position")
    log = context.engine.log
    if event is not None:
        found = await _event(log, event)
    else:
        assert position is not None
        found = await log.read(position - 1, 1, upto=position) if position > 0 else []
    subjects = await context.on_timeline(found[0].tags, found[0].position) if found else []
    if not subjects:
        return None
    entry = found[0]
    return {
        "position": entry.position,
        "topic": entry.topic,
        "streamId": entry.stream_id,
        "version": entry.version,
        "schemaVersion": entry.schema_version,
        "tags": subjects,
        "occurredAt": entry.occurred,
        "recordedAt": entry.recorded_at,
        "actor": entry.actor,
        "role": entry.role,
        "org": entry.org,
        "divisionCode": entry.division,
        "basis": entry.basis,
        "source": entry.source,
        "correlationId": entry.correlation_id,
        "causationId": entry.causation_id,
        "cryptoSuite": entry.crypto_suite,
        "payloadBytes": len(entry.payload),
    }
