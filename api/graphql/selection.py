"""Which fields a selection asks for, fragments spread and @skip / @include decided."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
)

Fragments = Mapping[str, FragmentDefinitionNode]
Fields = dict[str, list[FieldNode]]
"""Response key → the nodes that ask for it, in the order of their first mention."""


def fragments_of(document: DocumentNode) -> Fragments:
    """The document's fragments by name."""
    return {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}


def collect(
    sets: Iterable[SelectionSetNode | None], type_name: str, fragments: Fragments, variables: Mapping[str, Any]
) -> Fields:
    """The fields of one object; the same answer as the executor's own collection for a schema of object types."""
    found: Fields = {}
    seen: set[str] = set()
    for selections in sets:
        if selections is not None:
            _collect(selections.selections, type_name, fragments, variables, seen, found)
    return found


def _collect(
    selections: Iterable[SelectionNode],
    type_name: str,
    fragments: Fragments,
    variables: Mapping[str, Any],
    seen: set[str],
    found: Fields,
) -> None:
    for selection in selections:
        if not _included(selection, variables):
            continue
        if isinstance(selection, FieldNode):
            key = selection.alias.value if selection.alias else selection.name.value
            found.setdefault(key, []).append(selection)
            continue
        body: InlineFragmentNode | FragmentDefinitionNode
        if isinstance(selection, FragmentSpreadNode):
            if selection.name.value in seen:
                continue
            seen.add(selection.name.value)
            body = fragments[selection.name.value]
        else:
            assert isinstance(selection, InlineFragmentNode)
            body = selection
        if body.type_condition is None or body.type_condition.name.value == type_name:
            _collect(body.selection_set.selections, type_name, fragments, variables, seen, found)


def _included(selection: SelectionNode, variables: Mapping[str, Any]) -> bool:
    for directive in selection.directives or ():
        if directive.name.value in ("skip", "include"):
            value = (directive.arguments or ())[0].value
            given = (
                variables.get(value.name.value) if isinstance(value, VariableNode) else getattr(value, "value", None)
            )
            if bool(given) is (directive.name.value == "skip"):
                return False
    return True


def directive_variables(document: DocumentNode) -> frozenset[str]:
    """Variables that decide a @skip or @include somewhere in the document."""
    return frozenset(_directive_variables(document.definitions))


def _directive_variables(nodes: Iterable[Any]) -> Iterator[str]:
    for node in nodes:
        for directive in getattr(node, "directives", None) or ():
            for argument in directive.arguments or ():
                if isinstance(argument.value, VariableNode):
                    yield argument.value.name.value
        if (selections := getattr(node, "selection_set", None)) is not None:
            yield from _directive_variables(selections.selections)


def root_names(selections: SelectionSetNode, fragments: Fragments) -> frozenset[str]:
    """Names of all root fields an operation mentions, whatever directives say."""
    found: set[str] = set()
    for selection in selections.selections:
        if isinstance(selection, FieldNode):
            found.add(selection.name.value)
        elif isinstance(selection, FragmentSpreadNode):
            found |= root_names(fragments[selection.name.value].selection_set, fragments)
        else:
            assert isinstance(selection, InlineFragmentNode)
            found |= root_names(selection.selection_set, fragments)
    return frozenset(found)
