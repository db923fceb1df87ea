"""The work queue in numbers, and decisions on many cases at once.

A batch is no transaction: each case is decided, appended and answered by itself, as its command alone would be.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from graphql import GraphQLResolveInfo, GraphQLSchema
from strawberry.types.field import StrawberryField

from api.graphql.arguments import constant
from api.graphql.columns import literal
from api.graphql.commands import CLIENT_ID, Mutation
from api.graphql.errors import INTERNAL, internal
from api.graphql.indicators import binding, division_within
from api.graphql.scalars import Position
from api.graphql.sql import Times
from api.graphql.types import Namespace, argument, enum_type, field, object_type
from domain.access import Area, RoleCode, subtree
from domain.assistance.commands import AnnounceGrant, AssignWork, ConfirmCase
from domain.codes import WorkStep
from domain.errors import BadInput, MinzhengError
from domain.kernel import Command

if TYPE_CHECKING:
    from api.graphql.slow import Context

MOST = 100
"""Cases of one batch."""
_LONGEST_CLIENT_ID = 150


@dataclass(frozen=True)
class Batch(Mutation):
    """A command for many cases: the same input with `caseIds` in the place of `caseId`."""

    title: str = ""
    omits: tuple[str, ...] = ()
    """Fields of the command that belong to one case alone; they take their defaults."""
    many: ClassVar[bool] = True
    result: ClassVar[str] = "BatchResult"

    @cached_property
    def doc(self) -> str:
        """The command's description."""
        return f"批量办理，逐案办理、逐案答复，一案不成不影响他案：{Mutation(self.command).doc}"

    @property
    def given(self) -> tuple[dataclasses.Field[Any], ...]:
        """The fields that one value for all cases makes sense of, and the case."""
        return tuple(item for item in super().given if item.name not in self.omits)

    @property
    def name(self) -> str:
        """Name of the field."""
        return self.title

    @property
    def input_name(self) -> str:
        """Name of the input type."""
        return f"{self.title[0].upper()}{self.title[1:]}Input"


BATCHES = (
    Batch(ConfirmCase, "confirmCases", omits=("start_month",)),
    Batch(AnnounceGrant, "announceGrants"),
    Batch(AssignWork, "assignWorkOfCases"),
)
"""Decisions whose input is the same for many cases; what is written about one household has no place here."""


def fields(space: Namespace) -> dict[str, StrawberryField]:
    """Root fields of the work queue."""
    space["WorkCount"] = object_type("WorkCount", _count_fields(space), "待办数量 · open work of a step", space)
    asked = [
        argument("division", "str | None", "区划代码，含全部下级；不给则为本人辖区 · a division", space),
        argument("mine", "bool", "只统计分派给本人的 · only what is assigned to the caller", space, default=False),
        argument("minPosition", "Position | None", "等到读模型达到此日志位置 · wait for a log position", space),
    ]
    doc = "未办事项按环节的数量：已逾期、即将到期、未到期 · open work by step, and how urgent it is today"
    return {"workSummary": field("list[WorkCount]", doc, space, asked)}


def attach(schema: GraphQLSchema) -> None:
    """Give these fields their resolvers."""
    query, mutation = schema.query_type, schema.mutation_type
    assert query is not None
    assert mutation is not None
    query.fields["workSummary"].resolve = _summary
    for batch in BATCHES:
        mutation.fields[batch.name].resolve = _batch_resolver(batch)


def _count_fields(space: Namespace) -> Mapping[str, StrawberryField]:
    return {
        "step": field(enum_type(WorkStep), "办理环节 · step", space),
        "stepLabel": field(str, "办理环节（中文名称） · label of step", space),
        "role": field(enum_type(RoleCode), "由何角色办理 · whose step it is", space),
        "roleLabel": field(str, "由何角色办理（中文名称） · label of role", space),
        "red": field(int, "已逾期 · overdue", space),
        "yellow": field(int, "即将到期 · due soon", space),
        "green": field(int, "未到期 · not due yet", space),
        "total": field(int, "合计 · all of them", space),
    }


async def _summary(source: Any, info: GraphQLResolveInfo[Any], **given: Any) -> list[dict[str, Any]]:
    context: Context = info.context
    actor = context.caller.actor
    division = division_within(actor, given.get("division"), Area.ASSISTANCE)
    await context.engine.wait_for(frozenset({"work"}), given.get("minPosition") or 0)
    builder = context.builder()
    bind = binding(builder)
    lo, hi = (bind(bound, "text") for bound in subtree(division))
    conditions = ["t.open", f"t.scope >= {lo}", f"t.scope < {hi}"]
    if given.get("mine"):
        conditions.append(f"t.assignee = {builder.bind(constant(actor.name).get, 'text')}")
    rows = builder.rows(builder.kinds["work_item"], ("step", "role", "due_on"), Times(), conditions)
    today, soon = builder.day("today"), builder.day("soon")
    body = (
        "SELECT coalesce(json_agg(x), '[]'::json) AS j, ''::bytea AS i FROM (SELECT t.step, t.role, "
        f"count(*) FILTER (WHERE t.due_on < {today}) AS red, "
        f"count(*) FILTER (WHERE t.due_on BETWEEN {today} AND {soon}) AS yellow, "
        f"count(*) FILTER (WHERE t.due_on > {soon}) AS green, count(*) AS total "
        f"FROM ({rows}) t GROUP BY t.step, t.role ORDER BY {_steps()}) x"
    )
    counted = await context.run(builder, body)
    return [_labelled(row) for row in counted]


def _steps() -> str:
    """The steps in the order of a case's way."""
    return f"array_position(ARRAY[{', '.join(literal(step.value) for step in WorkStep)}], t.step)"


def _labelled(row: Mapping[str, Any]) -> dict[str, Any]:
    step, role = WorkStep(row["step"]), RoleCode(row["role"])
    return {**row, "step": step, "stepLabel": step.label, "role": role, "roleLabel": role.label}


def batch_types(space: Namespace) -> None:
    """What becomes of the cases of a batch."""
    space["CaseOutcome"] = object_type(
        "CaseOutcome",
        {
            "caseId": field("UUID", "个案标识 · case", space),
            "ok": field(bool, "是否办成 · whether it was done", space),
            "code": field("str | None", "未办成的原因代码，同 extensions.code · why not", space),
            "message": field("str | None", "未办成的原因 · why not, in a sentence", space),
            "position": field("Position | None", "记入日志的位置 · log position", space),
            "repeated": field(bool, "此前已按同一 clientMutationId 办理 · nothing was done again", space),
        },
        "一个个案的办理结果 · what became of one case",
        space,
    )
    space["BatchResult"] = object_type(
        "BatchResult",
        {
            "outcomes": field(
                "list[CaseOutcome]", "各个案的结果，按所给次序 · one for each case, in their order", space
            ),
            "done": field(int, "办成的件数 · how many were done", space),
            "failed": field(int, "未办成的件数 · how many were not", space),
            "position": field(Position, "最后记入日志的位置，可作查询的 minPosition · last log position", space),
            CLIENT_ID: field("str | None", "原样返回 · as it was given", space),
        },
        "批量办理结果：逐案办理、逐案答复 · a batch, case by case",
        space,
    )


def _batch_resolver(batch: Batch) -> Any:
    async def resolve(source: Any, info: GraphQLResolveInfo[Any], input: Mapping[str, Any]) -> dict[str, Any]:
        context: Context = info.context
        client = input.get(CLIENT_ID)
        if client is not None and not 0 < len(client) <= _LONGEST_CLIENT_ID:
            raise BadInput(f"批量办理的 clientMutationId 应为 1 至 {_LONGEST_CLIENT_ID} 个字符。", CLIENT_ID)
        ids = list(dict.fromkeys(input["caseIds"]))
        if not 0 < len(ids) <= MOST:
            raise BadInput(f"批量办理应有 1 至 {MOST} 个个案，现为 {len(ids)} 个；请分批办理。", "caseIds")
        common = {name: value for name, value in input.items() if name not in ("caseIds", CLIENT_ID)}
        outcomes = []
        for id in ids:
            command = batch.build({**common, "caseId": id})
            outcomes.append({"caseId": id, **await _one(context, command, f"{client} {id}" if client else "")})
        return _result(outcomes, client)

    return resolve


async def _one(context: "Context", command: Command, client: str) -> dict[str, Any]:
    """One case by itself: whatever goes wrong with it says so in its own answer, and the others go on."""
    try:
        done = await context.engine.dispatcher.dispatch(command, context.caller.actor, client)
    except MinzhengError as error:
        return {"ok": False, "code": error.code, "message": str(error), "position": None, "repeated": False}
    except Exception as error:
        return {"ok": False, "code": INTERNAL, "message": internal(error), "position": None, "repeated": False}
    return {"ok": True, "code": None, "message": None, "position": done.position, "repeated": done.repeated}


def _result(outcomes: Sequence[Mapping[str, Any]], client: str | None) -> dict[str, Any]:
    done = sum(bool(outcome["ok"]) for outcome in outcomes)
    return {
        "outcomes": outcomes,
        "done": done,
        "failed": len(outcomes) - done,
        "position": max((outcome["position"] or 0 for outcome in outcomes), default=0),
        CLIENT_ID: client,
    }
