"""What the rules give for an amount that a source reported without saying how it was computed."""

from collections.abc import Iterable
from dataclasses import replace
from typing import cast

from domain.assistance import Case
from domain.assistance.amounts import Basis, compute
from domain.clock import first_day, month_of
from domain.errors import ParameterNotInForce, RuleViolated
from domain.formulas import Computed
from domain.kernel import Event
from domain.parameters import Parameters

_AMOUNTS = (Case.Confirmed, Case.Recalculated)


class Recount:
    """One case replayed: income as it stood at each grant, members as they are known for its month."""

    def __init__(self, events: Iterable[Event], parameters: Parameters) -> None:
        self._parameters = parameters
        self._bases: dict[int, Basis] = {}
        self._case: Case | None = None
        for event in sorted(events, key=lambda event: event.originator_version):
            self._case = cast(Case, event.mutate(self._case))
            if isinstance(event, _AMOUNTS) and (basis := self._case.basis()) is not None:
                self._bases[event.originator_version] = basis

    def of(self, event: Event) -> Computed | None:
        """The rule's result for a grant or another amount; None where it can't be known."""
        basis = self._bases.get(event.originator_version)
        if basis is None or self._case is None or not isinstance(event, _AMOUNTS):
            return None
        month = event.start_month if isinstance(event, Case.Confirmed) else month_of(event.from_on)
        persons = len(self._case.members_for(month)) or basis.persons
        try:
            return compute(replace(basis, persons=persons), self._parameters, first_day(month))
        except (ParameterNotInForce, RuleViolated):
            return None
