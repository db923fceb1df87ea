"""What a benefit is computed from beside birth date and month: health and hardship, one record, sealed as one text.

Levels, categories and grades are health data of the person: an event holds them only as ciphertext under the person's
key, so the record is written to one text and read back from it.
"""

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from domain.codes import CareLevel, DisabilityCategory, DisabilityGrade, Guarantee
from domain.kernel import ERASED


@dataclass(frozen=True, slots=True)
class Basis:
    """What is known of a person for a benefit. Everything may be unknown (None): not every kind asks for it.

    `valid_to` is the last day of the disability certificate (None: without end). `needs_care` says that care is needed
    for six months or longer (国发〔2015〕52号). The last four are what other systems pay: an orphan's allowance, the
    work-injury insurance's nursing fee, other living and nursing benefits a month, in fen.
    """

    guarantee: Guarantee | None = None
    level: CareLevel | None = None
    demented: bool = False
    category: DisabilityCategory | None = None
    grade: DisabilityGrade | None = None
    valid_to: date | None = None
    needs_care: bool = True
    orphan: bool = False
    work_injury: bool = False
    other_living_fen: int = 0
    other_nursing_fen: int = 0

    def sealed(self) -> str:
        """The record as text, the same for the same record."""
        given = {name: value for name, value in asdict(self).items() if value is not None}
        return json.dumps(given, sort_keys=True, default=_plain)


NOTHING = Basis()
_TYPES: dict[str, Any] = {
    "guarantee": Guarantee,
    "level": CareLevel,
    "category": DisabilityCategory,
    "grade": DisabilityGrade,
    "valid_to": date.fromisoformat,
    "other_living_fen": int,
    "other_nursing_fen": int,
}


def opened(text: str) -> Basis:
    """The record in a text that `sealed` gave; nothing is known where the person's data were erased."""
    if not text or text == ERASED:
        return NOTHING
    given = json.loads(text)
    return Basis(**{name: _TYPES.get(name, bool)(value) for name, value in given.items()})


def _plain(value: object) -> str:
    assert isinstance(value, date), "codes are texts already"
    return value.isoformat()
