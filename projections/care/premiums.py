"""Premiums and elders' cards in the read models, and whom a year's enrolment has to look at."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass, subtree
from domain.care import ElderCard, Premium
from domain.care.premium import Candidate, Candidates, PremiumCandidates
from domain.codes import ElderCardKind, FundSource, PremiumKind
from infra.log import EventLog, LogEvent
from projections.funds.snapshot import snapshot
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import FEN, JSON, Doc, Figures, Masked, One, Relations, view


@view(
    "premium",
    area=Area.CARE,
    scope_from="division_code",
    order=("year", "kind", "id"),
    indexes=(("person_id",), ("kind", "year", "scope")),
    figures=Figures(("kind", "amount_fen", "from_on", "to_on", "enrolled_on", "cancelled")),
)
@dataclass
class PremiumRow:
    """政府代缴保费"""

    id: Annotated[UUID, Doc("代缴标识")]
    person_id: Annotated[UUID, Doc("被保险人")]
    kind: Annotated[PremiumKind, Doc("保险种类")]
    year: Annotated[int, Doc("保险年度")]
    division_code: Annotated[str, Doc("投保时的区划代码")]
    from_on: Annotated[date, Doc("保险起始日")]
    to_on: Annotated[date, Doc("保险截止日")]
    amount_fen: Annotated[int, Doc("保费"), FEN]
    fund_source: Annotated[FundSource, Doc("资金来源")]
    computed: Annotated[str | None, Doc("符合何种条件（JSON）"), JSON, Masked(PersonalClass.HEALTH)]
    enrolled_by: Annotated[str, Doc("办理的账号")]
    enrolled_on: Annotated[date, Doc("办理日期")]
    cancelled: Annotated[bool, Doc("是否已撤销")]
    reason: Annotated[str | None, Doc("撤销原因")]

    RELATIONS: ClassVar[Relations] = {"person": One("person", local="person_id")}
    FILTERS: ClassVar[tuple[str, ...]] = (
        "person_id",
        "kind",
        "year",
        "division_code",
        "fund_source",
        "cancelled",
        "enrolled_on",
    )


@view(
    "elder_card",
    area=Area.CARE,
    scope_from="division_code",
    order=("kind", "id"),
    indexes=(("person_id",),),
    figures=Figures(("kind", "cancelled")),
)
@dataclass
class ElderCardRow:
    """老年人证件"""

    id: Annotated[UUID, Doc("证件标识")]
    person_id: Annotated[UUID, Doc("持证人")]
    kind: Annotated[ElderCardKind, Doc("证件种类")]
    division_code: Annotated[str, Doc("发证时的区划代码")]
    card_no: Annotated[str, Doc("证件编号"), Masked(PersonalClass.IDENTITY)]
    issued_on: Annotated[date, Doc("发证或最近一次补证日期")]
    issued_by: Annotated[str, Doc("办理的账号")]
    cancelled: Annotated[bool, Doc("是否已注销")]
    reason: Annotated[str | None, Doc("注销原因")]

    RELATIONS: ClassVar[Relations] = {"person": One("person", local="person_id")}
    FILTERS: ClassVar[tuple[str, ...]] = ("person_id", "kind", "division_code", "cancelled", "issued_on")


class Premiums(Projection):
    """What happens to premiums and cards. A part of the projection `Care`, never run by itself."""

    @handles(Premium.Created)
    def enrolled(self, event: Premium.Created, at: LogEvent, to: Changes) -> None:
        """Insured for a year, from the day it was decided in the read model."""
        on = event.timestamp.date()
        to.insert(
            PremiumRow,
            event.originator_id,
            on=on,
            person_id=event.person_id,
            kind=event.kind,
            year=event.year,
            division_code=event.division_code,
            from_on=event.from_on,
            to_on=event.to_on,
            amount_fen=event.amount_fen,
            fund_source=event.fund_source,
            computed=event.trace or None,
            enrolled_by=event.by,
            enrolled_on=on,
        )

    @handles(Premium.Cancelled)
    def premium_cancelled(self, event: Premium.Cancelled, at: LogEvent, to: Changes) -> None:
        """Taken back."""
        on = event.timestamp.date()
        to.patch(PremiumRow, event.originator_id, on=on, decided=True, cancelled=True, reason=event.reason)

    @handles(ElderCard.Created)
    def card_issued(self, event: ElderCard.Created, at: LogEvent, to: Changes) -> None:
        """A first card."""
        to.insert(
            ElderCardRow,
            event.originator_id,
            on=event.from_on,
            person_id=event.person_id,
            kind=event.kind,
            division_code=event.division_code,
            card_no=event.card_no,
            issued_on=event.from_on,
            issued_by=event.by,
        )

    @handles(ElderCard.Replaced)
    def card_replaced(self, event: ElderCard.Replaced, at: LogEvent, to: Changes) -> None:
        """Another number."""
        on = event.from_on
        to.patch(
            ElderCardRow,
            event.originator_id,
            on=on,
            decided=True,
            card_no=event.card_no,
            issued_on=on,
            issued_by=event.by,
            cancelled=False,
            reason=None,
        )

    @handles(ElderCard.Cancelled)
    def card_cancelled(self, event: ElderCard.Cancelled, at: LogEvent, to: Changes) -> None:
        """No longer valid."""
        on = event.timestamp.date()
        to.patch(ElderCardRow, event.originator_id, on=on, decided=True, cancelled=True, reason=event.reason)


# Whoever has none of what any of the three rules asks for is not looked at: that is most of the district.
_CANDIDATES = """
SELECT h.id, h.division_code, h.birth_on, h.kind = '10', coalesce(g.guarantee, ''), coalesce(c.category, ''),
       coalesce(c.grade, ''), least(c.valid_to_on, c.cancelled_on - 1)
FROM person h
LEFT JOIN (
    SELECT m.person_id, max(lower(k.scheme)) AS guarantee
    FROM case_member m JOIN "case" k ON k.id = m.case_id
    WHERE m.covered AND k.state = 'paying' AND k.scheme IN ('DIBAO', 'TEKUN') GROUP BY m.person_id
) g ON g.person_id = h.id
LEFT JOIN disability_certificate c ON c.person_id = h.id
LEFT JOIN premium p ON p.person_id = h.id AND p.kind = $1 AND p.year = $2
WHERE p.id IS NULL AND h.state IN ('verified', 'provisional') AND h.scope >= $3 AND h.scope < $4
  AND (g.guarantee IS NOT NULL OR c.id IS NOT NULL OR h.birth_on <= $5)
ORDER BY h.scope, h.id
"""
_ELDERS = 60
"""Nobody younger is insured for age alone; the rule's own ages are parameters and lie above."""


def candidates_reader(log: EventLog, url: str) -> Callable[[PremiumCandidates], Awaitable[Candidates]]:
    """The reader that the dispatcher asks; `url` logs in as a member of the readers' role."""

    async def read(wish: PremiumCandidates) -> Candidates:
        lo, hi = subtree(wish.division_code)
        born = date(wish.year - _ELDERS, 12, 31)
        async with snapshot(log, url, wish.division_code) as (connection, position):
            found = await connection.fetch(_CANDIDATES, wish.kind.value, wish.year, lo, hi, born)
        return Candidates(position, [Candidate._make(row) for row in found])

    return read
