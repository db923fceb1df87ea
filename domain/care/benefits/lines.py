"""All lines of one person in a month: benefits, assistance, and what the basis says other systems pay."""

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from domain.care.benefits.basis import Basis
from domain.care.benefits.exclusion import Line, of_kind
from domain.codes import BenefitKind, HeldLine, Scheme

_OF_SCHEME = {Scheme.DIBAO: HeldLine.DIBAO, Scheme.TEKUN: HeldLine.TEKUN}


class HeldBenefit(Protocol):
    """What these rules need to know of a benefit; `Benefit` has it."""

    @property
    def id(self) -> UUID: ...
    @property
    def kind(self) -> BenefitKind: ...
    def amount_for(self, month: str) -> int | None: ...


class HeldCase(Protocol):
    """What these rules need to know of a case of assistance; `Case` has it."""

    @property
    def id(self) -> UUID: ...
    @property
    def scheme(self) -> Scheme: ...
    def amount_for(self, month: str) -> int | None: ...
    def members_for(self, month: str) -> tuple[UUID, ...]: ...


def lines_of(
    person_id: UUID, month: str, benefits: Iterable[HeldBenefit], cases: Iterable[HeldCase], basis: Basis
) -> tuple[Line, ...]:
    """The person's lines in a month. Of a household's assistance the person has an equal share, rounded down."""
    found = []
    for benefit in benefits:
        amount = benefit.amount_for(month)
        if amount:
            found.append(Line(of_kind(benefit.kind), amount, str(benefit.id)))
    for case in cases:
        kind, amount, covered = _OF_SCHEME.get(case.scheme), case.amount_for(month), case.members_for(month)
        if kind is not None and amount is not None and person_id in covered:
            found.append(Line(kind, amount // len(covered), str(case.id)))
    found += (Line(kind, amount, kind.value) for kind, amount in _elsewhere(basis) if amount is not None)
    return tuple(found)


def guarantee_of(person_id: UUID, month: str, cases: Iterable[HeldCase]) -> Scheme | None:
    """The scheme of assistance that covers the person in a month: tekun before dibao; None where none does."""
    found = {
        case.scheme
        for case in cases
        if case.scheme in _OF_SCHEME and case.amount_for(month) is not None and person_id in case.members_for(month)
    }
    return next((scheme for scheme in (Scheme.TEKUN, Scheme.DIBAO) if scheme in found), None)


def _elsewhere(basis: Basis) -> Iterable[tuple[HeldLine, int | None]]:
    yield HeldLine.ORPHAN_ALLOWANCE, 0 if basis.orphan else None
    yield HeldLine.WORK_INJURY_NURSING, 0 if basis.work_injury else None
    yield HeldLine.OTHER_LIVING, basis.other_living_fen or None
    yield HeldLine.OTHER_NURSING, basis.other_nursing_fen or None
