"""What of the relief stock is short, for so many people: the norms of the day against what the warehouses hold."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphql import GraphQLResolveInfo, GraphQLSchema
from strawberry.types.field import StrawberryField

from api.graphql.indicators import binding, count_once, division_within
from api.graphql.sql import Times
from api.graphql.types import Namespace, argument, enum_type, field, object_type
from domain.access import Area, subtree
from domain.codes import ReliefItem
from domain.errors import BadInput
from domain.relief.norms import needs, persons_provided

if TYPE_CHECKING:
    from api.graphql.slow import Context

_MOST = 1_000_000


def fields(space: Namespace) -> dict[str, StrawberryField]:
    """The root field."""
    space["StockNeed"] = object_type(
        "StockNeed", _need_fields(space), "一个品种的储备定额与现有数量 · what of an item is to be there and is", space
    )
    space["StockNeeds"] = object_type(
        "StockNeeds", _needs_fields(space), "救灾物资储备能否保障 · whether the relief stock is enough", space
    )
    given = [
        argument("division", "str | None", "区划代码，含全部下级 · a division", space),
        argument("persons", "int | None", "按多少人；不给则按储备定额的人数 · for how many people", space),
        argument("minPosition", "Position | None", "等到读模型达到此日志位置 · wait for a log position", space),
    ]
    doc = "救灾物资能保障多少人、哪些品种不足，按当日定额 · for how many people the stock is enough, and what is short"
    return {"stockNeeds": field("StockNeeds", doc, space, given)}


def attach(schema: GraphQLSchema) -> None:
    """Give the field its resolver."""
    query = schema.query_type
    assert query is not None
    query.fields["stockNeeds"].resolve = _stock_needs


def _need_fields(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "item": field(enum_type(ReliefItem), "物资品种 · item", space),
        "itemLabel": field(str, "物资品种（中文名称） · label of item", space),
        "requiredCount": field(int, "应储备数量 · pieces to keep", space),
        "availableCount": field(int, "在库可用数量 · pieces that are there", space),
        "shortCount": field(int, "不足数量 · pieces missing", space),
    }


def _needs_fields(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "persons": field(int, "按多少人计算 · for how many people", space),
        "coveredPersons": field(int, "各定额品种都够的人数 · people for whom every item is enough", space),
        "items": field("list[StockNeed]", "有定额的各品种 · every item with a norm", space),
    }


async def _stock_needs(source: Any, info: GraphQLResolveInfo[Any], **given: Any) -> Any:
    """Reads the stock under the caller's scope; the norms are those in force today. Expired pieces still count."""
    context: Context = info.context
    division = division_within(context.caller.actor, given.get("division"), Area.RELIEF)
    count_once(context)
    engine = context.engine
    await engine.wait_for(frozenset({"relief"}), given.get("minPosition") or 0)
    parameters, today = await engine.dispatcher.parameters.get(), engine.dispatcher.now().date()
    persons = given.get("persons")
    if persons is None:
        persons = parameters.value("relief.stock_persons", division, today)
    if not 0 < persons <= _MOST:
        raise BadInput(f"人数应在 1 至 {_MOST} 之间。", "persons")
    balances = await _balances(context, division)
    found = needs(balances, parameters, division, today, persons)
    return {
        "persons": persons,
        "coveredPersons": persons_provided(balances, parameters, division, today),
        "items": [
            {
                "item": need.item,
                "itemLabel": need.item.label,
                "requiredCount": need.required,
                "availableCount": need.available,
                "shortCount": need.short,
            }
            for need in found
        ],
    }


async def _balances(context: "Context", division: str) -> dict[ReliefItem, int]:
    builder = context.builder()
    bind = binding(builder)
    lo, hi = (bind(bound, "text") for bound in subtree(division))
    within = (f"t.division_code >= {lo}", f"t.division_code < {hi}")
    rows = builder.rows(builder.kinds["stock"], ("item", "free_count"), Times(), within)
    body = (
        "SELECT coalesce(json_agg(x), '[]'::json) AS j, ''::bytea AS i FROM ("
        f"SELECT t.item, sum(t.free_count)::bigint AS free FROM ({rows}) t GROUP BY t.item) x"
    )
    return {ReliefItem(row["item"]): row["free"] for row in await context.run(builder, body)}
