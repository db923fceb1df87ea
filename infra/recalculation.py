"""A changed standard recalculates every case it concerns: a bulk decision that may be cut off and goes on where it was.

What is still to do stands in the log itself (a standard adopted or revoked and not yet applied), so there is no other
state to lose. Cases are appended some hundreds at a time; where someone decided on one of them meanwhile, those are
decided again one by one.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from domain.access import SYSTEM
from domain.assistance.case import Case
from domain.assistance.recalculation import Outcome, concerns, recalculate
from domain.assistance.standards import Standard
from domain.clock import first_day, first_month_from
from domain.codes import FindingRule, Scheme
from domain.errors import Unavailable, VersionConflict
from domain.findings import Finding
from domain.kernel import Aggregate
from domain.parameters import Parameters
from infra.active_cases import cases_of
from infra.codec import Envelope
from infra.parameters import CurrentParameters
from infra.recalculation_bulk import Bulk, Due
from infra.store import EventStore
from infra.tasks import fewer_collections, follow

_CHUNK = 500
_AT_ONCE = 2
"""Chunks under way: the log works on one while the other is being decided."""
_ATTEMPTS = 5
_HANDED_OVER = {Outcome.LOWER, Outcome.NOT_ELIGIBLE}


class Recalculation:
    """Recalculates what adopted and revoked standards concern."""

    def __init__(self, store: EventStore, now: Callable[[], datetime], due: Due | None = None) -> None:
        """With `due`, which reads what is due from the read models, plain cases need not be loaded."""
        self._store = store
        self._now = now
        self._due = due
        self._parameters = CurrentParameters(store)

    async def run_pending(self) -> dict[UUID, Counter[Outcome]]:
        """Apply every standard that is not applied yet; by standard, how many cases came to which outcome."""
        done = {}
        for standard in await self._parameters.standards():
            if standard.pending:
                done[standard.id] = await self._apply(standard)
        return done

    async def follow(self, stop: asyncio.Event, every: float = 2.0) -> None:
        """Look for pending standards until `stop` is set."""
        await follow(self.run_pending, stop, every)

    async def _apply(self, standard: Standard) -> Counter[Outcome]:
        parameters = await self._parameters.get()
        turns = asyncio.Semaphore(_AT_ONCE)

        async def in_turn(ids: Sequence[UUID]) -> Counter[Outcome]:
            async with turns:
                return await self._chunk(ids, standard, parameters)

        outcomes, ids = await self._at_once(standard, parameters)
        chunks = [ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK)]
        for counted in await asyncio.gather(*map(in_turn, chunks)):
            outcomes += counted
        applied = await self._store.load(Standard, standard.id)
        assert applied is not None, "it was read from the log"
        applied.report_applied(
            self._now(),
            recalculated=outcomes[Outcome.RECALCULATED],
            unchanged=outcomes[Outcome.UNCHANGED],
            handed_over=sum(outcomes[outcome] for outcome in _HANDED_OVER),
            no_basis=outcomes[Outcome.NO_BASIS],
        )
        await self._store.save([applied], self._envelope(standard))
        return outcomes

    async def _at_once(self, standard: Standard, parameters: Parameters) -> tuple[Counter[Outcome], list[UUID]]:
        """What could be settled without loading a case, and the cases that remain to be loaded."""
        if self._due is not None and standard.from_on is not None and standard.param_code.startswith("dibao."):
            bulk = Bulk(self._store, self._now, self._due)
            month = first_month_from(standard.from_on)
            with suppress(Unavailable), fewer_collections():  # lagging read models: every case is loaded then
                return await bulk.run(standard, parameters, month, self._envelope(standard)), bulk.left
        return Counter(), [id for scheme in Scheme for id in await cases_of(self._store, scheme.value)]

    async def _chunk(self, ids: Sequence[UUID], standard: Standard, parameters: Parameters) -> Counter[Outcome]:
        """Decide some cases and append what came of them at once; where that is refused, one by one."""
        # Amounts need no account and no name: no key is fetched, and nothing personal is written.
        cases = await self._store.load_many(Case, ids, with_personal=False)
        decided = [self._decide(case, standard, parameters) for case in cases.values()]
        changed = [aggregate for aggregates, _ in decided for aggregate in aggregates]
        if changed:
            try:
                await self._store.save(changed, self._envelope(standard))
            except VersionConflict:
                again = await self._store.load_many(Case, ids, with_personal=False)
                return Counter([await self._case(case, standard, parameters) for case in again.values()])
        return Counter(outcome for _, outcome in decided)

    async def _case(self, case: Case, standard: Standard, parameters: Parameters) -> Outcome:
        for _ in range(_ATTEMPTS):
            changed, outcome = self._decide(case, standard, parameters)
            if not changed:
                return outcome
            try:
                await self._store.save(changed, self._envelope(standard))
            except VersionConflict:
                again = await self._store.load(Case, case.id)
                assert again is not None, "it was loaded a moment ago"
                finding = await self._store.load(Finding, changed[0].id) if changed[0] is not case else None
                if finding is not None:
                    return outcome
                case = again
            else:
                return outcome
        raise VersionConflict(f"个案 {case.id} 正被频繁改动，标准调整未能落到该个案；稍后会自动重试。")

    def _decide(self, case: Case, standard: Standard, parameters: Parameters) -> tuple[list[Aggregate], Outcome]:
        if not concerns(standard.version_adopted(), case):
            return [], Outcome.NOT_CONCERNED
        assert standard.from_on is not None
        from_month = first_month_from(standard.from_on)
        outcome = recalculate(case, parameters, from_month, self._now())
        if outcome is Outcome.RECALCULATED:
            return [case], outcome
        if outcome in _HANDED_OVER:
            return [self._finding(case, standard, from_month, outcome)], outcome
        return [], outcome

    def _finding(self, case: Case, standard: Standard, from_month: str, outcome: Outcome) -> Finding:
        """A case whose amount would fall is for people to decide (个人信息保护法 article 24)."""
        key = f"{FindingRule.AMOUNT_OFF_RULE.value}|case:{case.id}|standard:{standard.id}@{standard.version}"
        return Finding.raise_for(
            self._store.keyring.derive_id("finding", key),
            self._now(),
            rule=FindingRule.AMOUNT_OFF_RULE,
            subject=f"case:{case.id}",
            case_id=case.id,
            month=from_month,
            detail=f"{standard.name}调整后重算：{outcome.label}。",
            evidence=(f"standard:{standard.id}@{standard.version}", f"case:{case.id}@{case.version}"),
            division_code=case.division_code,
            effective_on=first_day(from_month),
        )

    def _envelope(self, standard: Standard) -> Envelope:
        return Envelope(actor=SYSTEM.name, role=SYSTEM.role.value, basis=standard.legal_basis)
