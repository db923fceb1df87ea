"""How large a document may be before anyone looks at what it means.

Validation itself can be made expensive (fields that overlap are compared in pairs), so tokens are limited while
parsing, depth and aliases before validation, and cost when the limits of its lists are known.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from domain.errors import TooComplex


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may ask for."""

    body: int = 256 * 1024
    """Bytes of a request."""
    tokens: int = 2000
    depth: int = 14
    """Nested selections; a schema's introspection counts as 13."""
    fields: int = 1000
    """Fields after spreading fragments."""
    aliases: int = 100
    cost: int = 50_000
    """Rows, in the worst case."""


@dataclass(slots=True)
class _Size:
    depth: int = 0
    fields: int = 0
    aliases: int = 0


def check_document(document: DocumentNode, limits: Limits) -> None:
    """Raise TooComplex where any operation of the document is over the limits."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    known: dict[str, _Size] = {}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            _check(_size(definition.selection_set, fragments, known, frozenset()), limits)


def _check(size: _Size, limits: Limits) -> None:
    for what, found, most in (
        ("嵌套层数", size.depth, limits.depth),
        ("字段数", size.fields, limits.fields),
        ("别名数", size.aliases, limits.aliases),
    ):
        if found > most:
            raise TooComplex(f"查询过于复杂：{what}为 {found}，上限为 {most}；请拆分查询。")


def check_cost(cost: int, limits: Limits) -> None:
    """Raise TooComplex where a read is over its budget of rows."""
    if cost > limits.cost:
        raise TooComplex(f"查询过于复杂：最多可能读取 {cost} 行，上限为 {limits.cost} 行；请减小 first 或拆分查询。")


def _size(
    selections: SelectionSetNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    known: dict[str, _Size],
    inside: frozenset[str],
) -> _Size:
    total = _Size(depth=1)
    for selection in selections.selections:
        part = _Size()
        if isinstance(selection, FieldNode):
            part.fields, part.aliases = 1, int(selection.alias is not None)
            if selection.selection_set is not None:
                below = _size(selection.selection_set, fragments, known, inside)
                part = _Size(below.depth + 1, below.fields + 1, below.aliases + part.aliases)
        elif isinstance(selection, FragmentSpreadNode):
            part = _fragment(selection.name.value, fragments, known, inside)
        elif (body := getattr(selection, "selection_set", None)) is not None:
            part = _size(body, fragments, known, inside)
        total = _Size(max(total.depth, part.depth), total.fields + part.fields, total.aliases + part.aliases)
    return total


def _fragment(
    name: str, fragments: Mapping[str, FragmentDefinitionNode], known: dict[str, _Size], inside: frozenset[str]
) -> _Size:
    """The size of a fragment, computed once; unknown ones and cycles are for validation to refuse."""
    if name in inside or name not in fragments:
        return _Size()
    if name not in known:
        known[name] = _size(fragments[name].selection_set, fragments, known, inside | {name})
    return known[name]
