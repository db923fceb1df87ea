"""What is due in disasters, as tasks: reports, the list of vulnerable people, first relief, steps of relief money."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from domain.access import Area, RoleCode
from domain.clock import at as instant
from domain.codes import ReportStage, TaskStep
from domain.kernel import Event
from domain.relief import Affected, Disaster, DisasterReports, ReliefAid
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, division_of, handles
from projections.task_rows import TaskRow, day_of, last_day

_DISTRICT = 6
_SUBJECTS = {
    event: kind.SUBJECT
    for kind in (Disaster, DisasterReports, Affected, ReliefAid)
    for name in dir(kind)
    if isinstance(event := getattr(kind, name), type) and issubclass(event, Event)
}
_REPORTS = {
    ReportStage.INITIAL: "报初报",
    ReportStage.FOLLOW_UP: "报续报或零报告",
    ReportStage.ZERO: "报续报或零报告",
    ReportStage.VERIFIED: "报核报",
}
_AID = tuple(step for step in TaskStep if step.name.startswith("RELIEF_AID_"))
_OWNERS = {
    TaskStep.RELIEF_AID_REVIEW: (RoleCode.COMMUNITY_WORKER, "民主评议"),
    TaskStep.RELIEF_AID_PUBLICISE: (RoleCode.COMMUNITY_WORKER, "公示"),
    TaskStep.RELIEF_AID_SUBMIT: (RoleCode.STREET_OFFICER, "公示期满后审核"),
    TaskStep.RELIEF_AID_DECIDE: (RoleCode.DISTRICT_CLERK, "审批"),
    TaskStep.RELIEF_AID_PAY: (RoleCode.FINANCE_OFFICER, "支付"),
}


class ReliefTasks(Projection):
    """What is due in disasters. A part of the projection `Tasks`, never run by itself."""

    @handles(Disaster.Occurred)
    def struck(self, event: Disaster.Occurred, at: LogEvent, to: Changes) -> None:
        """The vulnerable people are to be listed."""
        if event.list_by is not None:
            district = RoleCode.DISTRICT_CLERK if len(division_of(at)) <= _DISTRICT else RoleCode.STREET_OFFICER
            self._open_relief(event, at, to, TaskStep.RELIEF_LIST, event.list_by, district, "列出受灾范围内的重点人员")

    @handles(Disaster.VulnerableListed)
    def listed(self, event: Disaster.VulnerableListed, at: LogEvent, to: Changes) -> None:
        """Listed."""
        if event.complete:
            self._done_relief(event, to, TaskStep.RELIEF_LIST)

    @handles(DisasterReports.Created)
    def to_report(self, event: DisasterReports.Created, at: LogEvent, to: Changes) -> None:
        """The first report is due."""
        self._report(event, at, to, ReportStage.INITIAL, event.due_at)

    @handles(DisasterReports.Filed)
    def reported(self, event: DisasterReports.Filed, at: LogEvent, to: Changes) -> None:
        """The next one is."""
        if event.corrects is not None:
            return
        self._done_relief(event, to, TaskStep.RELIEF_REPORT)
        self._report(event, at, to, ReportStage.ZERO, event.next_due_at)

    @handles(DisasterReports.Missed)
    def missed(self, event: DisasterReports.Missed, at: LogEvent, to: Changes) -> None:
        """The next one is; a verified report that was missed stays due as it was."""
        if event.next_stage is not None:
            self._report(event, at, to, event.next_stage, event.next_due_at)

    @handles(DisasterReports.Stabilised)
    def stable(self, event: DisasterReports.Stabilised, at: LogEvent, to: Changes) -> None:
        """The verified report is due."""
        self._done_relief(event, to, TaskStep.RELIEF_REPORT)
        self._report(event, at, to, ReportStage.VERIFIED, event.due_at)

    @handles(DisasterReports.Resumed)
    def resumed(self, event: DisasterReports.Resumed, at: LogEvent, to: Changes) -> None:
        """Daily reports again."""
        self._report(event, at, to, ReportStage.ZERO, event.due_at)

    @handles(Affected.Created, Affected.ClockStarted)
    def waits(self, event: Affected.Created | Affected.ClockStarted, at: LogEvent, to: Changes) -> None:
        """Somebody has had no relief yet."""
        self._first(event, at, to, event.relief_by)

    @handles(Affected.Relieved, Affected.DeliveryVoided)
    def served(self, event: Affected.Relieved | Affected.DeliveryVoided, at: LogEvent, to: Changes) -> None:
        """Nobody waits any more, or somebody does again."""
        self._waits(event, to, event.first.waiting_count)

    @handles(Affected.Recounted)
    def recounted(self, event: Affected.Recounted, at: LogEvent, to: Changes) -> None:
        """A group of another size."""
        self._waits(event, to, event.waiting_count)

    @handles(Affected.Checked)
    def checked(self, event: Affected.Checked, at: LogEvent, to: Changes) -> None:
        """Whoever is safe waits for nothing; whoever is not after all, does again."""
        if not event.affected:
            self._done_relief(event, to, TaskStep.RELIEF_FIRST)
        elif event.waiting_delta:
            self._waits(event, to, event.waiting_delta)

    @handles(ReliefAid.Created, ReliefAid.Objected)
    def to_review(self, event: ReliefAid.Created | ReliefAid.Objected, at: LogEvent, to: Changes) -> None:
        """The community's turn."""
        self._aid(event, at, to, TaskStep.RELIEF_AID_REVIEW, event.review_by)

    @handles(ReliefAid.Reviewed)
    def reviewed(self, event: ReliefAid.Reviewed, at: LogEvent, to: Changes) -> None:
        """To be publicised; or submitted, where somebody had objected; or refused by the district."""
        step = TaskStep.RELIEF_AID_SUBMIT if event.again else TaskStep.RELIEF_AID_PUBLICISE
        self._aid(event, at, to, step, event.next_by)

    @handles(ReliefAid.NoticePosted)
    def publicised(self, event: ReliefAid.NoticePosted, at: LogEvent, to: Changes) -> None:
        """The street's turn once the notice has run out."""
        self._aid(event, at, to, TaskStep.RELIEF_AID_SUBMIT, event.submit_by)

    @handles(ReliefAid.Submitted)
    def submitted(self, event: ReliefAid.Submitted, at: LogEvent, to: Changes) -> None:
        """The district's turn."""
        self._aid(event, at, to, TaskStep.RELIEF_AID_DECIDE, event.decide_by)

    @handles(ReliefAid.Decided, ReliefAid.PaymentReturned)
    def to_pay(self, event: ReliefAid.Decided | ReliefAid.PaymentReturned, at: LogEvent, to: Changes) -> None:
        """Whoever pays."""
        self._aid(event, at, to, TaskStep.RELIEF_AID_PAY, event.pay_by)

    @handles(ReliefAid.Refused, ReliefAid.Paid, ReliefAid.Withdrawn)
    def aid_over(
        self, event: ReliefAid.Refused | ReliefAid.Paid | ReliefAid.Withdrawn, at: LogEvent, to: Changes
    ) -> None:
        """Nothing is left to do."""
        self._done_relief(event, to, *_AID)

    @handles(ReliefAid.Transferred)
    def aid_moved(self, event: ReliefAid.Transferred, at: LogEvent, to: Changes) -> None:
        """Another division's work."""
        moved: dict[str, Any] = {"division_code": event.to_division_code}
        to.patch_group(TaskRow, "subject", _subject(event), on=day_of(event), where={"open": True}, **moved)

    def _report(self, event: Any, at: LogEvent, to: Changes, stage: ReportStage, due_at: datetime | None) -> None:
        if due_at is None:
            return
        role = RoleCode.DISTRICT_CLERK if len(division_of(at)) <= _DISTRICT else RoleCode.STREET_OFFICER
        task, about = _REPORTS[stage], f"disaster:{event.disaster_id}"
        self._open_relief(event, at, to, TaskStep.RELIEF_REPORT, due_at, role, task, about=about)

    def _first(self, event: Any, at: LogEvent, to: Changes, due_at: datetime | None) -> None:
        if due_at is None:
            return
        person: UUID | None = event.person_id
        about = f"person:{person}" if person else f"disaster:{event.disaster_id}"
        step, role = TaskStep.RELIEF_FIRST, RoleCode.COMMUNITY_WORKER
        self._open_relief(event, at, to, step, due_at, role, "走访并发放首次救助", about=about, person_id=person)

    def _waits(self, event: Event, to: Changes, count: int) -> None:
        if count == 0:
            self._done_relief(event, to, TaskStep.RELIEF_FIRST)
            return
        key, done = (_subject(event), TaskStep.RELIEF_FIRST, ""), {"open": False}
        to.patch_known(TaskRow, key, on=day_of(event), where=done, open=True, done_on=None)

    def _aid(self, event: Any, at: LogEvent, to: Changes, step: TaskStep, due_on: date | None) -> None:
        self._done_relief(event, to, *(other for other in _AID if other is not step))
        if due_on is None:
            self._done_relief(event, to, step)
            return
        role, task = _OWNERS[step]
        due_at, person = instant(due_on + timedelta(days=1)), event.person_id
        self._open_relief(
            event, at, to, step, due_at, role, f"灾害救助资金：{task}", about=f"person:{person}", person_id=person
        )

    def _open_relief(
        self,
        event: Event,
        at: LogEvent,
        to: Changes,
        step: TaskStep,
        due_at: datetime,
        role: RoleCode,
        task: str,
        *,
        about: str = "",
        person_id: UUID | None = None,
    ) -> None:
        to.put(
            TaskRow,
            (_subject(event), step, ""),
            on=day_of(event),
            area=Area.RELIEF,
            division_code=division_of(at),
            role=role,
            task=task,
            about=about or _subject(event),
            person_id=person_id,
            rule="",
            open=True,
            opened_at=event.timestamp,
            due_at=due_at,
            due_on=last_day(due_at),
        )

    def _done_relief(self, event: Event, to: Changes, *steps: TaskStep) -> None:
        on, still = day_of(event), {"open": True}
        for step in steps:
            to.patch_known(TaskRow, (_subject(event), step, ""), on=on, where=still, open=False, done_on=on)


def _subject(event: Event) -> str:
    """The aggregate that an event is of, as a tag."""
    return f"{_SUBJECTS[type(event)]}:{event.originator_id}"
