"""How it stands with messages in and out and with each municipal and provincial platform: no data of anybody's."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import GraphQLResolveInfo, GraphQLSchema
from strawberry.types.field import StrawberryField

from api.graphql.scalars import Position
from api.graphql.system import SEES_ERRORS
from api.graphql.types import Namespace, enum_type, field, object_type
from connectors.database import Tables
from connectors.kafka.status import IncomingWatch, Outgoing, SourceStanding, outgoing
from connectors.platforms.standing import ExchangeState, Standing, standings
from infra.log import EventLog
from infra.settings import Settings

if TYPE_CHECKING:
    from api.graphql.slow import Context


@dataclass(frozen=True, slots=True)
class SyncState:
    """Sources, relays and platforms as they stand, and the log's last position."""

    head: int
    sources: Sequence[SourceStanding] | None
    """None where there is no Kafka, or it is away."""
    relays: Sequence[Outgoing]
    platforms: Sequence[Standing]


SyncReader = Callable[[], Awaitable[SyncState]]


def sync_reader(log: EventLog, settings: Settings, tables: Tables) -> SyncReader:
    """Reads how an installation stands. What goes out is told by the log's own copies of positions."""
    watch = IncomingWatch(log, settings)

    async def read() -> SyncState:
        sources = await watch.read() if settings.kafka else None
        relays = await outgoing(log, settings) if settings.kafka else []
        return SyncState(await log.head(), sources, relays, await standings(log, settings, tables))

    return read


def fields(space: Namespace) -> Mapping[str, StrawberryField]:
    """The root field and its types."""
    space["SourceStatus"] = object_type(
        "SourceStatus", _source(space), "一个来源系统的消息接入 · messages of one source", space
    )
    space["RelayStatus"] = object_type("RelayStatus", _relay(space), "公开消息的发送 · one shard of the relay", space)
    space["PlatformStatus"] = object_type(
        "PlatformStatus", _platform(space), "与一个上级平台的往来 · the exchange with a platform", space
    )
    space["SyncStatus"] = object_type(
        "SyncStatus",
        {
            "sources": field(
                "list[SourceStatus] | None",
                "来源消息接入到哪里；没有 Kafka 或连不上时为 null · messages in, null where Kafka is away",
                space,
            ),
            "relays": field("list[RelayStatus]", "公开消息发到哪里；没有 Kafka 时为空 · public messages out", space),
            "platforms": field("list[PlatformStatus]", "在用的上级平台 · platforms in use", space),
        },
        "消息收发状态 · how messages stand",
        space,
    )
    return {"syncStatus": field("SyncStatus", "消息收发到哪里、各上级平台是否正常 · how messages stand", space)}


def attach(schema: GraphQLSchema) -> None:
    """Give the field its resolver."""
    query = schema.query_type
    assert query is not None
    query.fields["syncStatus"].resolve = _resolve


def _source(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "source": field(str, "来源系统 · source system", space),
        "lag": field(Position, "尚未接入的消息数 · messages not taken in yet", space),
        "gap": field(bool, "有消息未读即已丢失，已停在该处 · messages are gone that nobody has read", space),
    }


def _relay(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "shard": field(str, "分片 · shard", space),
        "position": field(Position, "已发到的日志位置 · sent up to", space),
        "lag": field(Position, "落后条数 · events not sent yet", space),
    }


def _platform(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "name": field(str, "名称 · name", space),
        "title": field(str, "平台 · platform", space),
        "way": field(str, "方式：kafka、https、files、tables · way", space),
        "divisionCode": field(str, "区划代码，含全部下级 · division", space),
        "position": field(Position, "已报送到的日志位置 · told up to", space),
        "lag": field(Position, "落后条数 · events not told yet", space),
        "state": field(enum_type(ExchangeState), "状态 · state", space),
        "failures": field(int, "连续未送达次数 · failures in a row", space),
        "error": field("str | None", "最近一次未送达的原因 · why", space),
        "retryAt": field("datetime | None", "再试的时间 · tried again at", space),
        "answeredAt": field("datetime | None", "最近一次送达 · last delivered", space),
        "refused": field(int, "当场退回的消息数 · messages refused at once", space),
        "waiting": field(int, "发回而尚未入库的条数 · sent back and not recorded yet", space),
        "checkedOn": field("date | None", "最近核对的日期 · last day compared", space),
        "differences": field(int, "该日差异数 · differences of that day", space),
    }


async def _resolve(source: Any, info: GraphQLResolveInfo[Any]) -> dict[str, Any]:
    context: Context = info.context
    reader = context.engine.sync
    told = context.caller.actor.role in SEES_ERRORS
    if reader is None:
        return {"sources": None, "relays": [], "platforms": []}
    state = await reader()
    return {
        "sources": None
        if state.sources is None
        else [{"source": each.source, "lag": each.lag, "gap": each.gap} for each in state.sources],
        "relays": [
            {"shard": each.shard, "position": each.position, "lag": max(0, state.head - each.position)}
            for each in state.relays
        ],
        "platforms": [_shown(each, state.head, told=told) for each in state.platforms],
    }


def _shown(standing: Standing, head: int, *, told: bool) -> dict[str, Any]:
    error = standing.error or standing.back_error
    return {
        "name": standing.name,
        "title": standing.title,
        "way": standing.way,
        "divisionCode": standing.division,
        "position": standing.position,
        "lag": max(0, head - standing.position),
        "state": standing.state,
        "failures": standing.failures,
        "error": (error if told else "详见管理员") if error else None,
        "retryAt": standing.retry_at,
        "answeredAt": standing.answered_at,
        "refused": standing.refused,
        "waiting": standing.waiting,
        "checkedOn": standing.checked,
        "differences": standing.differences,
    }


__all__ = ["SyncReader", "SyncState", "attach", "fields", "sync_reader"]
