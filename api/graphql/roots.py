"""The root fields that read views: what each is called, which rows it gives, and by which arguments."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.graphql.arguments import Argument, Given
from api.graphql.kinds import Kind
from api.graphql.sql import Builder, Times
from domain.errors import BadInput


@dataclass(frozen=True, slots=True)
class Root:
    """One root field of Query over a view.

    `single` gives at most one row, chosen by its key (or, with `citizen`, by citizen ID); else a connection.
    `subject` is a required argument that equals the column of that name.
    """

    name: str
    kind: str
    doc: str
    single: bool = False
    citizen: bool = False
    subject: str = ""
    order: tuple[str, ...] = ()
    timed: bool = True
    """Whether it can be asked for a past time."""


def single(name: str, kind: str, doc: str, *, citizen: bool = False) -> Root:
    """A field that gives one record by its id."""
    return Root(name, kind, doc, single=True, citizen=citizen)


def listing(
    name: str, kind: str, doc: str, *, subject: str = "", order: tuple[str, ...] = (), timed: bool = True
) -> Root:
    """A field that gives a connection over what the caller may see."""
    return Root(name, kind, doc, subject=subject, order=order, timed=timed)


def root_conditions(builder: Builder, root: Root, kind: Kind, given: Mapping[str, Argument], times: Times) -> list[str]:
    """What a root field's own arguments demand of the row `t`."""
    if not root.single:
        chosen = given.get("filter")
        found = builder.conditions(kind, chosen, times) if isinstance(chosen, dict) else []
        if root.subject:
            subject = given[root.subject]
            assert isinstance(subject, Given)
            found.append(f"t.{root.subject} = {builder.bind(subject.get, kind.columns[root.subject].sql_type)}")
        return found
    key = kind.columns[kind.view.key[0]]
    by_id, by_citizen = given.get("id"), given.get("citizenId")
    if isinstance(by_id, Given) == isinstance(by_citizen, Given):
        both = "id 或 citizenId 中的一个" if root.citizen else "id"
        raise BadInput(f"{root.name} 需要{both}。", "id")
    if isinstance(by_id, Given):
        return [f"t.{key.name} = {builder.bind(by_id.get, key.sql_type)}"]
    assert isinstance(by_citizen, Given)
    return [f"t.{key.name} = {builder.bind(builder.look_up('citizen', by_citizen.get), key.sql_type)}"]
