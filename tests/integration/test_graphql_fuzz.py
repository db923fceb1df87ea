"""Random documents: what the compiled statement answers is what the executor answers."""

import random
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, get_named_type, is_leaf_type

from tests.fixtures import api
from tests.fixtures.api import Asking, District, actor, moment
from tests.fixtures.read_rows import COMMUNITIES, DISTRICT, HEAD, STREETS

ask, district = api.ask, api.district

_ROOTS = (
    "person",
    "persons",
    "household",
    "households",
    "case",
    "cases",
    "payments",
    "findings",
    "divisions",
    "timeline",
    "quarantine",
)
_ROLES = (
    "district_clerk",
    "street_officer",
    "community_worker",
    "grid_worker",
    "finance_officer",
    "auditor",
    "visitor",
)
_ROUNDS = 250


class Documents:
    """Writes documents that are valid for the schema, about the rows of a district."""

    def __init__(self, schema: GraphQLSchema, district: District, seed: int) -> None:
        self.random = random.Random(seed)
        self.schema = schema
        self.live = district.rows.live
        self.variables: dict[str, tuple[str, Any]] = {}
        self.fragments: list[str] = []

    def write(self) -> tuple[str, dict[str, Any]]:
        """A document and its variables."""
        self.variables, self.fragments = {}, []
        query = self.schema.query_type
        assert query is not None
        fields = []
        for i in range(self.random.randint(1, 3)):
            name = self.random.choice(_ROOTS)
            fields.append(f"r{i}: {self.field(name, query.fields[name], 0)}")
        if self.maybe(0.1):
            fields.append("__typename")
        declared = ", ".join(f"${name}: {kind}" for name, (kind, _) in self.variables.items())
        head = f"query Q({declared})" if declared else "query Q"
        text = f"{head} {{ {' '.join(fields)} }} {' '.join(self.fragments)}"
        return text, {name: value for name, (_, value) in self.variables.items()}

    def maybe(self, chance: float) -> bool:
        """True with this chance."""
        return self.random.random() < chance

    def given(self, kind: str, value: Any, literal: str) -> str:
        """A value as a literal, or as a variable."""
        if self.maybe(0.5):
            return literal
        name = f"v{len(self.variables)}"
        self.variables[name] = (kind, value)
        return f"${name}"

    def field(self, name: str, definition: GraphQLField, depth: int) -> str:
        """A field with arguments, directives and what is below it."""
        arguments = self.arguments(name, definition)
        written = f"{name}({', '.join(arguments)})" if arguments else name
        if self.maybe(0.1):
            directive, value = self.random.choice(("skip", "include")), self.maybe(0.5)
            written += f" @{directive}(if: {self.given('Boolean!', value, str(value).lower())})"
        below = get_named_type(definition.type)
        return f"{written} {self.selection(below, depth + 1)}" if isinstance(below, GraphQLObjectType) else written

    def arguments(self, name: str, definition: GraphQLField) -> list[str]:
        """Some of a field's arguments."""
        found = []
        kinds = {argument: str(each.type) for argument, each in definition.args.items()}
        if "id" in kinds:
            kind = "household" if name == "household" else name
            id = str(self.random.choice(self.live[kind])["id"])
            found.append(f"id: {self.given('UUID!', id, _quoted(id))}")
        if "subject" in kinds:
            subject = self.random.choice(self.live["timeline"])["subject"]
            found.append(f"subject: {self.given('String!', subject, _quoted(subject))}")
        if "first" in kinds and (depth_limited := self.random.choice((0, 1, 2, 3, 7))) is not None:
            found.append(f"first: {self.given('Int!', depth_limited, str(depth_limited))}")
        if "asOf" in kinds and self.maybe(0.4):
            time = moment(self.random.randint(0, HEAD))
            found.append(f"asOf: {self.given('DateTime', time, _quoted(time))}")
        if "effectiveOn" in kinds and self.maybe(0.4):
            day = f"201{self.random.choice((3, 4, 5))}-0{self.random.randint(1, 9)}-15"
            found.append(f"effectiveOn: {self.given('Date', day, _quoted(day))}")
        if "filter" in kinds and self.maybe(0.6):
            found += self.filter(kinds["filter"])
        return found

    def filter(self, kind: str) -> list[str]:
        """A filter by something the kind has."""
        options: list[tuple[Any, str]] = []
        fields = get_named_type(self.schema.type_map[kind.rstrip("!")]).fields
        if "division" in fields:
            code = self.random.choice((DISTRICT, *STREETS, *COMMUNITIES))
            options.append(({"division": code}, f'{{division: "{code}"}}'))
        if kind.startswith("Case"):
            options.append(({"state": ["PAYING", "CLOSED"]}, "{state: [PAYING, CLOSED]}"))
            options.append(({"state": "PAYING"}, "{state: PAYING}"))
            options.append(({"appliedOn": {"from": "2014-06-01"}}, '{appliedOn: {from: "2014-06-01"}}'))
        if kind.startswith("Person"):
            options.append(({"deathConfirmed": False}, "{deathConfirmed: false}"))
        if kind.startswith("Payment"):
            options.append(({"month": ["2015-01"], "returned": True}, '{month: "2015-01", returned: true}'))
        if not options:
            return []
        value, literal = self.random.choice(options)
        return [f"filter: {self.given(kind, value, literal)}"]

    def selection(self, owner: GraphQLObjectType, depth: int) -> str:
        """A selection set, with fragments and aliases in it."""
        names = list(owner.fields)
        leaves = [n for n in names if is_leaf_type(get_named_type(owner.fields[n].type))]
        nested = [n for n in names if n not in leaves]
        chosen = self.random.sample(leaves, min(len(leaves), self.random.randint(1, 4))) or ["__typename"]
        if nested and depth < 6 and (depth % 2 == 0 or self.maybe(0.6)):
            chosen += self.random.sample(nested, min(len(nested), self.random.randint(1, 2)))
        if self.maybe(0.1):
            chosen.append("__typename")
        written = []
        for i, name in enumerate(chosen):
            if name == "__typename":
                written.append(name)
                continue
            field = self.field(name, owner.fields[name], depth)
            # Arguments may differ between two mentions of a field, so every mention with any has a key of its own.
            if "(" in field or self.maybe(0.1):
                field = f"k{depth}_{i}_{self.random.randint(0, 10**9)}: {field}"
            written.append(self.wrapped(field, owner))
        return "{ " + " ".join(written) + " }"

    def wrapped(self, field: str, owner: GraphQLObjectType) -> str:
        """A field, perhaps inside a fragment."""
        if self.maybe(0.07):
            return f"... on {owner.name} {{ {field} }}"
        if self.maybe(0.07) and "$" not in field:
            name = f"F{len(self.fragments)}"
            self.fragments.append(f"fragment {name} on {owner.name} {{ {field} }}")
            return f"...{name}"
        return field


def _quoted(text: str) -> str:
    return f'"{text}"'


async def test_compiled_answers_equal_the_executors(ask: Asking, district: District) -> None:
    schema = ask.service.running().schema.core
    compiled = refused = 0
    for seed in range(_ROUNDS):
        documents = Documents(schema, district, seed)
        text, variables = documents.write()
        role = documents.random.choice(_ROLES)
        by = actor(role, documents.random.choice((DISTRICT, *STREETS, *COMMUNITIES)))
        answer = await ask.answer(text, by, **variables)
        fast = await ask(text, by, **variables)
        slow = await ask.executed(text, by, **variables)
        assert fast == slow, f"seed {seed} as {role}: {text} {variables}"
        if answer.error == "TOO_COMPLEX":
            refused += 1
            continue
        assert "errors" not in fast, f"seed {seed}: {fast} {text}"
        compiled += answer.compiled
    assert refused < 0.1 * _ROUNDS
    assert compiled == _ROUNDS - refused
