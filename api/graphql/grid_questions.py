"""Questions of the grid that no list answers alone: who lives alone and was not called on, and incidents in numbers."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from graphql import GraphQLResolveInfo, GraphQLSchema
from strawberry.types.field import StrawberryField

from api.graphql.columns import literal
from api.graphql.indicators import binding, count_once, division_within
from api.graphql.sql import LIST_LIMIT, Times
from api.graphql.types import Namespace, argument, enum_type, field, object_type
from domain.access import Area, subtree
from domain.clock import month_of
from domain.codes import IncidentType
from domain.errors import BadInput, Forbidden
from domain.grid.alone import born_by, month_span
from domain.grid.resident import MET

if TYPE_CHECKING:
    from api.graphql.slow import Context

_MET = ", ".join(literal(result.value) for result in sorted(MET))
_RESOLVED = "('resolved', 'verified', 'closed')"


def fields(space: Namespace) -> dict[str, StrawberryField]:
    """Root fields of these questions."""
    space["AloneElder"] = object_type("AloneElder", _elder_fields(space), "当月未见到的独居高龄老人", space)
    space["GridFigure"] = object_type("GridFigure", _grid_fields(space), "网格人口状况", space)
    space["IncidentFigure"] = object_type("IncidentFigure", _figure_fields(space), "网格事件统计", space)
    division = argument("division", "str | None", "区划代码，含全部下级；不给则为本人辖区 · a division", space)
    least = argument("minPosition", "Position | None", "等到读模型达到此日志位置 · wait for a log position", space)
    return {
        "aloneUnvisited": field(
            "list[AloneElder]",
            "采集为独居、年满参数 grid.alone_age（80 周岁）、该月尚未走访见到本人的居民，久未见到的在前，"
            f"至多 {LIST_LIMIT} 人 · "
            "residents who said they live alone, old enough by the registry, whom nobody met in the month",
            space,
            [
                division,
                argument("month", "str | None", "月份 YYYY-MM；不给则为本月 · a month", space),
                argument(
                    "mine", "bool", "只列本人今日负责的网格 · only in the caller's own grids", space, default=False
                ),
                least,
            ],
        ),
        "gridFigures": field(
            "list[GridFigure]",
            "各网格的人口状况，按在册的网格居民（实有人口）和人口登记；未定网格的列在空代码下 · "
            "who lives in each grid: listed residents (actual population) with what the registry says of them",
            space,
            [division, least],
        ),
        "incidentStatistics": field(
            "list[IncidentFigure]",
            "一段时间内上报的网格事件，按街道和类型 · incidents reported in a time, by street and type",
            space,
            [
                division,
                argument("since", "date", "上报首日 · first day", space),
                argument("until", "date", "上报末日（含） · last day, counted", space),
                least,
            ],
        ),
    }


def attach(schema: GraphQLSchema) -> None:
    """Give these fields their resolvers."""
    query = schema.query_type
    assert query is not None
    query.fields["aloneUnvisited"].resolve = _alone
    query.fields["gridFigures"].resolve = _figures
    query.fields["incidentStatistics"].resolve = _statistics


def _elder_fields(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "personId": field("UUID", "人员标识 · person", space),
        "name": field(str, "姓名 · name", space),
        "birthOn": field("date", "出生日期 · date of birth", space),
        "divisionCode": field(str, "区划代码 · division", space),
        "gridCode": field(str, "网格代码；空为未定 · grid", space),
        "surveyedOn": field("date | None", "采集日期 · when they said so", space),
        "metOn": field("date | None", "最近一次走访见到本人的日期 · when somebody last met them", space),
        "worker": field("str | None", "已分派给谁走访 · whose visit it is", space),
        "dueOn": field("date | None", "走访期限 · by when", space),
    }


def _grid_fields(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "divisionCode": field(str, "区划代码 · division", space),
        "gridCode": field(str, "网格代码；空为未定 · grid", space),
        "households": field(int, "户数（人口登记中的家庭） · households", space),
        "persons": field(int, "人数 · persons", space),
        "women": field(int, "女性 · women", space),
        "children": field(int, "未满 18 周岁 · under 18", space),
        "elders": field(int, "60 周岁及以上 · 60 and older", space),
        "aged": field(int, "80 周岁及以上 · 80 and older", space),
        "alone": field(int, "采集为独居的 · living alone, by survey", space),
        "dibao": field("int | None", "在保的低保对象；无权查看社会救助的为空 · on dibao", space),
        "tekun": field("int | None", "特困供养对象；无权查看社会救助的为空 · on tekun", space),
    }


def _figure_fields(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "streetCode": field(str, "街道代码 · street", space),
        "type": field(enum_type(IncidentType), "事件类型 · type", space),
        "typeLabel": field(str, "事件类型（中文名称） · label of type", space),
        "reported": field(int, "上报件数，不含重复上报 · reported, without duplicates", space),
        "open": field(int, "未结案件数 · not closed yet", space),
        "resolved": field(int, "已处置件数 · resolved", space),
        "late": field(int, "逾期处置件数（来源系统的历史事件无时限，不计） · resolved late", space),
        "escalated": field(int, "逾期升级过的件数 · escalated at some time", space),
        "duplicates": field(int, "重复上报件数 · duplicates", space),
    }


async def _alone(source: Any, info: GraphQLResolveInfo[Any], **given: Any) -> Any:
    """Who lives alone is what they said when they were asked; how old they are is what the registry says."""
    context: Context = info.context
    actor = context.caller.actor
    division = division_within(actor, given.get("division"), Area.GRID)
    if Area.REGISTRY not in actor.areas:
        raise Forbidden(f"角色“{actor.role.label}”无权查看人员名单。")
    count_once(context)
    engine = context.engine
    await engine.wait_for(frozenset({"grid", "registry"}), given.get("minPosition") or 0)
    today = engine.dispatcher.now().date()
    month = given.get("month") or month_of(today)
    first, after = month_span(month)
    age = (await engine.dispatcher.parameters.get()).value("grid.alone_age", division, today)
    builder = context.builder()
    bind = binding(builder)
    lo, hi = (bind(bound, "text") for bound in subtree(division))
    born = bind(born_by(min(today, after - timedelta(days=1)), age), "date")
    columns = ("id", "person_id", "division_code", "grid_code", "surveyed_on", "met_on")
    listed = ["t.living = 'alone'", "t.ended IS NULL", f"t.scope >= {lo}", f"t.scope < {hi}"]
    if given.get("mine"):
        listed.append(_mine(builder, bind(actor.acts_for or actor.name, "text"), bind(today, "date")))
    residents = builder.rows(builder.kinds["resident"], columns, Times(), listed)
    old = ("t.id = r.person_id", f"t.birth_on <= {born}", "t.state IN ('provisional', 'verified')")
    persons = builder.rows(builder.kinds["person"], ("id", "name", "birth_on"), Times(), old)
    met = (f"t.visited_on >= {bind(first, 'date')}", f"t.visited_on < {bind(after, 'date')}", f"t.result IN ({_MET})")
    visits = builder.rows(builder.kinds["grid_visit"], ("id",), Times(), ("t.person_id = r.person_id", *met))
    waiting = ("t.person_id = r.person_id", "t.open")
    allocated = builder.rows(
        builder.kinds["grid_visit"], ("worker", "due_on"), Times(), waiting, " ORDER BY t.due_on, t.worker LIMIT 1"
    )
    body = (
        "SELECT coalesce(json_agg(x), '[]'::json) AS j, "
        "coalesce(string_agg(uuid_send(x.\"personId\"), ''::bytea), ''::bytea) AS i FROM ("
        'SELECT p.id AS "personId", p.name AS "name", p.birth_on AS "birthOn", r.division_code AS "divisionCode", '
        'r.grid_code AS "gridCode", r.surveyed_on AS "surveyedOn", r.met_on AS "metOn", v.worker AS "worker", '
        f'v.due_on AS "dueOn" FROM ({residents}) r CROSS JOIN LATERAL ({persons}) p '
        f"LEFT JOIN LATERAL ({allocated}) v ON true WHERE NOT EXISTS ({visits}) "
        f"ORDER BY r.met_on NULLS FIRST, p.birth_on, p.id LIMIT {LIST_LIMIT}) x"
    )
    return await context.run(builder, body)


def _mine(builder: Any, worker: str, today: str) -> str:
    held = (f"t.worker = {worker}", f"t.from_on <= {today}", f"(t.to_on IS NULL OR t.to_on >= {today})")
    return f"t.grid_code IN ({builder.rows(builder.kinds['grid_worker'], ('grid_code',), Times(), held)})"


async def _figures(source: Any, info: GraphQLResolveInfo[Any], **given: Any) -> Any:
    """As they stand now. Whoever may not read assistance is told nothing of it, rather than that nobody is on it."""
    context: Context = info.context
    actor = context.caller.actor
    division = division_within(actor, given.get("division"), Area.GRID)
    if Area.REGISTRY not in actor.areas:
        raise Forbidden(f"角色“{actor.role.label}”无权查看人口统计。")
    count_once(context)
    engine = context.engine
    helped = Area.ASSISTANCE in actor.areas
    read = {"grid", "registry", *(("assistance",) if helped else ())}
    await engine.wait_for(frozenset(read), given.get("minPosition") or 0)
    today = engine.dispatcher.now().date()
    builder = context.builder()
    bind = binding(builder)
    lo, hi = (bind(bound, "text") for bound in subtree(division))
    listed = ("t.ended IS NULL", f"t.scope >= {lo}", f"t.scope < {hi}")
    residents = builder.rows(
        builder.kinds["resident"], ("person_id", "division_code", "grid_code", "living"), Times(), listed
    )
    living = ("t.state IN ('provisional', 'verified')",)
    persons = builder.rows(builder.kinds["person"], ("id", "sex", "birth_on", "household_id"), Times(), living)
    age = {years: f"p.birth_on <= {bind(born_by(today, years), 'date')}" for years in (18, 60, 80)}
    counts = {
        "households": "count(DISTINCT p.household_id)",
        "persons": "count(*)",
        "women": "count(*) FILTER (WHERE p.sex = '2')",
        "children": f"count(*) FILTER (WHERE p.birth_on IS NOT NULL AND NOT {age[18]})",
        "elders": f"count(*) FILTER (WHERE {age[60]})",
        "aged": f"count(*) FILTER (WHERE {age[80]})",
        "alone": "count(*) FILTER (WHERE r.living = 'alone')",
        **{name.lower(): _helped(builder, name) if helped else "NULL::bigint" for name in ("DIBAO", "TEKUN")},
    }
    told = ", ".join(f'{counted} AS "{name}"' for name, counted in counts.items())
    body = (
        "SELECT coalesce(json_agg(x), '[]'::json) AS j, ''::bytea AS i FROM ("
        f'SELECT r.division_code AS "divisionCode", r.grid_code AS "gridCode", {told} '
        f"FROM ({residents}) r JOIN ({persons}) p ON p.id = r.person_id GROUP BY 1, 2 ORDER BY 1, 2) x"
    )
    return await context.run(builder, body)


def _helped(builder: Any, scheme: str) -> str:
    paying = (f"t.scheme = '{scheme}'", "t.state = 'paying'")
    cases = builder.rows(builder.kinds["case"], ("id",), Times(), paying)
    covered = ("t.covered", f"t.case_id IN ({cases})")
    members = builder.rows(builder.kinds["case_member"], ("person_id",), Times(), covered)
    return f"count(*) FILTER (WHERE p.id IN ({members}))"


async def _statistics(source: Any, info: GraphQLResolveInfo[Any], since: date, until: date, **given: Any) -> Any:
    """As they stand now: an incident counts under the street and type it has, in the time it was reported."""
    context: Context = info.context
    division = division_within(context.caller.actor, given.get("division"), Area.GRID)
    if until < since:
        raise BadInput("末日早于首日，请核对。", "until")
    count_once(context)
    await context.engine.wait_for(frozenset({"grid"}), given.get("minPosition") or 0)
    builder = context.builder()
    bind = binding(builder)
    lo, hi = (bind(bound, "text") for bound in subtree(division))
    conditions = [f"t.scope >= {lo}", f"t.scope < {hi}"]
    conditions += [f"t.reported_on >= {bind(since, 'date')}", f"t.reported_on <= {bind(until, 'date')}"]
    columns = ("division_code", "type", "state", "open", "late", "escalated_at")
    rows = builder.rows(builder.kinds["incident"], columns, Times(), conditions)
    body = (
        "SELECT coalesce(json_agg(x), '[]'::json) AS j, ''::bytea AS i FROM ("
        'SELECT left(t.division_code, 9) AS "streetCode", t.type, '
        "count(*) FILTER (WHERE t.state <> 'duplicate') AS reported, count(*) FILTER (WHERE t.open) AS open, "
        f"count(*) FILTER (WHERE t.state IN {_RESOLVED}) AS resolved, count(*) FILTER (WHERE t.late) AS late, "
        "count(t.escalated_at) AS escalated, count(*) FILTER (WHERE t.state = 'duplicate') AS duplicates "
        f"FROM ({rows}) t GROUP BY 1, 2 ORDER BY 1, 2) x"
    )
    counted = await context.run(builder, body)
    return [{**row, "type": IncidentType(row["type"]), "typeLabel": IncidentType(row["type"]).label} for row in counted]


async def features_of(
    context: "Context", kind: str, columns: tuple[str, ...], conditions: list[str], division: str, most: int
) -> list[Any]:
    """Rows of a kind as GeoJSON features: the first column is the geometry, the second the id, the third the order."""
    builder = context.builder()
    lo, hi = (binding(builder)(bound, "text") for bound in subtree(division))
    within = [f"t.scope >= {lo}", f"t.scope < {hi}", *conditions]
    rows = builder.rows(builder.kinds[kind], columns, Times(), within, f" LIMIT {most}")
    geometry, id, *others = columns
    told = ", ".join(f"'{name}', t.{name}" for name in others)
    body = (
        f"SELECT coalesce(json_agg(json_build_object('type', 'Feature', 'id', t.{id}, 'geometry', t.{geometry}::json, "
        f"'properties', json_build_object({told})) ORDER BY t.{others[0]}, t.{id}), '[]'::json) AS j, "
        f"''::bytea AS i FROM ({rows}) t"
    )
    found: list[Any] = await context.run(builder, body)
    return found
