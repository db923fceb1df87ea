"""The schema: views and commands of every context, merged."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.types.field import StrawberryField

from api.graphql import (
    answers,
    assistance,
    benefits,
    care,
    changes,
    civic,
    findings,
    funds,
    grid,
    grid_questions,
    indicators,
    medical,
    processes,
    procurement,
    quarantine,
    reads,
    registry,
    relief,
    relief_needs,
    rights,
    simulation,
    sync,
    work,
)
from api.graphql.commands import Mutation, attach_mutations, mutation_type
from api.graphql.kinds import Kinds, kinds_of
from api.graphql.roots import Root
from api.graphql.scalars import SCALARS
from api.graphql.system import attach_system, system_fields
from api.graphql.types import Namespace, query_type, read_types
from projections import PROJECTIONS
from projections.kernel.tables import VIEWS, view_of

CONTEXTS = (
    *(registry, assistance, care, medical, grid, relief, procurement, civic),
    *(funds, processes, findings, rights),
)
"""A new context is added here once."""


@dataclass(frozen=True, slots=True)
class ApiSchema:
    """The schema with what reads are compiled from."""

    kinds: Kinds
    roots: Mapping[str, Root]
    mutations: Mapping[str, Mutation]
    strawberry: strawberry.Schema

    @property
    def core(self) -> GraphQLSchema:
        """The schema as graphql-core executes it."""
        return self.strawberry._schema

    def sdl(self) -> str:
        """The schema in GraphQL's own language: the reviewed snapshot docs/schema.graphql."""
        return self.strawberry.as_str() + "\n"


@cache
def build_schema() -> ApiSchema:
    """Build it, resolvers included: some two seconds, once a process. It belongs to nobody and is never changed."""
    from api.graphql.slow import attach_reads

    kinds = _kinds()
    roots = {root.name: root for context in (*CONTEXTS, quarantine) for root in context.ROOTS}
    mutations = {each.name: each for context in CONTEXTS for each in context.MUTATIONS}
    space = read_types(kinds)
    work.batch_types(space)
    made = strawberry.Schema(
        query=query_type(kinds, roots.values(), space, _other_fields(space)),
        mutation=mutation_type((*mutations.values(), *work.BATCHES), space),
        config=StrawberryConfig(auto_camel_case=True, scalar_map=SCALARS, default_resolver=_read),
    )
    schema = ApiSchema(kinds, roots, mutations, made)
    attach_reads(schema)
    attach_mutations(schema.core, mutations.values())
    attach_system(schema.core)
    indicators.attach(schema.core)
    answers.attach(schema.core)
    benefits.attach(schema.core)
    work.attach(schema.core)
    grid_questions.attach(schema.core)
    simulation.attach(schema.core)
    reads.attach(schema.core)
    relief_needs.attach(schema.core)
    changes.attach(schema.core)
    sync.attach(schema.core)
    return schema


def _other_fields(space: Namespace) -> dict[str, StrawberryField]:
    """Root fields that no view answers alone."""
    asked = (
        *(system_fields, indicators.fields, answers.fields, work.fields, simulation.fields, reads.fields),
        *(benefits.fields, grid_questions.fields, relief_needs.fields, changes.fields, sync.fields),
    )
    return {name: made for fields in asked for name, made in fields(space).items()}


def _kinds() -> Kinds:
    writers = {view_of(row).name: projection.name for projection in PROJECTIONS for row in projection.views}
    of_views = kinds_of(VIEWS.values(), writers)
    return Kinds({**of_views.by_name, "quarantine": quarantine.KIND})


def _read(source: Any, name: str) -> Any:
    return source[name]


if __name__ == "__main__":
    print(build_schema().sdl(), end="")
