"""What a mapping is: fields, the titles that may stand over them, what must be there, what names the record."""

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import get_args

import connectors.facts  # noqa: F401 - the code sets that only sources have
from domain.codes import Code, IncidentState, UrbanRural

from typing import Literal  # isort: skip

FieldType = Literal[
    "name",
    "text",
    "number",
    "phone",
    "account",
    "citizen_id",
    "sex",
    "code",
    "hint",
    "tags",
    "date",
    "until",
    "month",
    "fen",
    "signed_fen",
    "count",
]
"""What a cell must be. `number` is a number that names something; `hint` is a code that may be missing or unknown;
`until` is a date that may lie ahead, as nothing else that a source reports may; `signed_fen` is money in a row that may
undo another; `tags` are several codes, of which only known ones are even looked at."""
FIELD_TYPES: tuple[str, ...] = get_args(FieldType)

_NAMES: dict[str, type[Code] | None] = {
    "confirmed": None,
    "yes_no": None,
    "scheme_area": UrbanRural,
    "incident_state_fp": IncidentState,
    "incident_state_sp": IncidentState,
}
"""Tables that are not called like a code set: plain yes and no, and a second one of the same set."""
CODE_SETS: MappingProxyType[str, type[Code] | None] = MappingProxyType(
    {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower(): cls for cls in Code.__subclasses__()} | _NAMES
)
"""Code tables by name, with the code set they translate to; None for plain yes and no."""


@dataclass(frozen=True, slots=True)
class CodeTable:
    """What may stand in a cell (`to`: text → code), and how to name the choices to a clerk."""

    name: str
    to: MappingProxyType[str, str]
    shown: str

    def with_labels(self, labels: dict[str, str]) -> "CodeTable":
        """The same table where these texts come first."""
        return CodeTable(self.name, MappingProxyType({**self.to, **labels}), self.shown)


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its type, the plain titles it may have (the first that is present counts), its code table."""

    name: str
    type: FieldType
    headers: tuple[str, ...]
    codes: str = ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """One record kind of one source.

    `needs`: for each group at least one of the fields must have a column. `keys`: alternatives; the first whose
    fields all have a value (the last in any case) names the record.
    """

    source: str
    kind: str
    title: str
    fields: tuple[Field, ...]
    needs: tuple[tuple[str, ...], ...]
    keys: tuple[tuple[str, ...], ...]
    business_date: str
    codes: MappingProxyType[str, CodeTable]
    without: frozenset[str] = frozenset()
    """Plain titles that a file of this kind never has: one of another kind does."""
    never: tuple[str, ...] = ()
    """Words that are dropped from every cell before anything else sees it (connectors/reading/scrub.py)."""

    @property
    def vocabulary(self) -> frozenset[str]:
        """Every plain title this mapping knows."""
        return frozenset(header for known in self.fields for header in known.headers)


@dataclass(frozen=True, slots=True)
class Override:
    """An office's own file: more titles for fields, more labels for codes, and which kind of file it is for."""

    source: str
    kind: str
    headers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    sheet: str = ""
    sex_coding: str = ""
    """`GB` (1 男, 2 女) or `01` (0 男, 1 女); empty: found out from the file."""
