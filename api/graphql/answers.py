"""Questions that one view alone can't answer: who earns more than the standard and is paid, and who is on assistance.

Both read the views under the caller's row security, as every list does.
"""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from graphql import GraphQLResolveInfo, GraphQLSchema
from strawberry.types.field import StrawberryField

from api.graphql.arguments import constant
from api.graphql.indicators import binding, count_once, division_within
from api.graphql.scalars import Fen
from api.graphql.sql import LIST_LIMIT, Builder, Times
from api.graphql.types import Namespace, argument, field, object_type
from domain.access import Area, subtree
from domain.assistance.dibao import standard_code
from domain.codes import UrbanRural
from domain.identity import parse_citizen_id
from projections.assistance.figures import in_force

if TYPE_CHECKING:
    from api.graphql.slow import Context


def fields(space: Namespace) -> dict[str, StrawberryField]:
    """Root fields of these questions."""
    space["PaidAboveStandard"] = object_type(
        "PaidAboveStandard", _above_fields(space), "收入不低于标准而仍在发放的低保家庭 · paid above the standard", space
    )
    space["AssistanceStatus"] = object_type(
        "AssistanceStatus", _status_fields(space), "是否正在享受救助 · whether someone is on assistance", space
    )
    on = argument("on", "date | None", "按当日实际；不给则为今天 · on this day (business time)", space)
    least = argument("minPosition", "Position | None", "等到读模型达到此日志位置 · wait for a log position", space)
    return {
        "paidAboveStandard": field(
            "list[PaidAboveStandard]",
            f"最近核定的家庭收入不低于当日标准而仍在发放的低保家庭，超出多的在前，至多 {LIST_LIMIT} 户 · "
            "dibao households paid although their verified income reaches the standard",
            space,
            [argument("division", "str | None", "区划代码，含全部下级 · a division", space), on, least],
        ),
        "assistanceStatus": field(
            "AssistanceStatus",
            "某人当日是否享受低保、特困供养（只答是与否） · yes or no, for platforms that may know no more",
            space,
            [argument("citizenId", "str", "公民身份号码 · citizen ID", space), on, least],
        ),
    }


def attach(schema: GraphQLSchema) -> None:
    """Give these fields their resolvers."""
    query = schema.query_type
    assert query is not None
    query.fields["paidAboveStandard"].resolve = _paid_above
    query.fields["assistanceStatus"].resolve = _status


def _above_fields(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "caseId": field("UUID", "个案标识 · case", space),
        "caseNo": field(str, "个案编号 · case number", space),
        "divisionCode": field(str, "区划代码 · division", space),
        "memberCount": field(int, "保障人数 · persons covered", space),
        "monthlyIncomeFen": field(Fen, "最近核定的家庭月收入 · verified monthly income", space),
        "standardFen": field(Fen, "当日标准（每人每月） · standard in force, for a person and month", space),
        "overFen": field(Fen, "家庭月收入超出标准合计的金额 · by how much the income is above", space),
        "monthlyFen": field(Fen, "现发金额 · monthly amount paid", space),
    }


def _status_fields(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "dibao": field(bool, "是否享受低保 · on dibao", space),
        "tekun": field(bool, "是否特困供养 · on tekun", space),
    }


async def _day(context: "Context", given: Mapping[str, Any]) -> date:
    engine = context.engine
    await engine.wait_for(frozenset({"assistance"}), given.get("minPosition") or 0)
    return given.get("on") or engine.dispatcher.now().date()


async def _paid_above(source: Any, info: GraphQLResolveInfo[Any], **given: Any) -> Any:
    """Only who has less than the standard is eligible (社会救助暂行办法第九条); income is the last verified.

    The standard is looked up by its own dates when the question is asked, with what the district has adopted since.
    """
    context: Context = info.context
    division = division_within(context.caller.actor, given.get("division"), Area.ASSISTANCE)
    count_once(context)
    day = await _day(context, given)
    parameters = await context.engine.dispatcher.parameters.get()
    builder = context.builder()
    bind = binding(builder)
    on = bind(day, "date")
    lo, hi = (bind(bound, "text") for bound in subtree(division))
    rows = builder.rows(
        builder.kinds["case"],
        ("id", "case_no", "division_code", "urban_rural", "member_count", "monthly_income_fen", "monthly_fen"),
        Times(day=on),
        (
            *("t.scheme = 'DIBAO'", "t.state = 'paying'", "t.monthly_income_fen IS NOT NULL"),
            *(f"t.division_code >= {lo}", f"t.division_code < {hi}"),
        ),
    )
    standards = " ".join(
        f"WHEN '{kind.value}' THEN {in_force(bind, parameters.spans(standard_code(kind)), 't.division_code', on)}"
        for kind in UrbanRural
    )
    body = (
        "SELECT coalesce(json_agg(x ORDER BY x.\"overFen\" DESC, x.\"caseNo\"), '[]'::json) AS j, ''::bytea AS i FROM ("
        'SELECT t.id AS "caseId", t.case_no AS "caseNo", t.division_code AS "divisionCode", '
        't.member_count AS "memberCount", t.monthly_income_fen AS "monthlyIncomeFen", s.standard AS "standardFen", '
        't.monthly_income_fen - s.standard * t.member_count AS "overFen", t.monthly_fen AS "monthlyFen" '
        f"FROM ({rows}) t CROSS JOIN LATERAL (SELECT CASE t.urban_rural {standards} END AS standard) s "
        "WHERE t.monthly_income_fen >= s.standard * t.member_count "
        f'ORDER BY "overFen" DESC, t.case_no LIMIT {LIST_LIMIT}) x'
    )
    return await context.run(builder, body)


async def _status(source: Any, info: GraphQLResolveInfo[Any], citizenId: str, **given: Any) -> Any:
    """Whoever is unknown or lives elsewhere is on no assistance here: the answer tells no more of them."""
    context: Context = info.context
    division_within(context.caller.actor, None, Area.ASSISTANCE)
    person = await context.engine.store.find_person(parse_citizen_id(citizenId).number18)
    day = await _day(context, given)
    if person is None:
        return {"dibao": False, "tekun": False}
    builder = context.builder()
    times = Times(day=builder.bind(constant(day).get, "date"))
    id = builder.bind(constant(person).get, "uuid")
    answers = ", ".join(f'{_covered(builder, times, id, name)} AS "{name.lower()}"' for name in ("DIBAO", "TEKUN"))
    return await context.run(builder, f"SELECT row_to_json(x) AS j, uuid_send({id}) AS i FROM (SELECT {answers}) x")


def _covered(builder: Builder, times: Times, person: str, scheme: str) -> str:
    members = builder.rows(builder.kinds["case_member"], ("case_id",), times, (f"t.person_id = {person}", "t.covered"))
    paying = (f"t.scheme = '{scheme}'", "t.state = 'paying'", "t.id = m.case_id")
    cases = builder.rows(builder.kinds["case"], ("id",), times, paying)
    return f"EXISTS (SELECT 1 FROM ({members}) m WHERE EXISTS (SELECT 1 FROM ({cases}) c))"
