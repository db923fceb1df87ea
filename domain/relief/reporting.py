"""Disaster reports by stage (初报、续报、零报告、核报): one stream for each unit that reports of a disaster.

自然灾害情况统计调查制度 (应急〔2020〕19号): the county reports within two hours of the disaster, every day while it
goes on (a zero report where nothing changed), and a verified report within five days of its end. Streets report to the
district first. Nothing filed is ever changed: a correction is another report that names the one it corrects.
"""

from dataclasses import field
from datetime import datetime
from typing import ClassVar, NamedTuple, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.codes import ReportStage
from domain.errors import RuleViolated
from domain.relief.clock import next_daily
from domain.relief.figures import Figures, demand_possible, lower_deaths

_REPORTS = UUID("7d1f4b0e-52c6-5f0a-9a3c-6b1d2e8f4a01")
"""Namespace of the ids: one stream for each disaster and reporting unit."""


class Report(NamedTuple):
    """One report as the stream remembers it."""

    stage: ReportStage
    figures: Figures
    as_of: datetime
    corrected_by: int | None = None


class DisasterReports(kernel.Timed):
    """What one unit (the district, a street) has reported of one disaster."""

    TOPIC: ClassVar[str] = "relief.DisasterReports"
    SUBJECT: ClassVar[str] = "disaster_reports"
    division_code: str = ""
    disaster_id: UUID = kernel.NO_ID
    occurred_at: datetime | None = None
    reports: dict[int, Report] = field(default_factory=dict)
    """Every report by its number, from 1."""
    due_stage: ReportStage | None = None
    """What is due next; None: nothing is."""
    due_at: datetime | None = None
    first_due_at: datetime | None = None
    verify_by: datetime | None = None
    missed_at: datetime | None = None
    """The last due moment that passed without a report."""
    daily_hour: int = 0
    stable: bool = False
    ended: bool = False

    class Created(kernel.Created):
        """The unit has to report, first by `due_at`; None where a source said so, as nothing is due then."""

        TOPIC = "relief.ReportingOpened"
        TITLE = "开始报告灾情"
        disaster_id: UUID
        division_code: str
        occurred_at: datetime
        daily_hour: int
        due_at: datetime | None

        def apply(self, aggregate: "DisasterReports") -> None:
            aggregate.first_due_at = self.due_at
            if self.due_at is not None:
                aggregate.due_stage = ReportStage.INITIAL

    class Filed(kernel.Event):
        """A report. `due_at` is what it answered to, `late` whether it came after that, `next_due_at` what comes next.

        With `corrects` it takes the place of that report, which stays as it was.
        """

        TOPIC = "relief.DisasterReported"
        TITLE = "报告灾情"
        disaster_id: UUID
        report_no: int
        stage: ReportStage
        figures: Figures
        as_of: datetime
        note: str
        by: str
        corrects: int | None
        due_at: datetime | None
        late: bool
        next_due_at: datetime | None

        def apply(self, aggregate: "DisasterReports") -> None:
            if self.corrects is not None:
                before = aggregate.reports[self.corrects]
                aggregate.reports[self.corrects] = before._replace(corrected_by=self.report_no)
            aggregate.reports[self.report_no] = Report(self.stage, self.figures, self.as_of)
            if self.corrects is None:
                aggregate.ended = aggregate.ended or self.stage is ReportStage.VERIFIED
                aggregate.due_at = self.next_due_at
                aggregate.due_stage = None if self.next_due_at is None else ReportStage.ZERO
                if self.next_due_at is not None and aggregate.stable:
                    aggregate.due_stage = ReportStage.VERIFIED

        def gist(self) -> str:
            late = "，逾期" if self.late else ""
            corrects = f"，更正第 {self.corrects} 号" if self.corrects is not None else ""
            f = self.figures
            return (
                f"第 {self.report_no} 号{self.stage.label}{late}{corrects}：受灾 {f.affected_count} 人，"
                f"转移 {f.evacuated_count} 人，死亡 {f.dead_count} 人，失踪 {f.missing_count} 人"
            )

    class Missed(kernel.Event):
        """What was due by `due_at` had not come; what is due next."""

        TOPIC = "relief.DisasterReportMissed"
        TITLE = "灾情报告逾期"
        disaster_id: UUID
        stage: ReportStage
        due_at: datetime
        next_stage: ReportStage | None
        next_due_at: datetime | None

        def apply(self, aggregate: "DisasterReports") -> None:
            aggregate.due_stage, aggregate.due_at = self.next_stage, self.next_due_at
            aggregate.missed_at = self.due_at

        def gist(self) -> str:
            return f"{self.stage.label}，应于 {self.due_at:%Y-%m-%d %H:%M} 前报出"

    class Stabilised(kernel.Event):
        """No daily report any more; the verified one is due by `due_at`."""

        TOPIC = "relief.ReportingStabilised"
        TITLE = "等待核报"
        disaster_id: UUID
        due_at: datetime | None

        def apply(self, aggregate: "DisasterReports") -> None:
            aggregate.stable = True
            aggregate.due_at = aggregate.verify_by = self.due_at
            aggregate.due_stage = None if self.due_at is None else ReportStage.VERIFIED

    class Resumed(kernel.Event):
        """The disaster flared up: daily reports again, the next by `due_at`."""

        TOPIC = "relief.ReportingResumed"
        TITLE = "恢复每日报告"
        disaster_id: UUID
        due_at: datetime

        def apply(self, aggregate: "DisasterReports") -> None:
            aggregate.stable = False
            aggregate.due_at = self.due_at
            aggregate.due_stage = ReportStage.ZERO if aggregate.reports else ReportStage.INITIAL

    @staticmethod
    def id_for(disaster_id: UUID, division_code: str) -> UUID:
        """The id of a unit's reports of a disaster."""
        return uuid5(_REPORTS, f"{disaster_id} {division_code}")

    @classmethod
    def open(
        cls,
        at: datetime,
        *,
        disaster_id: UUID,
        division_code: str,
        occurred_at: datetime,
        daily_hour: int,
        due_at: datetime | None,
    ) -> Self:
        """A unit that has to report."""
        return cls.create(
            cls.Created,
            id=cls.id_for(disaster_id, division_code),
            at=at,
            disaster_id=disaster_id,
            division_code=division_code,
            occurred_at=occurred_at,
            daily_hour=daily_hour,
            due_at=due_at,
        )

    def file(
        self,
        at: datetime,
        *,
        stage: ReportStage,
        figures: Figures | None,
        as_of: datetime,
        by: str,
        note: str = "",
    ) -> None:
        """File the next report; a zero report repeats the last figures. Late ones are taken, and show that they are.

        Raises RuleViolated for what is out of turn, impossible, or lower in deaths without a word why.
        """
        self._demand_stage(stage)
        last = self.latest
        if stage is ReportStage.ZERO:
            if figures is not None and last is not None and figures != last.figures:
                raise RuleViolated("零报告表示灾情没有变化；数据有变化的请报续报。")
            figures = last.figures if last is not None else Figures()
        if figures is None:
            raise RuleViolated("请填写灾情数据；没有变化的请用零报告。")
        demand_possible(figures)
        self._demand_moment(as_of, last)
        if last is not None and lower_deaths(last.figures, figures) and not note.strip():
            raise RuleViolated("死亡人数比上一次报告减少，请在说明中写明原因。")
        self.lapse(at)
        due_at = self._answered_due(at, stage)
        self.record(
            self.Filed,
            at=at,
            disaster_id=self.disaster_id,
            report_no=len(self.reports) + 1,
            stage=stage,
            figures=figures,
            as_of=as_of,
            note=note.strip(),
            by=by,
            corrects=None,
            due_at=due_at,
            late=due_at is not None and at > due_at,
            next_due_at=self._next_due(at, stage),
        )

    def correct(self, at: datetime, *, report_no: int, figures: Figures, by: str, note: str) -> None:
        """Take back what a report said: the correction has its stage and moment, and both stay to be read."""
        before = self.reports.get(report_no)
        if before is None:
            raise RuleViolated(f"没有第 {report_no} 号报告，请核对编号。")
        if before.corrected_by is not None:
            raise RuleViolated(f"第 {report_no} 号报告已由第 {before.corrected_by} 号更正；如仍有误，请更正该号。")
        if not note.strip():
            raise RuleViolated("更正灾情报告须写明原因。")
        demand_possible(figures)
        if figures == before.figures:
            raise RuleViolated("更正后的数据与原报告相同，请核对。")
        self.record(
            self.Filed,
            at=at,
            disaster_id=self.disaster_id,
            report_no=len(self.reports) + 1,
            stage=before.stage,
            figures=figures,
            as_of=before.as_of,
            note=note.strip(),
            by=by,
            corrects=report_no,
            due_at=None,
            late=False,
            next_due_at=None,
        )

    def report_filed(self, at: datetime, *, stage: ReportStage, figures: Figures, as_of: datetime) -> None:
        """A source's report, whatever it says; nothing was due and nothing becomes due.

        Another one of the same stage and moment corrects the one before; the same figures again say nothing new.
        """
        before = next(
            (no for no, r in self.reports.items() if (r.stage, r.as_of, r.corrected_by) == (stage, as_of, None)), None
        )
        if before is not None and self.reports[before].figures == figures:
            return
        self.record(
            self.Filed,
            at=at,
            disaster_id=self.disaster_id,
            report_no=len(self.reports) + 1,
            stage=stage,
            figures=figures,
            as_of=as_of,
            note="",
            by="",
            corrects=before,
            due_at=None,
            late=False,
            next_due_at=None if stage is ReportStage.VERIFIED else self.due_at,
        )

    def stabilise(self, at: datetime, *, due_at: datetime | None) -> None:
        """The disaster is stable: the verified report is next. Said again it does nothing."""
        if not self.stable and not self.ended:
            self.record(self.Stabilised, at=at, disaster_id=self.disaster_id, due_at=due_at)

    def resume(self, at: datetime) -> None:
        """The disaster flared up; nothing where it was not stable or is verified."""
        if self.stable and not self.ended:
            due_at = next_daily(at, self.daily_hour)
            self.record(self.Resumed, at=at, disaster_id=self.disaster_id, due_at=due_at)

    @property
    def lapses_at(self) -> datetime | None:
        """By when the next report is due."""
        return self.due_at

    def lapse(self, at: datetime, owner: kernel.Aggregate | None = None) -> None:
        """Record every report that was due before `at` and has not come, each once.

        A daily report that was missed is followed by the next day's, and so is a first one, which stays wanted. A
        verified report is missed once. This is for a timer to call, and a report that is filed calls it itself.
        """
        while self.due_at is not None and self.due_stage is not None and self.due_at < at:
            stage, due_at = self.due_stage, self.due_at
            goes_on = stage is not ReportStage.VERIFIED
            next_due = next_daily(due_at, self.daily_hour) if goes_on else None
            self.record(
                self.Missed,
                at=at,
                disaster_id=self.disaster_id,
                stage=stage,
                due_at=due_at,
                next_stage=stage if goes_on else None,
                next_due_at=next_due,
            )

    @property
    def latest(self) -> Report | None:
        """The report that holds now: the last in time that no other corrects."""
        standing = [(report.as_of, number) for number, report in self.reports.items() if report.corrected_by is None]
        return self.reports[max(standing)[1]] if standing else None

    def _demand_stage(self, stage: ReportStage) -> None:
        first = not self.reports
        if self.ended:
            raise RuleViolated("已核报，不能再报；数据有误的请更正核报。")
        if first and stage is not ReportStage.INITIAL:
            raise RuleViolated(f"尚未初报，不能{stage.label}；请先报初报。")
        if not first and stage is ReportStage.INITIAL:
            raise RuleViolated("已经初报；有新情况请报续报，没有变化的请报零报告。")
        if self.stable and stage in (ReportStage.FOLLOW_UP, ReportStage.ZERO):
            raise RuleViolated("灾情已稳定，请报核报；灾情有反复的，请先登记灾情反复。")
        if not self.stable and stage is ReportStage.VERIFIED:
            raise RuleViolated("灾情尚未稳定，不能核报；请先登记灾情稳定。")

    def _demand_moment(self, as_of: datetime, last: Report | None) -> None:
        if self.occurred_at is not None and as_of < self.occurred_at:
            raise RuleViolated("数据截止时间不能早于灾害发生的时间，请核对。")
        if last is not None and as_of < last.as_of:
            raise RuleViolated(f"数据截止时间早于上一次报告（{last.as_of:%m-%d %H:%M}）；更正以前的报告请用更正。")

    def _answered_due(self, at: datetime, stage: ReportStage) -> datetime | None:
        """The due moment that a report filed now answers to: a daily one is that of its own day, or none."""
        if stage is ReportStage.INITIAL:
            return self.first_due_at
        if stage is ReportStage.VERIFIED:
            return self.verify_by
        return next((due for due in (self.due_at, self.missed_at) if due and due.date() == at.date()), None)

    def _next_due(self, at: datetime, stage: ReportStage) -> datetime | None:
        """What is due after this one: nothing after the verified report, else the next day's."""
        if stage is ReportStage.VERIFIED or (self.due_at is None and self.reports):
            return None  # a source's series never had anything due
        if self.stable or (self.due_at is not None and self.due_at.date() > at.date()):
            return self.due_at
        return next_daily(at, self.daily_hour)
