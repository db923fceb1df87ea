"""Commands as mutations: the command's dataclass is the input, its docstring the description.

A context's module says `MUTATIONS = mutations_of(domain.assistance)`; a new command needs nothing here.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType, NoneType, UnionType
from typing import Annotated, Any, ClassVar, Union, get_args, get_origin, get_type_hints

import strawberry
from graphql import GraphQLResolveInfo, GraphQLSchema
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.field import StrawberryField

from api.graphql.kinds import camel, described
from api.graphql.scalars import Fen, Position
from api.graphql.types import Namespace, argument, enum_type, field, object_type
from domain.access import RoleCode
from domain.codes import Code
from domain.contexts import CONTEXTS
from domain.errors import BadInput
from domain.kernel import Command, Doc, command_classes

RESULT = "CommandResult"
CLIENT_ID = "clientMutationId"
_LONGEST_CLIENT_ID = 200


@dataclass(frozen=True)
class Mutation:
    """One command as a field of Mutation."""

    command: type[Command]
    many: ClassVar[bool] = False
    """Whether it takes many cases: its input names `caseIds`, and its result is one of each."""
    result: ClassVar[str] = RESULT

    @property
    def given(self) -> tuple[dataclasses.Field[Any], ...]:
        """The command's fields that its input has."""
        return dataclasses.fields(self.command)  # type: ignore[arg-type]

    @property
    def name(self) -> str:
        """Name of the field: the command's, camel case."""
        return self.command.__name__[0].lower() + self.command.__name__[1:]

    @property
    def input_name(self) -> str:
        """Name of the input type."""
        return f"{self.command.__name__}Input"

    @cached_property
    def doc(self) -> str:
        """The command's description, and who may give it."""
        roles = "、".join(role.label for role in RoleCode if role in self.command.ROLES)
        return f"{(self.command.__doc__ or '').strip()}（{roles}） · {self.command.__name__}"

    @cached_property
    def names(self) -> Mapping[str, str]:
        """GraphQL field → dataclass field."""
        return {camel(item.name): item.name for item in dataclasses.fields(self.command)}  # type: ignore[arg-type]

    def build(self, values: Mapping[str, Any]) -> Command:
        """The command that coerced input values make; what is null or left out takes the command's default."""
        given = {
            self.names[name]: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
            if name != CLIENT_ID and value is not None
        }
        return self.command(**given)


def mutations_of(context: ModuleType) -> tuple[Mutation, ...]:
    """Every command of a context, by name; docs/schema.graphql shows what that lets people do.

    Raises TypeError for a package that domain/contexts.py does not name: its commands may not be imported yet.
    """
    if context not in CONTEXTS:
        raise TypeError(f"{context.__name__} is not in domain/contexts.py")
    package = context.__name__
    return tuple(
        Mutation(command)
        for command in command_classes().values()
        if command.MUTATION and (command.__module__ == package or command.__module__.startswith(f"{package}."))
    )


def mutation_type(mutations: Iterable[Mutation], space: Namespace) -> Any:
    """The type Mutation."""
    space[RESULT] = object_type(
        RESULT,
        {
            "position": field(Position, "记入日志的位置，可作查询的 minPosition · log position to wait for", space),
            "ids": field("list[UUID]", "办理或新建的记录标识，按办理顺序 · what was changed or created", space),
            "repeated": field(bool, "此前已按同一 clientMutationId 办理 · nothing was done again", space),
            CLIENT_ID: field("str | None", "原样返回 · as it was given", space),
        },
        "办理结果 · what became of a command",
        space,
    )
    fields = {}
    for each in mutations:
        space[each.input_name] = _input_type(each)
        given = argument("input", each.input_name, "办理内容 · what is decided", space)
        fields[each.name] = field(each.result, each.doc, space, [given])
    return object_type("Mutation", fields, "办理 · decisions made on the platform", space)


def attach_mutations(schema: GraphQLSchema, mutations: Iterable[Mutation]) -> None:
    """Give every mutation its resolver."""
    owner = schema.mutation_type
    assert owner is not None
    for each in mutations:
        owner.fields[each.name].resolve = _resolver(each)


def _resolver(each: Mutation) -> Any:
    async def resolve(source: Any, info: GraphQLResolveInfo[Any], input: Mapping[str, Any]) -> dict[str, Any]:
        client = input.get(CLIENT_ID)
        if client is not None and not 0 < len(client) <= _LONGEST_CLIENT_ID:
            raise BadInput(f"clientMutationId 应为 1 至 {_LONGEST_CLIENT_ID} 个字符。", CLIENT_ID)
        context = info.context
        done = await context.engine.dispatcher.dispatch(each.build(input), context.caller.actor, client or "")
        return {
            "position": done.position,
            "ids": list(done.ids),
            "repeated": done.repeated,
            CLIENT_ID: client,
        }

    return resolve


def _input_type(each: Mutation) -> Any:
    hints = get_type_hints(each.command, include_extras=True)
    fields: dict[str, StrawberryField] = {}
    for item in each.given:
        optional = item.default is not dataclasses.MISSING or item.default_factory is not dataclasses.MISSING
        wanted, doc = _wanted(item.name, hints[item.name])
        if each.many and item.name == "case_id":
            fields["caseIds"] = _input_field(list[wanted], f"{doc}，至多 100 个 · ids of cases")  # type: ignore[valid-type]
            continue
        fields[camel(item.name)] = _input_field(wanted | None if optional else wanted, described(doc, item.name))
    fields[CLIENT_ID] = _input_field(str | None, "同一值只办理一次 · a retry with the same value repeats nothing")
    made = type(each.input_name, (), fields)
    return strawberry.input(made, description=(each.command.__doc__ or "").strip())


def _input_field(wanted: Any, doc: str) -> StrawberryField:
    optional = NoneType in get_args(wanted)
    default: Any = strawberry.UNSET if optional else dataclasses.MISSING
    return StrawberryField(type_annotation=StrawberryAnnotation(wanted), description=doc, default=default)


def _wanted(name: str, hint: Any) -> tuple[Any, str]:
    """What Strawberry is told a command's field is, and its description."""
    doc = ""
    if get_origin(hint) is Annotated:
        hint, *marks = get_args(hint)
        doc = next((mark.text for mark in marks if isinstance(mark, Doc)), "")
    if get_origin(hint) in (Union, UnionType):
        inner = [part for part in get_args(hint) if part is not NoneType]
        wanted, more = _wanted(name, inner[0])
        return wanted | None, doc or more
    if get_origin(hint) is tuple:
        wanted, more = _wanted(name, get_args(hint)[0])
        return list[wanted], doc or more  # type: ignore[valid-type]
    if isinstance(hint, type) and issubclass(hint, Code):
        return enum_type(hint), doc
    return (Fen if hint is int and name.endswith("_fen") else hint), doc
