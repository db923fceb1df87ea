"""The schema: views and commands of every context, merged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.types.field import StrawberryField

import projections
from api.graphql import assistance, findings, registry
from api.graphql.kinds import Kinds, kinds_of
from api.graphql.roots import Root
from api.graphql.scalars import SCALARS
from api.graphql.types import query_type, read_types
from projections.kernel.tables import VIEWS

CONTEXTS = (registry, assistance, findings)
"""A new context is added here once."""


@dataclass(frozen=True, slots=True)
class ApiSchema:
    """The schema with what reads are compiled from."""

    kinds: Kinds
    roots: Mapping[str, Root]
    strawberry: strawberry.Schema

    @property
    def core(self) -> GraphQLSchema:
        """The schema as graphql-core executes it."""
        return self.strawberry._schema

    def sdl(self) -> str:
        """The schema in GraphQL's own language: the reviewed snapshot docs/schema.graphql."""
        return self.strawberry.as_str() + "\n"


def build_schema() -> ApiSchema:
    """Build it; some tens of milliseconds, once a process."""
    kinds = kinds_of(VIEWS.values(), {name: name for name in VIEWS})
    roots = {root.name: root for context in CONTEXTS for root in context.ROOTS}
    space = read_types(kinds)
    extra: dict[str, StrawberryField] = {}
    query = query_type(kinds, roots.values(), space, extra)
    config = StrawberryConfig(auto_camel_case=True, scalar_map=SCALARS, default_resolver=_read)
    made = strawberry.Schema(query=query, config=config)
    return ApiSchema(kinds, roots, made)


def _read(source: Any, name: str) -> Any:
    return source[name] if isinstance(source, dict) else getattr(source, name)


__all__ = ["ApiSchema", "build_schema", "projections"]
