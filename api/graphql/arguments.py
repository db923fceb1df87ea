"""Arguments without their values: where in a request each value will be found.

A statement is compiled once for a document and the *shape* of its variables (which are given, which lists hold one
value), and then serves every request of that shape. So an argument is a `Given` that fetches its value from the
request's environment, or a dict of them for an input object, or NULL.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_named_type,
    value_from_ast,
)


class _Null:
    def __repr__(self) -> str:
        return "NULL"


NULL: Final = _Null()
"""The argument was given, as null."""


@dataclass(slots=True)
class Environment:
    """What one request's values are fetched from: coerced variables, and what was looked up before the statement."""

    variables: Mapping[str, Any]
    looked_up: list[Any] = field(default_factory=list)


Get = Callable[[Environment], Any]


@dataclass(frozen=True, slots=True)
class Given:
    """A value that `get` fetches at run time. `single`: it is a list of exactly one value, in every such request."""

    get: Get
    single: bool = False
    known: bool = False
    """Whether it is a constant of the document."""


Argument = Given | _Null | dict[str, "Argument"]


def constant(value: Any) -> Given:
    """A value known already."""
    return Given(lambda env: value, isinstance(value, list) and len(value) == 1, known=True)


def shape_of(value: Any) -> Any:
    """What of a variable's value a statement depends on; hashable."""
    if value is None:
        return None
    if isinstance(value, dict):
        return tuple((name, shape_of(value[name])) for name in sorted(value))
    if isinstance(value, list):
        return len(value) == 1
    return ""


def arguments(definition: GraphQLField, node: FieldNode, variables: Mapping[str, Any]) -> dict[str, Argument]:
    """The arguments of one field in a validated document, those left out and without default missing."""
    given = {argument.name.value: argument.value for argument in node.arguments or ()}
    found: dict[str, Argument] = {}
    for name, expected in definition.args.items():
        argument = _argument(given[name], expected.type, variables) if name in given else None
        if argument is None and expected.default_value is not Undefined:
            argument = constant(expected.default_value)
        if argument is not None:
            found[name] = argument
    return found


def from_values(values: Mapping[str, Any]) -> dict[str, Argument]:
    """Arguments that are coerced values already, as resolvers are given them."""
    return {name: _known(value) for name, value in values.items()}


def _known(value: Any) -> Argument:
    if value is None:
        return NULL
    if isinstance(value, dict):
        return {name: _known(inner) for name, inner in value.items()}
    return constant(value)


def _argument(node: ValueNode, expected: GraphQLInputType, variables: Mapping[str, Any]) -> Argument | None:
    """The symbolic value of a literal; None where it is a variable that was not given."""
    if isinstance(node, VariableNode):
        name = node.name.value
        return _reference(variables[name], (name,)) if name in variables else None
    if isinstance(node, NullValueNode):
        return NULL
    expected = expected.of_type if isinstance(expected, GraphQLNonNull) else expected
    if isinstance(expected, GraphQLInputObjectType) and isinstance(node, ObjectValueNode):
        return _object(node, expected, variables)
    if isinstance(expected, GraphQLList):
        return _list(node, expected, variables)
    return constant(value_from_ast(node, expected))


def _object(node: ObjectValueNode, expected: GraphQLInputObjectType, variables: Mapping[str, Any]) -> Argument:
    given = {item.name.value: item.value for item in node.fields or ()}
    found: dict[str, Argument] = {}
    for name, definition in expected.fields.items():
        argument = _argument(given[name], definition.type, variables) if name in given else None
        if argument is None and definition.default_value is not Undefined:
            argument = constant(definition.default_value)
        if argument is not None:
            found[name] = argument
    return found


def _list(node: ValueNode, expected: GraphQLList[Any], variables: Mapping[str, Any]) -> Argument:
    if not isinstance(node, ListValueNode):  # one value stands for a list of one
        item = _argument(node, expected.of_type, variables)
        if not isinstance(item, Given):
            return NULL
        one = item.get
        return Given(lambda env: [one(env)], single=True)
    items = [_argument(item, expected.of_type, variables) for item in node.values]
    gets = [item.get if isinstance(item, Given) else _none for item in items]
    return Given(lambda env: [get(env) for get in gets], single=len(gets) == 1)


def _none(env: Environment) -> None:
    return None


def _reference(value: Any, path: tuple[str, ...]) -> Argument:
    if value is None:
        return NULL
    if isinstance(value, dict):
        return {name: _reference(inner, (*path, name)) for name, inner in value.items()}
    return Given(_getter(path), isinstance(value, list) and len(value) == 1)


def _getter(path: tuple[str, ...]) -> Get:
    first, *rest = path
    if not rest:
        return lambda env: env.variables[first]
    if len(rest) == 1:
        second = rest[0]
        return lambda env: env.variables[first][second]

    def walk(env: Environment) -> Any:
        value = env.variables[first]
        for name in rest:
            value = value[name]
        return value

    return walk


def is_input_object(expected: GraphQLInputType) -> bool:
    """Whether an argument takes an input object."""
    return isinstance(get_named_type(expected), GraphQLInputObjectType)
