"""Questions about benefits that no view answers alone: who has two that exclude each other, who comes of an age.

Both read the views under the caller's row security, and the access log names the persons that were shown.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from graphql import GraphQLResolveInfo, GraphQLSchema
from strawberry.types.field import StrawberryField

from api.graphql.columns import literal
from api.graphql.indicators import binding, count_once, division_within
from api.graphql.scalars import Fen
from api.graphql.sql import LIST_LIMIT, Builder, Times
from api.graphql.types import Namespace, argument, enum_type, field, object_type
from domain.access import Area, subtree
from domain.care.benefits.amounts import bands, births_reaching, last_day
from domain.care.benefits.exclusion import Line, judge, pairs
from domain.clock import demand_month, first_day, month_of
from domain.codes import BENEFIT_SCHEMES, HeldLine

if TYPE_CHECKING:
    from api.graphql.slow import Context

_WAITS = frozenset({"care", "assistance", "registry"})


def fields(space: Namespace) -> dict[str, StrawberryField]:
    """Root fields of these questions."""
    space["HeldLine"] = enum_type(HeldLine)
    space["BenefitConflict"] = object_type(
        "BenefitConflict",
        _conflict_fields(space),
        "同一人同月享受互斥的待遇 · two benefits that exclude each other",
        space,
    )
    space["AgeMilestone"] = object_type(
        "AgeMilestone", _milestone_fields(space), "当月到达高龄津贴档次的人 · comes of an age in the month", space
    )
    asked = [
        argument("month", "str | None", "月份 YYYY-MM；不给则为本月 · a month", space),
        argument("division", "str | None", "区划代码，含全部下级；不给则为本人辖区 · a division", space),
        argument("minPosition", "Position | None", "等到读模型达到此日志位置 · wait for a log position", space),
    ]
    return {
        "conflictingBenefits": field(
            "list[BenefitConflict]",
            f"该月享受互斥待遇的人，每对一行，至多 {LIST_LIMIT} 行 · who holds benefits that exclude each other",
            space,
            asked,
        ),
        "ageMilestones": field(
            "list[AgeMilestone]",
            f"该月满 80、90、100 周岁（以当时档次为准）的在世人员，至多 {LIST_LIMIT} 人 · "
            "who reaches an age of the old-age allowance in the month",
            space,
            asked,
        ),
    }


def attach(schema: GraphQLSchema) -> None:
    """Give these fields their resolvers."""
    query = schema.query_type
    assert query is not None
    query.fields["conflictingBenefits"].resolve = _conflicts
    query.fields["ageMilestones"].resolve = _milestones


def _conflict_fields(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "personId": field("UUID", "人员 · person", space),
        "divisionCode": field(str, "区划代码 · division", space),
        "one": field("HeldLine", "其一 · one", space),
        "oneId": field("UUID", "其一的待遇或个案标识 · its benefit or case", space),
        "oneFen": field(Fen, "其一每月金额（救助按人均） · its monthly amount", space),
        "other": field("HeldLine", "其二 · the other", space),
        "otherId": field("UUID", "其二的待遇或个案标识 · its benefit or case", space),
        "otherFen": field(Fen, "其二每月金额（救助按人均） · its monthly amount", space),
        "rule": field(str, "依据的规则 · the rule", space),
    }


def _milestone_fields(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "personId": field("UUID", "人员 · person", space),
        "name": field(str, "姓名 · name", space),
        "divisionCode": field(str, "居住地区划代码 · division", space),
        "birthOn": field(date, "出生日期 · birth date", space),
        "age": field(int, "当月满多少周岁 · age reached", space),
        "benefitId": field("UUID | None", "在发或在办的高龄津贴；空为没有 · the allowance, where there is one", space),
        "monthlyFen": field(Fen | None, "月末的金额 · its amount at the month's end", space),
        "changed": field(bool, "金额是否已自当月起 · whether the amount begins with the month", space),
    }


async def _asked(context: "Context", given: Mapping[str, Any]) -> tuple[str, str]:
    """Month and division asked for, when the read models are there."""
    division = division_within(context.caller.actor, given.get("division"), Area.CARE)
    count_once(context)
    await context.engine.wait_for(_WAITS, given.get("minPosition") or 0)
    month = given.get("month")
    return (demand_month(month) if month else month_of(context.engine.dispatcher.now().date())), division


async def _conflicts(source: Any, info: GraphQLResolveInfo[Any], **given: Any) -> Any:
    """Lines of benefits and, where the caller may see them, of assistance; which pairs exclude each other is data."""
    context: Context = info.context
    month, division = await _asked(context, given)
    builder = context.builder()
    bind = binding(builder)
    times = Times(day=bind(last_day(month), "date"))
    lo, hi = (bind(bound, "text") for bound in subtree(division))
    within = (f"t.division_code >= {lo}", f"t.division_code < {hi}")
    lines = " UNION ALL ".join(_lines(builder, times, within, Area.ASSISTANCE in context.caller.actor.areas))
    rules = ", ".join(f"({literal(a.value)}, {literal(b.value)}, {literal(said)})" for a, b, said in _pairs(month))
    names = " ".join(f"WHEN {literal(kind.value)} THEN {literal(kind.name)}" for kind in HeldLine)
    body = (
        f"WITH l AS ({lines}), p(a, b, said) AS (VALUES {rules}), "
        "x AS (SELECT one.person_id, one.division_code, one.kind AS one, one.id AS one_id, one.fen AS one_fen, "
        "other.kind AS other, other.id AS other_id, other.fen AS other_fen, p.said "
        "FROM l one JOIN p ON p.a = one.kind JOIN l other ON other.person_id = one.person_id AND other.kind = p.b "
        "AND (one.kind <> other.kind OR one.id < other.id) "
        f"ORDER BY one.division_code, one.person_id, one.kind, other.kind LIMIT {LIST_LIMIT}) "
        "SELECT coalesce(json_agg(json_build_object('personId', x.person_id, 'divisionCode', x.division_code, "
        f"'one', CASE x.one {names} END, 'oneId', x.one_id, 'oneFen', x.one_fen, "
        f"'other', CASE x.other {names} END, 'otherId', x.other_id, 'otherFen', x.other_fen, 'rule', x.said)), "
        "'[]'::json) AS j, coalesce(string_agg(uuid_send(x.person_id), ''::bytea), ''::bytea) AS i FROM x"
    )
    return await context.run(builder, body)


def _pairs(month: str) -> Iterable[tuple[HeldLine, HeldLine, str]]:
    """Which two exclude each other in a month, with the rule in words; the same benefit twice is one of them."""
    yield from ((a, b, _said(a, b, month)) for a, b in pairs(month))
    yield from ((kind, kind, _said(kind, kind, month)) for kind in HeldLine)


def _said(one: HeldLine, other: HeldLine, month: str) -> str:
    (dropped,) = judge((Line(one, 1, "1"), Line(other, 1, "2")), month).dropped
    return dropped.said


def _lines(builder: Builder, times: Times, within: tuple[str, ...], assistance: bool) -> Iterable[str]:
    kinds = ", ".join(literal(scheme.value) for scheme in sorted(BENEFIT_SCHEMES))
    benefit = ("id", "person_id", "kind", "division_code", "monthly_fen", "start_month")
    paying = ("t.state = 'paying'", "t.monthly_fen > 0", f"t.kind IN ({kinds})", *within)
    rows = builder.rows(builder.kinds["benefit"], benefit, times, paying)
    yield f"SELECT b.person_id, b.division_code, b.kind, b.id, b.monthly_fen AS fen FROM ({rows}) b"
    if not assistance:
        return
    case = ("id", "scheme", "division_code", "monthly_fen", "member_count")
    covering = ("t.state = 'paying'", "t.scheme IN ('DIBAO', 'TEKUN')", *within)
    cases = builder.rows(builder.kinds["case"], case, times, covering)
    members = builder.rows(builder.kinds["case_member"], ("case_id", "person_id"), times, ("t.covered",))
    yield (
        "SELECT m.person_id, c.division_code, lower(c.scheme), c.id, c.monthly_fen / greatest(c.member_count, 1) "
        f"FROM ({cases}) c JOIN ({members}) m ON m.case_id = c.id"
    )


async def _milestones(source: Any, info: GraphQLResolveInfo[Any], **given: Any) -> Any:
    """By the ages that have an amount in the month; a birthday on 29 February counts in March of common years."""
    context: Context = info.context
    month, division = await _asked(context, given)
    parameters = await context.engine.dispatcher.parameters.get()
    days = [(day, age) for age in bands(parameters, division, last_day(month)) for day in births_reaching(month, age)]
    builder = context.builder()
    bind = binding(builder)
    lo, hi = (bind(bound, "text") for bound in subtree(division))
    born = f"unnest({bind([day for day, _ in days], 'date[]')}, {bind([age for _, age in days], 'int[]')})"
    alive = ("t.state IN ('verified', 'provisional')", f"t.division_code >= {lo}", f"t.division_code < {hi}")
    persons = builder.rows(builder.kinds["person"], ("id", "name", "division_code", "birth_on"), Times(), alive)
    held = ("t.kind = 'OLD_AGE_ALLOWANCE'", "t.state IN ('applied', 'approved', 'paying', 'suspended')")
    chosen = ("id", "person_id", "monthly_fen", "amount_from")
    times = Times(day=bind(last_day(month), "date"))
    allowances = builder.rows(builder.kinds["benefit"], chosen, times, held)
    first = bind(first_day(month), "date")
    body = (
        "WITH x AS (SELECT h.id, h.name, h.division_code, h.birth_on, b.age, a.id AS benefit, a.monthly_fen, "
        f"coalesce(a.amount_from = {first}, false) AS changed FROM {born} b(born, age) "
        f"JOIN ({persons}) h ON h.birth_on = b.born LEFT JOIN ({allowances}) a ON a.person_id = h.id "
        f"ORDER BY b.age DESC, h.division_code, h.birth_on, h.id, a.amount_from, a.id LIMIT {LIST_LIMIT}) "
        "SELECT coalesce(json_agg(json_build_object('personId', x.id, 'name', x.name, 'divisionCode', "
        "x.division_code, 'birthOn', x.birth_on, 'age', x.age, 'benefitId', x.benefit, 'monthlyFen', x.monthly_fen, "
        "'changed', x.changed)), '[]'::json) AS j, coalesce(string_agg(uuid_send(x.id), ''::bytea), ''::bytea) AS i "
        "FROM x"
    )
    return await context.run(builder, body)
