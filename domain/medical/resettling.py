"""When a settlement is undone, those that came after it in the person's year may come to other parts (X18).

They are undone in reverse order of the year and settled anew in its order, all in one append with the first: what the
year has used is then exactly what it would be if the settlement had never been. Those whose parts don't change stay.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.codes import AccumulatorCause, SettlementCancelReason
from domain.kernel import Aggregate
from domain.medical.accumulator import Accumulator, Entry
from domain.medical.settlement import Settlement
from domain.medical.split import Outcome, Used, limits, outcome
from domain.parameters import Parameters


class Redone(NamedTuple):
    """A settlement that has to be made anew, its entry, and what it comes to now."""

    settlement: Settlement
    entry: Entry
    outcome: Outcome


class Undone(NamedTuple):
    """What giving a settlement's part of the year back has changed, and what of the year has to be looked at by hand.

    `affected` are later settlements that a source reported, and claims, which may now come to other amounts.
    """

    changed: tuple[Aggregate, ...]
    affected: tuple[UUID, ...]


def give_back(
    at: datetime,
    *,
    settlement: Settlement,
    year: Accumulator,
    others: Mapping[UUID, Settlement],
    parameters: Parameters,
    cause: AccumulatorCause,
    by: str,
) -> Undone:
    """Give back what an undone settlement had used, and settle later ones anew; what changed in the order of events.

    `others` are the settlements of the year by id. Those that a source reported keep the parts it reported, and claims
    what was paid: they are `affected` where the settlement had used a deductible, or the year's cap was used up.
    """
    later = year.after(settlement.id)
    before = year.used_before(settlement.id)
    affected: tuple[UUID, ...] = ()
    if settlement.uses.deductible_fen or _used_up(settlement, year, parameters):
        affected = tuple(e.source_id for e in later if not _anew(others.get(e.source_id)))
    year.restore(at, source_id=settlement.id, cause=cause)
    redone = _redone(later, before, others, parameters)
    for each in reversed(redone):
        each.settlement.cancel(at, reason=SettlementCancelReason.EARLIER_CANCELLED, reissue_by=None, by=by)
        year.restore(at, source_id=each.settlement.id, cause=AccumulatorCause.CANCELLED)
    made = [_remake(at, each, year, by) for each in redone]
    return Undone((*(each.settlement for each in redone), *made, year), affected)


def computed_here(settlement: Settlement) -> bool:
    """Whether its parts were computed by this platform, and so may be computed anew."""
    return settlement.booked and settlement.computed is not None


def _anew(settlement: Settlement | None) -> bool:
    """Whether it is a settlement that may be computed anew; None is a claim."""
    return settlement is not None and computed_here(settlement)


def _used_up(settlement: Settlement, year: Accumulator, parameters: Parameters) -> bool:
    """Whether the year had used up the cap of the settlement's category."""
    _, cap = limits(parameters, settlement.terms(settlement.category))
    return 0 < cap <= year.used.assistance_fen


def _redone(
    later: Sequence[Entry], before: Used, others: Mapping[UUID, Settlement], parameters: Parameters
) -> list[Redone]:
    found = []
    for entry in later:
        settlement, uses = others.get(entry.source_id), entry.uses
        if settlement is not None and computed_here(settlement):
            now = outcome(parameters, settlement.terms(settlement.category), settlement.bill, before)
            if now.split != settlement.split or now.uses != settlement.uses:
                found.append(Redone(settlement, entry, now))
                uses = now.uses
        before = before.plus(uses)
    return found


def _remake(at: datetime, redone: Redone, year: Accumulator, by: str) -> Settlement:
    old = redone.settlement
    made = Settlement.open(
        at,
        visit_id=old.visit_id,
        hospital_id=old.hospital_id,
        person_id=old.person_id,
        settlement_no=next_number(old.settlement_no),
        insurance=old.insurance,
        level=old.level,
        med_type=old.med_type,
        settled_on=old.settled_on,
        replaces_id=old.id,
        division_code=old.division_code,
    )
    made.remake(at, outcome=redone.outcome, by=by)
    old.replace(at, by_id=made.id, settlement_no=made.settlement_no)
    year.book(at, source_id=made.id, uses=redone.outcome.uses, settled_at=redone.entry.settled_at)
    return made


def next_number(settlement_no: str) -> str:
    """The number of a settlement that this platform makes in another one's place: `…-R1`, `…-R2`."""
    stem, mark, count = settlement_no.rpartition("-R")
    return f"{stem}-R{int(count) + 1}" if mark and count.isdigit() else f"{settlement_no}-R1"
