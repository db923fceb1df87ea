"""What-if in the API: what a changed parameter would do to the whole district. Nothing is recorded."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphql import GraphQLResolveInfo, GraphQLSchema
from strawberry.types.field import StrawberryField

from api.graphql.indicators import count_once, division_within
from api.graphql.scalars import Fen, Position
from api.graphql.types import Namespace, argument, enum_type, field, object_type
from domain.access import Area
from domain.clock import month_of, next_month
from domain.codes import Scheme
from domain.errors import BadInput
from domain.parameters import ParameterVersion
from domain.simulation import Change, Line, Moved, Simulation, Supported, changed, simulate

if TYPE_CHECKING:
    from api.graphql.slow import Context

MOST = 1_000
"""Households named in one answer."""
_ONE = asyncio.Semaphore(1)
"""One at a time in a process: each holds a whole district in memory."""


def fields(space: Namespace) -> dict[str, StrawberryField]:
    """Root field of simulations."""
    space["ChangedParameter"] = object_type("ChangedParameter", _changed_fields(space), "试算的参数 · a change", space)
    space["SimulationLine"] = object_type(
        "SimulationLine", _line_fields(space), "一个街道、类别和资金来源的变化 · of one street, scheme and fund", space
    )
    space["MovedCase"] = object_type("MovedCase", _moved_fields(space), "金额有变化的家庭 · who gains or loses", space)
    space["Simulation"] = object_type("Simulation", _simulation_fields(space), "试算结果 · a what-if", space)
    asked = [
        argument("changes", "list[str]", "参数变化，如“dibao.standard.rural=600元”，可加 @区划代码 · changes", space),
        argument("month", "str | None", "按何月试算 YYYY-MM；不给则为下月 · the month it is tried for", space),
        argument("division", "str | None", "区划代码，含全部下级；不给则为本人辖区 · a division", space),
    ]
    doc = "试算参数调整的影响：谁增谁减、各街道和资金来源增支多少；不写入任何记录 · what a change would do and cost"
    return {"simulate": field("Simulation", doc, space, asked)}


def attach(schema: GraphQLSchema) -> None:
    """Give the field its resolver."""
    query = schema.query_type
    assert query is not None
    query.fields["simulate"].resolve = _simulate


def parse_changes(texts: list[str]) -> tuple[Change, ...]:
    """`code=value` or `code@division=value`, each; raises BadInput."""
    found = []
    for text in texts:
        name, equals, value = text.partition("=")
        code, _, division = name.strip().partition("@")
        if not equals or not code or not value.strip():
            raise BadInput(f"“{text[:60]}”应写作 参数代码=数值，例如 dibao.standard.rural=600元。", "changes")
        found.append(Change(code, value.strip(), division))
    return tuple(found)


async def _simulate(
    source: Any,
    info: GraphQLResolveInfo[Any],
    changes: list[str],
    month: str | None = None,
    division: str | None = None,
) -> dict[str, Any]:
    context: Context = info.context
    actor, dispatcher = context.caller.actor, context.engine.dispatcher
    within = division_within(actor, division, Area.ASSISTANCE)
    count_once(context)
    when = month or next_month(month_of(dispatcher.now().date()))
    parameters = await dispatcher.parameters.get()
    versions = changed(parameters, parse_changes(changes), when, within)
    async with _ONE:
        table = await dispatcher.read(Supported(month=when, division_code=within), actor)
        return as_answer(await asyncio.to_thread(simulate, table, parameters, versions, when))


def as_answer(result: Simulation) -> dict[str, Any]:
    """The result as the schema shows it."""
    pairs = zip(result.changes, result.replaced, strict=True)
    cost = sum(line.cost_fen for line in result.lines)
    return {
        "position": result.position,
        "month": result.month,
        "changes": [_changed(version, before) for version, before in pairs],
        "monthlyCostFen": cost,
        "monthlyCostYuan": _yuan(cost),
        "gaining": sum(line.gaining for line in result.lines),
        "losing": sum(line.losing for line in result.lines),
        "entering": sum(line.entering for line in result.lines),
        "leaving": sum(line.leaving for line in result.lines),
        "unknown": sum(line.unknown for line in result.lines),
        "lines": [_line(line) for line in result.lines],
        "cases": [_moved(moved) for moved in result.moved[:MOST]],
    }


def _yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _changed(version: ParameterVersion, before: ParameterVersion) -> dict[str, Any]:
    return {
        "code": version.code,
        "name": version.name,
        "divisionCode": version.division_code,
        "unitLabel": version.unit.label,
        "before": before.value,
        "after": version.value,
        "legalBasis": before.legal_basis,
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "streetCode": line.street,
        "scheme": line.scheme,
        "schemeLabel": line.scheme.label,
        "fund": line.fund or None,
        "households": line.households,
        "persons": line.persons,
        "beforeFen": line.before_fen,
        "afterFen": line.after_fen,
        "costFen": line.cost_fen,
        "costYuan": _yuan(line.cost_fen),
        "gaining": line.gaining,
        "gainedFen": line.gained_fen,
        "losing": line.losing,
        "lostFen": line.lost_fen,
        "entering": line.entering,
        "leaving": line.leaving,
        "unknown": line.unknown,
    }


def _moved(moved: Moved) -> dict[str, Any]:
    return {
        "caseId": moved.case_id,
        "divisionCode": moved.division_code,
        "scheme": moved.scheme,
        "beforeFen": moved.before_fen,
        "afterFen": moved.after_fen,
    }


def _simulation_fields(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "position": field(Position, "按此日志位置所知 · log position it is of", space),
        "month": field(str, "试算月份 · month", space),
        "changes": field("list[ChangedParameter]", "试算的参数 · changes", space),
        "monthlyCostFen": field(Fen, "每月增支，减支为负 · how much more a month", space),
        "monthlyCostYuan": field(str, "每月增支（元） · the same in yuan", space),
        "gaining": field(int, "增加的户数 · households that gain", space),
        "losing": field(int, "减少的户数 · households that lose", space),
        "entering": field(int, "新符合条件的低保边缘家庭 · households on the margin that enter", space),
        "leaving": field(int, "不再符合条件的户数 · households that leave", space),
        "unknown": field(int, "无法试算的户数：收入不明，或现发而按公式为零 · of which it can't be said", space),
        "lines": field("list[SimulationLine]", "按街道、类别和资金来源 · by street, scheme and fund", space),
        "cases": field("list[MovedCase]", f"变化最大的家庭，至多 {MOST} 户 · who is moved most", space),
    }


def _changed_fields(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "code": field(str, "参数代码 · code", space),
        "name": field(str, "参数名称 · name", space),
        "divisionCode": field(str, "区划代码 · division", space),
        "unitLabel": field(str, "单位 · unit", space),
        "before": field("Whole", "现行数值 · value in force", space),
        "after": field("Whole", "试算数值 · value tried", space),
        "legalBasis": field(str, "现行数值的依据 · legal basis of the value in force", space),
    }


def _line_fields(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "streetCode": field(str, "街道代码 · street", space),
        "scheme": field(enum_type(Scheme), "救助类别 · scheme", space),
        "schemeLabel": field(str, "救助类别（中文名称） · label of scheme", space),
        "fund": field("str | None", "最近一次发放的资金来源；尚未发放时为空 · where its last payment came from", space),
        "households": field(int, "户数 · households", space),
        "persons": field(int, "人数 · persons", space),
        "beforeFen": field(Fen, "现每月支出 · monthly cost now", space),
        "afterFen": field(Fen, "调整后每月支出 · monthly cost then", space),
        "costFen": field(Fen, "每月增支 · difference", space),
        "costYuan": field(str, "每月增支（元） · difference in yuan", space),
        "gaining": field(int, "增加的户数 · households that gain", space),
        "gainedFen": field(Fen, "增加的金额 · what they gain", space),
        "losing": field(int, "减少的户数 · households that lose", space),
        "lostFen": field(Fen, "减少的金额 · what they lose", space),
        "entering": field(int, "新符合条件的户数 · households that enter", space),
        "leaving": field(int, "不再符合条件的户数 · households that leave", space),
        "unknown": field(int, "无法试算的户数 · of which it can't be said", space),
    }


def _moved_fields(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "caseId": field("UUID", "个案标识 · case", space),
        "divisionCode": field(str, "区划代码 · division", space),
        "scheme": field(enum_type(Scheme), "救助类别 · scheme", space),
        "beforeFen": field(Fen, "现每月金额 · amount now", space),
        "afterFen": field(Fen, "调整后每月金额 · amount then", space),
    }
