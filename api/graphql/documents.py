"""Documents that have been parsed, limited and validated, and the statements compiled for them.

Both are kept: a document by its text and operation, its statements by what the caller may see unmasked and by the
shape of the variables.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputType,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    Undefined,
    coerce_input_value,
    get_operation_ast,
    is_input_type,
    parse,
    type_from_ast,
    validate,
)
from graphql.execution.values import VariableValues, get_variable_values

from api.graphql.arguments import shape_of
from api.graphql.columns import Clear
from api.graphql.compiler import Compiler
from api.graphql.limits import Limits, check_document
from api.graphql.selection import Fragments, directive_variables, fragments_of
from api.graphql.sql import Statement

K = TypeVar("K")
V = TypeVar("V")


class Recent(OrderedDict[K, V], Generic[K, V]):
    """The most recently used values, at most `most` of them."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def use(self, key: K) -> V | None:
        """The value, now the most recent one."""
        value = self.get(key)
        if value is not None:
            self.move_to_end(key)
        return value

    def keep(self, key: K, value: V) -> None:
        """Add a value, forgetting the one used longest ago where there are too many."""
        self[key] = value
        if len(self) > self.most:
            self.popitem(last=False)


class Invalid(Exception):
    """The request is not a valid one; `errors` say why."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of an operation, its type looked up: graphql-core looks it up for every request."""

    name: str
    type: GraphQLInputType
    needed: bool
    """Whether it can't be left out, or has a default: left out, it is a case for graphql-core."""

    def coerce(self, value: Any) -> Any:
        """The value as its type wants it; raises anything where it isn't one."""
        kind = self.type
        if isinstance(kind, GraphQLNonNull):
            if value is None:
                raise ValueError
            kind = kind.of_type
        elif value is None:
            return None
        if isinstance(kind, GraphQLScalarType | GraphQLEnumType):
            return kind.parse_value(value)
        coerced = coerce_input_value(value, kind)
        if coerced is Undefined:
            raise ValueError
        return coerced


def variables_of(schema: GraphQLSchema, operation: OperationDefinitionNode) -> tuple[Variable, ...]:
    """The variables of a valid operation."""
    found = []
    for definition in operation.variable_definitions or ():
        kind = type_from_ast(schema, definition.type)
        assert is_input_type(kind)
        needed = isinstance(kind, GraphQLNonNull) or definition.default_value is not None
        found.append(Variable(definition.variable.name.value, kind, needed))
    return tuple(found)


@dataclass(slots=True)
class Document:
    """One operation of a valid document."""

    ast: DocumentNode
    operation: OperationDefinitionNode
    fragments: Fragments
    deciding: frozenset[str]
    """Variables of @skip and @include: a statement is compiled for their values."""
    variables: tuple["Variable", ...]
    statements: Recent[tuple[Any, ...], Statement] = field(default_factory=lambda: Recent(64))

    @property
    def is_query(self) -> bool:
        """Whether it only reads."""
        return self.operation.operation is OperationType.QUERY

    def coerce(self, schema: GraphQLSchema, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The variables as their types want them; raises Invalid."""
        if not self.variables:
            return {}
        try:
            return {
                each.name: each.coerce(variables[each.name])
                for each in self.variables
                if each.name in variables or each.needed
            }
        except Exception:
            # Slower, and with every error in the words that GraphQL has for it.
            definitions = self.operation.variable_definitions or ()
            values = get_variable_values(schema, definitions, dict(variables), max_errors=20)
        if not isinstance(values, VariableValues):
            raise Invalid(list(values))
        return values.coerced

    def shape(self, variables: Mapping[str, Any]) -> Any:
        """What of the variables a statement depends on."""
        if not variables:
            return ()
        deciding = self.deciding
        return tuple(
            (name, value if name in deciding else shape_of(value)) for name, value in sorted(variables.items())
        )

    def statement(self, compiler: Compiler, variables: Mapping[str, Any], clear: Clear) -> Statement:
        """The compiled statement for such variables; raises BadInput."""
        key = (clear, self.shape(variables))
        found = self.statements.use(key)
        if found is None:
            found = compiler.compile(self.operation, self.fragments, variables, clear)
            self.statements.keep(key, found)
        return found


class Documents:
    """Every document that was valid lately."""

    def __init__(self, schema: GraphQLSchema, limits: Limits, most: int = 2000) -> None:
        self._schema = schema
        self._limits = limits
        self._known: Recent[tuple[str, str | None], Document] = Recent(most)

    def get(self, text: str, operation_name: str | None) -> Document:
        """The document with one operation chosen.

        Raises Invalid with GraphQL errors, TooComplex where it is over the limits.
        """
        key = (text, operation_name)
        document = self._known.use(key)
        if document is None:
            document = self._read(text, operation_name)
            self._known.keep(key, document)
        return document

    def _read(self, text: str, operation_name: str | None) -> Document:
        try:
            ast = parse(text, max_tokens=self._limits.tokens)
        except GraphQLError as error:
            raise Invalid([error]) from None
        check_document(ast, self._limits)
        if errors := validate(self._schema, ast, max_errors=20):
            raise Invalid(errors)
        operation = get_operation_ast(ast, operation_name)
        if operation is None:
            name = f"名为“{operation_name[:60]}”的操作" if operation_name else "唯一的操作；请给出 operationName"
            raise Invalid([GraphQLError(f"文档中没有{name}。")])
        variables = variables_of(self._schema, operation)
        return Document(ast, operation, fragments_of(ast), directive_variables(ast), variables)
