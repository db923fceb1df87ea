"""Which office signs a notice and which law it names: data with dates, since offices are reformed and laws revised."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from domain.codes import NoticeKind, Scheme
from domain.errors import RuleViolated


@dataclass(frozen=True, slots=True)
class Office:
    """An office as it signs: full name, its mark in numbers (机关代字), who reviews it, and where to ask."""

    division_code: str
    name: str
    mark: str
    review_organ: str
    contact: str


@dataclass(frozen=True, slots=True)
class Laws:
    """What a notice rests on, and the article that grants the remedies against it; each with the law's name."""

    basis: str
    remedies: str


def office_of(division_code: str, on: date) -> Office:
    """The office responsible for a division on a day: its own, else its parent's. Raises RuleViolated."""
    for length in (9, 6):
        found = _latest([o for o in _data()["机关"] if o["区划"] == division_code[:length]], on)
        if found is not None:
            return Office(found["区划"], found["名称"], found["代字"], found["复议机关"], found["咨询"])
    raise RuleViolated(f"区划 {division_code} 在 {on} 没有登记机关名称，不能出具文书；请补录 offices.yaml。")


def laws_of(kind: NoticeKind, scheme: Scheme, on: date) -> Laws:
    """The law and article behind a notice of a scheme on a day. Raises RuleViolated where none is entered."""
    law = _latest(_data()["依据"], on)
    articles = "" if law is None else law["条款"].get(scheme.value, {}).get(kind.value, "")
    if law is None or not articles:
        raise RuleViolated(f"{scheme.label}的{kind.label}在 {on} 没有登记法律依据，不能出具；请补录 offices.yaml。")
    return Laws(f"{law['名称']}{articles}", f"{law['名称']}{law['救济']}")


def _latest(entries: list[dict[str, Any]], on: date) -> dict[str, Any] | None:
    begun = [entry for entry in entries if entry["自"] <= on]
    return max(begun, key=lambda entry: entry["自"], default=None)


@cache
def _data() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(files("domain.assistance").joinpath("offices.yaml").read_text("utf-8"))
    return found
