"""Indicators: figures over a division's records, counted when they are asked for, under the caller's scope."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from graphql import GraphQLResolveInfo, GraphQLSchema
from strawberry.types.field import StrawberryField

from api.graphql.arguments import constant
from api.graphql.scalars import Position
from api.graphql.types import Namespace, argument, enum_type, field, object_type
from domain.access import Actor, Area, subtree
from domain.assistance.indicators import INDICATORS as ASSISTANCE
from domain.assistance.oversight import INDICATORS as OVERSIGHT
from domain.care.indicators import CHILDREN
from domain.care.indicators import INDICATORS as CARE
from domain.civic.indicators import INDICATORS as CIVIC
from domain.codes import Breakdown, IndicatorUnit, PopulationBasis
from domain.errors import BadInput, Forbidden, NotFound, TooComplex
from domain.indicators import Indicator, Period, chosen
from domain.medical.indicators import INDICATORS as MEDICAL
from domain.parameters import Parameters
from domain.procurement.indicators import INDICATORS as PROCUREMENT
from domain.relief.indicators import INDICATORS as RELIEF
from projections.assistance import oversight as oversight_figures
from projections.assistance.figures import THRESHOLD, Asked, Bind, counts_sql
from projections.care import figures as care_figures
from projections.civic import figures as civic_figures
from projections.medical import figures as medical_figures
from projections.procurement import figures as procurement_figures
from projections.relief import figures as relief_figures

if TYPE_CHECKING:
    from api.graphql.slow import Context
    from api.graphql.sql import Builder

MOST = 12
"""Fields of one request that may count whole tables: each may read every case of the district."""


@dataclass(frozen=True, slots=True)
class _Counting:
    """The indicators of a context, and the statement that counts what they are made of."""

    area: Area
    indicators: tuple[Indicator, ...]
    sql: Callable[[Bind, Asked, frozenset[str], Parameters], str]
    beside: tuple[str, ...] = ()
    """Projections that are counted beside the one that is called like the area."""
    needs: frozenset[Area] = frozenset()
    """Further areas that whoever asks has to be allowed to read, since rows of theirs are looked at."""

    @property
    def areas(self) -> frozenset[Area]:
        """The areas a reader needs."""
        return self.needs | {self.area}

    @property
    def counts(self) -> frozenset[str]:
        """The counts it gives; none of them is another's, or it would be added up twice."""
        return frozenset(name for indicator in self.indicators for name in indicator.counts)

    @property
    def projections(self) -> frozenset[str]:
        """The projections that are read."""
        return frozenset({self.area.value, *self.beside})


_COUNTING = (
    _Counting(
        Area.ASSISTANCE, ASSISTANCE, lambda bind, asked, names, at: counts_sql(bind, asked, names, at.spans(THRESHOLD))
    ),
    _Counting(Area.ASSISTANCE, OVERSIGHT, oversight_figures.counts_sql, beside=("findings",)),
    _Counting(Area.CARE, CARE, care_figures.counts_sql, beside=("registry", "facilities")),
    _Counting(Area.CARE, CHILDREN, care_figures.counts_sql, beside=("registry",), needs=frozenset({Area.REGISTRY})),
    _Counting(Area.RELIEF, RELIEF, relief_figures.counts_sql, beside=("facilities",)),
    _Counting(Area.MEDICAL, MEDICAL, lambda bind, asked, names, at: medical_figures.counts_sql(bind, asked, names, ())),
    _Counting(
        Area.PROCUREMENT,
        PROCUREMENT,
        lambda bind, asked, names, at: procurement_figures.counts_sql(
            bind, asked, names, at.spans(procurement_figures.POPULATION)
        ),
    ),
    _Counting(Area.CIVIC, CIVIC, lambda bind, asked, names, at: civic_figures.counts_sql(bind, asked, names)),
)
"""A context with indicators is added here; its projection is called like its area."""
INDICATORS = tuple(indicator for counting in _COUNTING for indicator in counting.indicators)
_COUNTED_BY = {indicator.name: counting for counting in _COUNTING for indicator in counting.indicators}
_LENGTHS = {None: 0, Breakdown.STREET: 9, Breakdown.COMMUNITY: 12}
_REST = {9: "（未分到街道）", 12: "（未分到村、社区）"}


def fields(space: Namespace) -> dict[str, StrawberryField]:
    """Root fields of indicators."""
    space["Figure"] = object_type("Figure", _figure_fields(space), "指标数值 · an indicator's figure", space)
    space["Indicator"] = object_type("Indicator", _indicator_fields(space), "指标 · an indicator", space)
    space["Breakdown"] = enum_type(Breakdown)
    asked = [
        argument(
            "names",
            "list[str] | None",
            "指标名称；不给则为社会救助的全部 · names of indicators; without any, those of social assistance",
            space,
        ),
        argument("division", "str | None", "区划代码，含全部下级；不给则为本人辖区 · a division", space),
        argument("period", "str", "YYYY-MM、YYYY 或 YYYY-MM/YYYY-MM · a month, a year or months in a row", space),
        argument("by", "Breakdown | None", "按下级区划分组 · one row for each street or community", space),
        argument("asOf", "datetime | None", "按当时所知 · as it was known at this time (recorded time)", space),
        argument("atPosition", "Position | None", "按此日志位置所知 · as it was known at a log position", space),
        argument("minPosition", "Position | None", "等到读模型达到此日志位置 · wait for a log position", space),
    ]
    return {
        "indicators": field("list[Figure]", "辖区统计指标 · figures of your divisions", space, asked),
        "indicatorDefinitions": field("list[Indicator]", "有哪些指标、如何计算 · what there is to ask for", space),
    }


def attach(schema: GraphQLSchema) -> None:
    """Give these fields their resolvers."""
    query = schema.query_type
    assert query is not None
    query.fields["indicators"].resolve = _indicators
    query.fields["indicatorDefinitions"].resolve = lambda source, info: [_definition(each) for each in INDICATORS]


def _figure_fields(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "name": field(str, "指标名称 · name of the indicator", space),
        "label": field(str, "指标（中文名称） · label", space),
        "divisionCode": field(str, "区划代码 · division", space),
        "divisionName": field(str, "区划名称 · name of the division", space),
        "period": field(str, "期间 · period", space),
        "value": field("Whole | None", "数值；没有可除的数时为空 · the figure, in its unit", space),
        "target": field("Whole | None", "规划目标 · what the plan wants at least", space),
        **_plan_fields(space),
        "unit": field(enum_type(IndicatorUnit), "单位 · unit", space),
        "unitLabel": field(str, "单位（中文名称） · label of unit", space),
        "populationBasis": field(enum_type(PopulationBasis), "人口口径 · population basis", space),
        "populationBasisLabel": field(str, "人口口径（中文名称） · label of population basis", space),
        "position": field(Position, "数据截至的日志位置，可用 atPosition 重做 · log position it is of", space),
    }


def _indicator_fields(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "name": field(str, "指标名称 · name", space),
        "label": field(str, "指标（中文名称） · label", space),
        "unit": field(enum_type(IndicatorUnit), "单位 · unit", space),
        "unitLabel": field(str, "单位（中文名称） · label of unit", space),
        "populationBasis": field(enum_type(PopulationBasis), "人口口径 · population basis", space),
        "populationBasisLabel": field(str, "人口口径（中文名称） · label of population basis", space),
        "formula": field(str, "计算方法 · formula", space),
        "source": field(str, "依据 · law, plan or statistical rule", space),
        "additive": field(bool, "下级之和是否等于上级 · whether parts add up", space),
        "target": field("Whole | None", "规划目标 · what the plan wants at least", space),
        **_plan_fields(space),
    }


def _plan_fields(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "planValue": field("Whole | None", "规划所载数值，同单位 · what the plan itself states", space),
        "planYear": field(
            "str | None", "规划所载数值的年度；规划未写明的为空 · the year or years it states that for", space
        ),
    }


def _definition(indicator: Indicator) -> dict[str, Any]:
    return {
        "name": indicator.name,
        "label": indicator.label,
        "unit": indicator.unit,
        "unitLabel": indicator.unit.label,
        "populationBasis": indicator.basis,
        "populationBasisLabel": indicator.basis.label,
        "formula": indicator.formula,
        "source": indicator.source,
        "additive": indicator.additive,
        "target": indicator.target,
        "planValue": indicator.plan_value,
        "planYear": indicator.plan_year or None,
    }


async def _indicators(source: Any, info: GraphQLResolveInfo[Any], period: str, **given: Any) -> list[dict[str, Any]]:
    context: Context = info.context
    engine = context.engine
    actor, names = context.caller.actor, given.get("names")
    theirs = [each for each in INDICATORS if names or _COUNTED_BY[each.name].areas <= actor.areas]
    wanted = chosen(theirs, names)
    asked = Period.parse(period, engine.dispatcher.now().date())
    counting = {_COUNTED_BY[each.name] for each in wanted}
    areas = {area for each in counting for area in each.areas} or {Area.ASSISTANCE}
    for area in sorted(areas):
        division = division_within(actor, given.get("division"), area)
    count_once(context)
    when = (given.get("asOf"), given.get("atPosition"), given.get("minPosition"))
    position = await position_of(context, *when, of={name for each in counting for name in each.projections})
    found = await _counted(context, wanted, asked, division, given.get("by"), position)
    return [row for each in wanted for row in _rows(each, asked, found)]


def division_within(actor: Actor, division: str | None, area: Area) -> str:
    """The division asked for, the actor's own where none is; raises Forbidden, BadInput or NotFound.

    A figure of a part would pass for that of the whole: so a larger division than one's own is refused.
    """
    if area not in actor.areas:
        raise Forbidden(f"角色“{actor.role.label}”无权查看{area.label}的统计数据。")
    if division is None:
        return actor.division_code
    if not (division.isascii() and division.isdigit() and 2 <= len(division) <= 12):
        raise BadInput("division 应为 2 至 12 位数字的区划代码。", "division")
    if not actor.covers(division):
        raise NotFound(f"没有找到区划 {division}，或不在您的管辖范围内。")
    return division


def count_once(context: "Context") -> None:
    """Note one more field that counts whole tables; raises TooComplex where a request has too many of them."""
    context.counted += 1
    if context.counted > MOST:
        raise TooComplex(f"一次查询至多统计 {MOST} 次，请拆分查询。")


async def position_of(
    context: "Context",
    as_of: datetime | None,
    position: int | None,
    least: int | None,
    of: Iterable[str] = (Area.ASSISTANCE.value,),
) -> int | None:
    """The position asked for, None for the present; returns when the read models have got there."""
    engine = context.engine
    if as_of is not None and position is not None:
        raise BadInput("asOf 与 atPosition 只能给一个。", "asOf")
    if as_of is not None:
        position = await engine.log.position_at(as_of)
    if position is not None and position > await engine.log.head():
        raise BadInput(f"日志还没有位置 {position}。", "atPosition")
    await engine.wait_for(frozenset({"registry", *of}), max(position or 0, least or 0))
    return position


@dataclass(frozen=True, slots=True)
class _Counted:
    counts: Mapping[str, Mapping[str, int]]
    """By division code."""
    names: Mapping[str, str]
    position: int


async def _counted(
    context: "Context",
    indicators: tuple[Indicator, ...],
    period: Period,
    division: str,
    by: Breakdown | None,
    position: int | None,
) -> _Counted:
    builder = context.builder()
    bind = binding(builder)
    length = max(_LENGTHS[by], len(division) if by is not None else 0)
    lo, hi = (bind(bound, "text") for bound in subtree(division))
    asked = Asked(
        period,
        lo,
        hi,
        group=f"left(f.division_code, {length})" if length else bind(division, "text"),
        position="" if position is None else bind(position, "bigint"),
        length=length,
    )
    names = frozenset(name for each in indicators for name in each.counts)
    parameters = await context.engine.dispatcher.parameters.get()
    wanted = {_COUNTED_BY[each.name] for each in indicators}
    counting = [each for each in _COUNTING if each in wanted]
    counted = " UNION ALL ".join(each.sql(bind, asked, names & each.counts, parameters) for each in counting)
    written = ", ".join(f"'{name}'" for name in sorted({name for each in counting for name in each.projections}))
    # Divisions that were there at some time of the period; the one asked for itself stands for what is in no part.
    there = (
        f"d.code >= {lo} AND d.code < {hi} AND d.opened_on <= {bind(period.last, 'date')} "
        f"AND (d.closed_on IS NULL OR d.closed_on > {bind(period.first, 'date')})"
    )
    body = (
        "SELECT json_build_object("
        f"'counts', (SELECT coalesce(json_agg(json_build_array(x.g, x.c)), '[]'::json) FROM ({counted}) x), "
        f"'names', (SELECT coalesce(json_object_agg(d.code, d.name), '{{}}'::json) FROM division d WHERE {there}), "
        f"'position', (SELECT min(position) FROM read.projection WHERE name IN ({written}))) AS j, ''::bytea AS i"
    )
    answer = await context.run(builder, body)
    listed = [code for code in answer["names"] if len(code) == length] if length else [division]
    sums: dict[str, dict[str, int]] = {code: dict.fromkeys(names, 0) for code in sorted(listed) or [division]}
    for code, counts in answer["counts"]:
        of_group = sums.setdefault(code, dict.fromkeys(names, 0))
        for name, value in counts.items():
            of_group[name] += int(value)
    labels = {code: _label(code, length, answer["names"]) for code in sums}
    return _Counted(dict(sorted(sums.items())), labels, answer["position"] if position is None else position)


def _label(code: str, length: int, names: Mapping[str, str]) -> str:
    return names.get(code, code) + (_REST.get(length, "") if length and len(code) < length else "")


def binding(builder: "Builder") -> Any:
    """`Builder.bind` for plain values: the same one is sent once."""
    known: dict[tuple[str, str], str] = {}

    def bind(value: Any, sql_type: str) -> str:
        place = known.get((repr(value), sql_type))
        if place is None:
            place = known[repr(value), sql_type] = builder.bind(constant(value).get, sql_type)
        return place

    return bind


def _rows(indicator: Indicator, period: Period, found: _Counted) -> Iterable[dict[str, Any]]:
    for code, counts in found.counts.items():
        yield {
            **{key: value for key, value in _definition(indicator).items() if key not in ("formula", "source")},
            "divisionCode": code,
            "divisionName": found.names[code],
            "period": period.text,
            "value": indicator.value(counts),
            "position": found.position,
        }
