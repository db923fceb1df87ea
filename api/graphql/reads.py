"""Who looked at whom: readings of a person, for auditors."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from graphql import GraphQLResolveInfo, GraphQLSchema
from strawberry.types.field import StrawberryField

from api.graphql.arguments import constant
from api.graphql.sql import Times
from api.graphql.types import Namespace, argument, field, object_type
from domain.access import RoleCode
from domain.clock import CHINA
from domain.clock import at as start_of
from domain.errors import BadInput, Forbidden
from infra.reads import ReadRecord

if TYPE_CHECKING:
    from api.graphql.slow import Context

READERS = frozenset({RoleCode.AUDITOR, RoleCode.AUDIT_ADMIN})
MOST = 1_000
"""Readings in one answer."""
_DAYS = 366


def fields(space: Namespace) -> dict[str, StrawberryField]:
    """Root field of readings."""
    space["PersonRead"] = object_type("PersonRead", _fields(space), "一次查阅 · one reading", space)
    asked = [
        argument("person", "UUID", "人员标识 · the person", space),
        argument("since", "date", "自何日起 · from this day", space),
        argument("until", "date", "至何日（含） · to this day", space),
        argument("first", "int", f"至多几条，最多 {MOST} · how many", space, default=100),
    ]
    doc = "谁在何时为何事查阅过此人的信息，最近的在前（审计） · who looked at this person, when and what for"
    return {"personReads": field("list[PersonRead]", doc, space, asked)}


def attach(schema: GraphQLSchema) -> None:
    """Give the field its resolver."""
    query = schema.query_type
    assert query is not None
    query.fields["personReads"].resolve = _reads


def _fields(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "at": field("datetime", "查阅时间 · when", space),
        "actor": field(str, "账号 · account", space),
        "actsFor": field(str, "代哪个账号；本人为空 · whom a deputy acted for", space),
        "role": field(str, "角色 · role", space),
        "department": field(str, "部门 · department", space),
        "divisionCode": field(str, "查阅人的辖区 · the reader's division", space),
        "purpose": field(str, "查阅目的，由查阅人写明 · purpose, as stated", space),
        "matter": field(str, "所办事项 · matter, as stated", space),
        "operation": field(str, "查询名称 · name of the query", space),
    }


async def _reads(
    source: Any, info: GraphQLResolveInfo[Any], person: UUID, since: date, until: date, first: int
) -> list[dict[str, Any]]:
    context: Context = info.context
    actor = context.caller.actor
    if actor.role not in READERS:
        raise Forbidden(f"角色“{actor.role.label}”无权查看查阅记录；由审计人员和审计管理员查看。")
    if not 1 <= first <= MOST or not timedelta(0) <= until - since <= timedelta(days=_DAYS):
        raise BadInput(f"first 应为 1 至 {MOST}，期间应为一年以内且先后有序。", "since")
    ledger = context.engine.reads
    if ledger is None:
        return []
    upto = start_of(until + timedelta(days=1))
    # Of a person of theirs every reader, the city's as well; of another's only readers of their own division.
    readers = "" if await _sees(context, person) else actor.division_code
    return [_shown(r) for r in await ledger.of_person(person, start_of(since), upto, readers, first)]


async def _sees(context: "Context", person: UUID) -> bool:
    """Whether the person is one that the caller may see."""
    builder = context.builder()
    id = builder.bind(constant(person).get, "uuid")
    rows = builder.rows(builder.kinds["person"], ("id",), Times(), (f"t.id = {id}",))
    return bool(await context.run(builder, f"SELECT to_json(EXISTS ({rows})) AS j, ''::bytea AS i"))


def _shown(read: ReadRecord) -> dict[str, Any]:
    return {
        "at": read.at.astimezone(CHINA),
        "actor": read.actor,
        "actsFor": read.acts_for,
        "role": read.role,
        "department": read.department,
        "divisionCode": read.division_code,
        "purpose": read.purpose,
        "matter": read.matter,
        "operation": read.operation,
    }
