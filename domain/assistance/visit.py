"""A purchased visit (购买服务入户核查) to one household of a sample, and the officials' recheck that may follow.

A visit is an aggregate of its own, so that a hundred visitors can hand in results at once, and so that it belongs to
the household's own division. What the visitor needs to find the household stands in the allocation, sealed under the
applicant's key: nothing else of it is ever shown to them.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar, NamedTuple, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.codes import SampleFinding
from domain.errors import NotFound, RuleViolated
from domain.kernel import NO_ID, PersonalText


def visit_id(campaign: UUID, household: UUID) -> UUID:
    """The id of a campaign's visit to a household: there is one at most."""
    return uuid5(campaign, str(household))


class Contact(NamedTuple):
    """Where a household is found: whom to ask for, telephone, address, how many it covers."""

    applicant_id: UUID
    name: str
    phone: str | None
    address: str | None
    member_count: int


class Visit(kernel.Aggregate):
    """The visit to one household."""

    TOPIC: ClassVar[str] = "assistance.Visit"
    SUBJECT: ClassVar[str] = "visit"
    division_code: str = ""
    campaign_id: UUID = NO_ID
    household_id: UUID = NO_ID
    case_id: UUID = NO_ID
    visitor: str = ""
    due_on: date | None = None
    allocated_on: date | None = None
    finding: SampleFinding | None = None
    rechecked: bool = False

    class Created(kernel.Created):
        """The visit is this account's to make, until the day it is due."""

        TOPIC = "assistance.VisitAllocated"
        TITLE = "分派入户核查"
        KEY_HOLDER: ClassVar[str] = "applicant_id"
        campaign_id: UUID
        household_id: UUID
        case_id: UUID
        applicant_id: UUID
        division_code: str
        visitor: str
        due_on: date
        name: PersonalText
        phone: PersonalText | None
        address: PersonalText | None
        member_count: int

        def apply(self, aggregate: "Visit") -> None:
            aggregate.allocated_on = self.timestamp.date()

        def gist(self) -> str:
            return f"{self.visitor}，{self.due_on} 前"

    class Reallocated(kernel.Event):
        """Another account's to make, or until another day; nobody had handed in a result."""

        TOPIC = "assistance.VisitReallocated"
        TITLE = "改派入户核查"
        KEY_HOLDER: ClassVar[str] = "applicant_id"
        household_id: UUID
        case_id: UUID
        applicant_id: UUID
        visitor: str
        due_on: date
        name: PersonalText
        phone: PersonalText | None
        address: PersonalText | None
        member_count: int

        def apply(self, aggregate: "Visit") -> None:
            aggregate.visitor = self.visitor
            aggregate.due_on = self.due_on

        def gist(self) -> str:
            return f"{self.visitor}，{self.due_on} 前"

    class Transferred(kernel.Event):
        """The case belongs to another street or community, and with it what is still to do of the visit."""

        TOPIC = "assistance.VisitTransferred"
        TITLE = "移交入户核查"
        household_id: UUID
        case_id: UUID
        from_division_code: str
        to_division_code: str

        def apply(self, aggregate: "Visit") -> None:
            aggregate.division_code = self.to_division_code

        def gist(self) -> str:
            return f"{self.from_division_code} → {self.to_division_code}"

    class ResultSubmitted(kernel.Event):
        """What the visitor found, sealed under the household's key; officials are to look again by `recheck_by`."""

        TOPIC = "assistance.VisitResultSubmitted"
        TITLE = "提交核查结果"
        KEY_HOLDER: ClassVar[str] = "household_id"
        campaign_id: UUID
        household_id: UUID
        case_id: UUID
        finding: SampleFinding
        report: PersonalText
        by: str
        recheck_by: date | None
        effective_on: date

        def apply(self, aggregate: "Visit") -> None:
            aggregate.finding = self.finding

        def gist(self) -> str:
            return self.finding.label

    class RecheckDone(kernel.Event):
        """What officials found who called on the household themselves."""

        TOPIC = "assistance.RecheckDone"
        TITLE = "工作人员复查"
        KEY_HOLDER: ClassVar[str] = "household_id"
        campaign_id: UUID
        household_id: UUID
        case_id: UUID
        finding: SampleFinding
        report: PersonalText
        by: str
        effective_on: date

        def apply(self, aggregate: "Visit") -> None:
            aggregate.rechecked = True

        def gist(self) -> str:
            return self.finding.label

    @classmethod
    def allocate(
        cls,
        at: datetime,
        *,
        campaign_id: UUID,
        household_id: UUID,
        case_id: UUID,
        division_code: str,
        visitor: str,
        due_on: date,
        contact: Contact,
    ) -> Self:
        """A visit that nobody had to make yet."""
        _demand_day(at, due_on)
        return cls.create(
            cls.Created,
            id=visit_id(campaign_id, household_id),
            at=at,
            campaign_id=campaign_id,
            household_id=household_id,
            case_id=case_id,
            division_code=division_code,
            visitor=visitor,
            due_on=due_on,
            **contact._asdict(),
        )

    def reallocate(self, at: datetime, *, visitor: str, due_on: date, contact: Contact) -> None:
        """Give a visit that nobody handed in a result of to another account, or until another day."""
        _demand_day(at, due_on)
        if self.finding is not None or self.rechecked:
            raise RuleViolated(f"家庭 {self.household_id} 已有核查或复查结果，不能改派。")
        self.record(
            self.Reallocated,
            at=at,
            household_id=self.household_id,
            case_id=self.case_id,
            visitor=visitor,
            due_on=due_on,
            **contact._asdict(),
        )

    def submit(
        self, at: datetime, *, finding: SampleFinding, report: str, by: str, visited_on: date, recheck_by: date
    ) -> None:
        """Hand in the result, by the visitor it is allocated to and not after its day; others are told of nothing."""
        if by != self.visitor or self.finding is not None or self.rechecked:
            raise NotFound(f"没有找到 {self.SUBJECT}:{self.id}，或不是分派给您的未完成核查。")
        if self.due_on is not None and at.date() > self.due_on:
            raise RuleViolated(f"此项核查已于 {self.due_on} 到期，不能再提交；请与区民政局联系改派。")
        if self.allocated_on is not None and not self.allocated_on <= visited_on <= at.date():
            raise RuleViolated(f"入户日期应在分派日（{self.allocated_on}）与今天之间。")
        self.record(
            self.ResultSubmitted,
            at=at,
            campaign_id=self.campaign_id,
            household_id=self.household_id,
            case_id=self.case_id,
            finding=finding,
            report=_written(report),
            by=by,
            recheck_by=None if finding is SampleFinding.AS_STATED else recheck_by,
            effective_on=visited_on,
        )

    def recheck(self, at: datetime, *, finding: SampleFinding, report: str, by: str, visited_on: date) -> None:
        """Officials looked themselves: where the visitor found otherwise than stated, or never came in time."""
        if self.rechecked or self.confirmed:
            raise RuleViolated("此户已核查一致或已复查，无需再登记。")
        if self.finding is None and self.due_on is not None and at.date() <= self.due_on:
            raise RuleViolated(f"此户由 {self.visitor} 核查至 {self.due_on}，到期前无需复查。")
        if by == self.visitor:
            raise RuleViolated("复查须由工作人员本人进行，不能由入户核查人员进行。")
        if finding is SampleFinding.NOT_REACHED:
            raise RuleViolated("未能见到该户，不能登记为已复查；请继续联系。")
        if visited_on > at.date():
            raise RuleViolated("入户日期不能晚于今天。")
        self.record(
            self.RecheckDone,
            at=at,
            campaign_id=self.campaign_id,
            household_id=self.household_id,
            case_id=self.case_id,
            finding=finding,
            report=_written(report),
            by=by,
            effective_on=visited_on,
        )

    def transfer(self, at: datetime, *, to_division_code: str) -> None:
        """Go along with the case, as long as somebody still has to look at the household."""
        if not (self.confirmed or self.rechecked):
            self.record(
                self.Transferred,
                at=at,
                household_id=self.household_id,
                case_id=self.case_id,
                from_division_code=self.division_code,
                to_division_code=to_division_code,
            )

    @property
    def confirmed(self) -> bool:
        """Whether the visitor met the household and found it as stated."""
        return self.finding is SampleFinding.AS_STATED

    @property
    def awaits_recheck(self) -> bool:
        """Whether officials have to look before anything may be stopped (X17)."""
        return self.finding is not None and not self.confirmed and not self.rechecked

    @property
    def met(self) -> bool:
        """Whether anybody met the household: then it is not drawn again in the cycle."""
        return self.rechecked or self.finding not in (None, SampleFinding.NOT_REACHED)


def demand_rechecked(visits: Iterable[Visit]) -> None:
    """Raise RuleViolated where a visitor's finding has not been rechecked: nothing is stopped on their word alone."""
    if any(visit.awaits_recheck for visit in visits):
        raise RuleViolated("抽样核查发现的情况尚未由工作人员复查，复查前不能停发或以此结案；请先登记复查。")


def _demand_day(at: datetime, due_on: date) -> None:
    if due_on < at.date():
        raise RuleViolated("核查期限不能早于今天。")


def _written(report: str) -> str:
    if not report.strip():
        raise RuleViolated("请写明核查情况。")
    return report.strip()
