"""A resident as the grid knows them (网格居民): how they live, by surveys, and the visits made and to be made.

One aggregate a person, with an id that follows from the person's. Who somebody is stands in the registry and what
they receive in other contexts: neither is copied here. Whether somebody lives alone is what they told the grid worker;
how old they are follows from the registry when it is asked.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar, NamedTuple, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.codes import GridVisitResult, Living, ResidentEnd, Tenure, VisitPurpose
from domain.errors import RuleViolated
from domain.grid.grid import grid_id
from domain.grid.limits import written
from domain.kernel import NO_ID, PersonalText

_RESIDENTS = UUID("8b1c2d0e-40fb-5f3a-8a5f-2f4f3f0b6c77")


def resident_id(person_id: UUID) -> UUID:
    """The id of a person's record in the grid: there is one at most."""
    return uuid5(_RESIDENTS, str(person_id))


class Allocated(NamedTuple):
    """A visit somebody has to make."""

    visit_id: UUID
    worker: str
    purpose: VisitPurpose
    due_on: date


class Resident(kernel.Aggregate):
    """One resident and the visits still to be made to them, by visit."""

    TOPIC: ClassVar[str] = "grid.Resident"
    SUBJECT: ClassVar[str] = "resident"
    division_code: str = ""
    person_id: UUID = NO_ID
    grid_code: str = ""
    living: Living = Living.UNKNOWN
    surveyed_on: date | None = None
    visited_on: date | None = None
    """Last day on which somebody met them."""
    allocated: tuple[Allocated, ...] = ()
    ended: ResidentEnd | None = None
    source_rows: tuple[str, ...] = ()
    """Keys of visits a source has reported: none is taken twice."""

    class Created(kernel.Created):
        """The grid knows that somebody lives there, from `from_on`; in which grid may not be known yet."""

        TOPIC = "grid.ResidentListed"
        TITLE = "列入网格"
        person_id: UUID
        grid_code: str
        division_code: str
        from_on: date

        def gist(self) -> str:
            return self.grid_code

    class Surveyed(kernel.Event):
        """What the resident told whoever called; how to reach somebody near them is sealed under their key."""

        TOPIC = "grid.ResidentSurveyed"
        TITLE = "居民信息采集"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        living: Living
        tenure: Tenure
        emergency_contact: PersonalText | None
        note: PersonalText | None
        by: str
        effective_on: date

        def apply(self, aggregate: "Resident") -> None:
            aggregate.living = self.living
            aggregate.surveyed_on = self.effective_on

    class VisitAllocated(kernel.Event):
        """An account is to call on them by `due_on`."""

        TOPIC = "grid.VisitAllocated"
        TITLE = "分派走访"
        visit_id: UUID
        person_id: UUID
        worker: str
        purpose: VisitPurpose
        due_on: date

        def apply(self, aggregate: "Resident") -> None:
            made = Allocated(self.visit_id, self.worker, self.purpose, self.due_on)
            others = tuple(each for each in aggregate.allocated if each.visit_id != self.visit_id)
            aggregate.allocated = (*others, made)

        def gist(self) -> str:
            return f"{self.purpose.label}，{self.due_on} 前"

    class VisitLogged(kernel.Event):
        """Somebody called on them: whether they met them and how they were; in words under the person's key.

        `done` names the allocated visits that were made by it: none where the person was not met.
        """

        TOPIC = "grid.VisitLogged"
        TITLE = "走访记录"
        KEY_HOLDER: ClassVar[str] = "person_id"
        visit_id: UUID
        person_id: UUID
        purpose: VisitPurpose
        result: GridVisitResult
        note: PersonalText | None
        by: str
        done: tuple[UUID, ...]
        row_key: str
        effective_on: date

        def apply(self, aggregate: "Resident") -> None:
            aggregate.allocated = tuple(each for each in aggregate.allocated if each.visit_id not in self.done)
            if self.result in MET and (aggregate.visited_on is None or self.effective_on > aggregate.visited_on):
                aggregate.visited_on = self.effective_on
            if self.row_key:
                aggregate.source_rows = (*aggregate.source_rows, self.row_key)

        def gist(self) -> str:
            return f"{self.purpose.label}：{self.result.label}"

    class VisitCancelled(kernel.Event):
        """An allocated visit is not to be made any more."""

        TOPIC = "grid.VisitCancelled"
        TITLE = "取消走访"
        visit_id: UUID
        person_id: UUID
        reason: str

        def apply(self, aggregate: "Resident") -> None:
            aggregate.allocated = tuple(each for each in aggregate.allocated if each.visit_id != self.visit_id)

        def gist(self) -> str:
            return self.reason

    class Moved(kernel.Event):
        """They live in another grid, perhaps of another community, from `moved_on`."""

        TOPIC = "grid.ResidentMoved"
        TITLE = "变更所在网格"
        person_id: UUID
        from_division_code: str
        to_division_code: str
        grid_code: str
        moved_on: date

        def apply(self, aggregate: "Resident") -> None:
            aggregate.division_code = self.to_division_code
            aggregate.grid_code = self.grid_code

        def gist(self) -> str:
            return self.grid_code or self.to_division_code

    class Ended(kernel.Event):
        """They are no longer called on from `from_on`; a false death or a return lists them again."""

        TOPIC = "grid.ResidentEnded"
        TITLE = "不再列入网格"
        person_id: UUID
        reason: ResidentEnd
        from_on: date

        def apply(self, aggregate: "Resident") -> None:
            aggregate.ended = self.reason

        def gist(self) -> str:
            return self.reason.label

    class Resumed(kernel.Event):
        """They live here after all, or again."""

        TOPIC = "grid.ResidentResumed"
        TITLE = "重新列入网格"
        person_id: UUID
        from_on: date

        def apply(self, aggregate: "Resident") -> None:
            aggregate.ended = None

    def subjects(self) -> Iterable[str]:
        """What the grid knows stands on the person's timeline and the grid's."""
        yield f"person:{self.person_id}"
        if self.grid_code:
            yield f"grid:{grid_id(self.grid_code)}"

    @classmethod
    def enter(cls, at: datetime, *, person_id: UUID, grid_code: str, division_code: str, from_on: date) -> Self:
        """A person whom the grid did not know yet."""
        return cls.create(
            cls.Created,
            id=resident_id(person_id),
            at=at,
            person_id=person_id,
            grid_code=grid_code,
            division_code=division_code,
            from_on=from_on,
        )

    def survey(
        self,
        at: datetime,
        *,
        living: Living,
        tenure: Tenure,
        emergency_contact: str | None,
        note: str | None,
        by: str,
        surveyed_on: date,
    ) -> None:
        """What they told whoever called."""
        self._demand_listed()
        if surveyed_on > at.date():
            raise RuleViolated("采集日期不能晚于今天。")
        self.record(
            self.Surveyed,
            at=at,
            person_id=self.person_id,
            living=living,
            tenure=tenure,
            emergency_contact=emergency_contact,
            note=note,
            by=by,
            effective_on=surveyed_on,
        )

    def allocate(self, at: datetime, *, visit_id: UUID, worker: str, purpose: VisitPurpose, due_on: date) -> None:
        """Have somebody call on them; one visit of a purpose is open at a time, and another worker takes it over."""
        self._demand_listed()
        who = written(worker, f"网格 {self.grid_code or '（未定）'} 现无网格员，请先指派网格员，或填写走访人账号。")
        if due_on < at.date():
            raise RuleViolated("走访期限不能早于今天。")
        known = next((each for each in self.allocated if each.purpose is purpose), None)
        if known is not None and (known.worker, known.due_on) == (who, due_on):
            raise RuleViolated(f"此人的{purpose.label}已分派给 {who}，期限 {due_on}，无需重复分派。")
        self.record(
            self.VisitAllocated,
            at=at,
            visit_id=visit_id if known is None else known.visit_id,
            person_id=self.person_id,
            worker=who,
            purpose=purpose,
            due_on=due_on,
        )

    def log_visit(
        self,
        at: datetime,
        *,
        visit_id: UUID,
        purpose: VisitPurpose,
        result: GridVisitResult,
        note: str | None,
        by: str,
        visited_on: date,
        acts_for: str = "",
    ) -> None:
        """Record a visit. Whoever met them, or learnt that they are gone, has made every visit that was theirs.

        A resident in need of help, moved or said to be dead is reported on besides: that is a clue, a report of a move
        or of a death, and none of it follows from the visit by itself.
        """
        self._demand_listed()
        if visited_on > at.date():
            raise RuleViolated("走访日期不能晚于今天。")
        if result is not GridVisitResult.WELL:
            written(note or "", "未见到本人、需要帮助、搬离或去世的，请写明情况。")
        met = result is not GridVisitResult.NOT_MET
        made = tuple(each.visit_id for each in self.allocated if met and each.worker in (by, acts_for))
        self.record(
            self.VisitLogged,
            at=at,
            visit_id=visit_id,
            person_id=self.person_id,
            purpose=purpose,
            result=result,
            note=note,
            by=by,
            done=made,
            row_key="",
            effective_on=visited_on,
        )

    def owes(self, purpose: VisitPurpose) -> bool:
        """Whether somebody has a visit of this purpose still to make."""
        return any(each.purpose is purpose for each in self.allocated)

    # For what happens elsewhere: nothing where it is so already.

    def transfer(self, at: datetime, *, to_division_code: str, moved_on: date, grid_code: str = "") -> None:
        """They moved within the district. Visits that were to be made are the new grid's to allocate."""
        if (to_division_code, grid_code or self.grid_code) == (self.division_code, self.grid_code):
            return
        if to_division_code != self.division_code:
            self._cancel_visits(at, "已迁往其他村（社区）")
        self.record(
            self.Moved,
            at=at,
            person_id=self.person_id,
            from_division_code=self.division_code,
            to_division_code=to_division_code,
            grid_code=grid_code,
            moved_on=moved_on,
        )

    def end(self, at: datetime, *, reason: ResidentEnd, from_on: date) -> None:
        """They died, left the district or were never here: nobody calls on them any more."""
        if self.ended is not None:
            return
        self._cancel_visits(at, reason.label)
        self.record(self.Ended, at=at, person_id=self.person_id, reason=reason, from_on=from_on)

    def resume(self, at: datetime, *, from_on: date) -> None:
        """They live here after all, or again."""
        if self.ended is not None:
            self.record(self.Resumed, at=at, person_id=self.person_id, from_on=from_on)

    # Facts of source systems: never refused.

    def report_living(self, at: datetime, *, living: Living, tenure: Tenure, on: date) -> None:
        """What a source says of how they live; nothing where it says what is known."""
        if living not in (Living.UNKNOWN, self.living):
            self.record(
                self.Surveyed,
                at=at,
                person_id=self.person_id,
                living=living,
                tenure=tenure,
                emergency_contact=None,
                note=None,
                by="",
                effective_on=on,
            )

    def report_visit(
        self,
        at: datetime,
        *,
        record: str,
        row_key: str,
        result: GridVisitResult,
        note: str | None,
        by: str,
        visited_on: date,
    ) -> None:
        """A row of a source's visits, once; said otherwise later (the same `record`), it is the same visit."""
        if row_key in self.source_rows:
            return
        self.record(
            self.VisitLogged,
            at=at,
            visit_id=uuid5(self.id, record),
            person_id=self.person_id,
            purpose=VisitPurpose.OTHER,
            result=result,
            note=note,
            by=by,
            done=(),
            row_key=row_key,
            effective_on=visited_on,
        )

    def _cancel_visits(self, at: datetime, reason: str) -> None:
        for each in self.allocated:
            self.record(self.VisitCancelled, at=at, visit_id=each.visit_id, person_id=self.person_id, reason=reason)

    def _demand_listed(self) -> None:
        if self.ended is not None:
            raise RuleViolated(f"此人因“{self.ended.label}”不再列入网格；如有误，请先重新列入。")


MET = frozenset({GridVisitResult.WELL, GridVisitResult.NEEDS_HELP})
"""Somebody saw them: only that counts as a visit of the month."""
