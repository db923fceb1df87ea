"""The year's insurance premium that the district pays for a person (资助参保, 社会救助暂行办法 art. 29)."""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.assistance.rules import yuan
from domain.codes import MaCategory
from domain.errors import RuleViolated
from domain.kernel import NO_ID
from domain.parameters import Parameters

_PREMIUMS = UUID("9b6f5c1e-77a0-5f43-b7f8-94b2f6d2c704")
SUBSIDISED = frozenset({MaCategory.TEKUN, MaCategory.DIBAO})
"""Categories whose premium has a parameter."""


class PremiumSubsidy(kernel.Aggregate):
    """One person's premium of one year: paid once, whatever cases the person has."""

    TOPIC: ClassVar[str] = "medical.PremiumSubsidy"
    SUBJECT: ClassVar[str] = "premium"
    division_code: str = ""
    person_id: UUID = NO_ID
    year: int = 0
    amount_fen: int = 0

    class Created(kernel.Created):
        """The district pays it."""

        TOPIC = "medical.PremiumSubsidised"
        TITLE = "资助参保"
        person_id: UUID
        year: int
        category: MaCategory
        amount_fen: int
        parameter: str
        by: str
        division_code: str

        def gist(self) -> str:
            return f"{self.year} 年{self.category.label} {yuan(self.amount_fen)}"

    def subjects(self) -> Iterable[str]:
        """It stands on the person's timeline."""
        yield f"person:{self.person_id}"

    @staticmethod
    def id_for(person_id: UUID, year: int) -> UUID:
        """The id of a person's year: one and the same, so that nothing is paid twice."""
        return uuid5(_PREMIUMS, f"{person_id} {year}")

    @classmethod
    def grant(
        cls,
        at: datetime,
        *,
        person_id: UUID,
        year: int,
        category: MaCategory,
        parameters: Parameters,
        by: str,
        division_code: str,
    ) -> Self:
        """Pay a year's premium by today's parameter; raises RuleViolated where the category has no such subsidy."""
        if category not in SUBSIDISED:
            raise RuleViolated(f"“{category.label}”不在全额资助参保范围内。")
        version = parameters.find(f"medical.premium.{category.value}", division_code, at.date())
        return cls.create(
            cls.Created,
            id=cls.id_for(person_id, year),
            at=at,
            person_id=person_id,
            year=year,
            category=category,
            amount_fen=version.value,
            parameter=version.ref,
            by=by,
            division_code=division_code,
        )
