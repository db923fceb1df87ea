"""Divisions (行政区划) with validity dates.

Codes are GB/T 2260 and GB/T 10114: 6 digits for a district, 9 for a street, 12 for a community or village, each
beginning with its parent's.
"""

import csv
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import ClassVar, Self
from uuid import UUID

from domain import kernel
from domain.errors import RuleViolated


class Division(kernel.Aggregate):
    """One division; a code that is given up is closed, never reused."""

    TOPIC: ClassVar[str] = "registry.Division"
    SUBJECT: ClassVar[str] = "division"
    name: str = ""
    valid_to: date | None = None

    class Created(kernel.Created):
        """The division exists from `from_on`."""

        TOPIC = "registry.DivisionOpened"
        TITLE = "设立区划"
        code: str
        name: str
        parent_code: str
        kind: str
        from_on: date

        def apply(self, aggregate: "Division") -> None:
            aggregate.division_code = self.code

    class Closed(kernel.Event):
        """The division no longer exists from `from_on`."""

        TOPIC = "registry.DivisionClosed"
        TITLE = "撤销区划"
        from_on: date

        def apply(self, aggregate: "Division") -> None:
            aggregate.valid_to = self.from_on

    @classmethod
    def open(cls, id: UUID, at: datetime, *, code: str, name: str, parent_code: str, kind: str, from_on: date) -> Self:
        """A division that exists from `from_on`."""
        return cls.create(
            cls.Created, id=id, at=at, code=code, name=name, parent_code=parent_code, kind=kind, from_on=from_on
        )

    def close(self, at: datetime, *, from_on: date) -> None:
        """End the division; raises RuleViolated when it has ended already."""
        if self.valid_to is not None:
            raise RuleViolated(f"区划 {self.division_code} 已于 {self.valid_to} 撤销，不能再次撤销。")
        self.record(self.Closed, at=at, from_on=from_on)


OFFICIAL_FROM = date(2009, 1, 1)
"""Since when the official list holds here: the district's five streets of 2008 had become three by then."""


@dataclass(frozen=True, slots=True)
class DivisionRecord:
    """One line of the official list. `kind` is city, district, street, community or village."""

    code: str
    name: str
    parent_code: str
    kind: str
    from_on: date


@cache
def official_divisions() -> tuple[DivisionRecord, ...]:
    """The official divisions of Jiangmen that come with the product, parents before children."""
    text = files("domain.registry").joinpath("data/divisions_4407.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(
        DivisionRecord(row["code"], row["name"], row["parent_code"], row["kind"], OFFICIAL_FROM) for row in rows
    )
