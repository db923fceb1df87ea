"""The way of the law from acceptance to decision: visit, community review, street opinion, notice, objection.

社会救助暂行办法 (order 649/2014) articles 11 and 12, 最低生活保障审核确认办法 (民发〔2021〕57号). Whoever prepared the
verification, whoever reviewed it for the street and whoever decides for the district are three hands. Days by which
the next step is due are decided here and stand in the events, so that a queue needs no calendar of its own.
"""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from domain import kernel
from domain.assistance.case_record import CaseRecord
from domain.assistance.hands import Hands
from domain.codes import CaseState, Opinion, Relation, VisitFinding, WorkStep
from domain.errors import RuleViolated
from domain.kernel import PersonalText
from domain.wording import written


class CaseProcess(CaseRecord):
    """Events and decisions between acceptance and decision; always used as `Case`."""

    class RelativeDisclosed(kernel.Event):
        """Someone of the household is a near relative of an official or a committee member (近亲属备案)."""

        TOPIC = "assistance.RelativeDisclosed"
        TITLE = "近亲属备案"
        KEY_HOLDER: ClassVar[str] = "household_id"
        household_id: UUID
        staff: PersonalText
        relation: Relation

        def apply(self, aggregate: "CaseProcess") -> None:
            aggregate.staff_relative = True

        def gist(self) -> str:
            return self.relation.label

    class Visited(kernel.Event):
        """Someone called on the household. What was found there is the household's own and sealed under its key."""

        TOPIC = "assistance.HouseholdVisited"
        TITLE = "入户核查"
        KEY_HOLDER: ClassVar[str] = "household_id"
        household_id: UUID
        finding: VisitFinding
        report: PersonalText
        by: str
        official: bool
        verify_by: date | None
        effective_on: date

        def apply(self, aggregate: "CaseProcess") -> None:
            aggregate.acted_by(self.by)
            aggregate.visited_on = self.effective_on
            if self.by_officials:
                aggregate.officially_visited = True
                aggregate.official_visits = (*aggregate.official_visits, self.effective_on)

        @property
        def by_officials(self) -> bool:
            """Whether officials themselves met the household."""
            return self.official and self.finding is not VisitFinding.NOT_REACHED

        def gist(self) -> str:
            return self.finding.label

    class CommunityReviewHeld(kernel.Event):
        """The community deliberated on the household's circumstances (民主评议)."""

        TOPIC = "assistance.CommunityReviewHeld"
        TITLE = "民主评议"
        for_count: int
        against_count: int
        effective_on: date

        def apply(self, aggregate: "CaseProcess") -> None:
            """It changes nothing: a review informs the street's opinion, it does not decide."""

        def gist(self) -> str:
            return f"同意 {self.for_count} 人，不同意 {self.against_count} 人"

    class Reviewed(kernel.Event):
        """The street's opinion."""

        TOPIC = "assistance.CaseReviewed"
        TITLE = "街道审核"
        opinion: Opinion
        note: str
        by: str
        publicise_by: date | None

        def apply(self, aggregate: "CaseProcess") -> None:
            aggregate.state = CaseState.REVIEWED
            aggregate.hands = aggregate.hands._replace(reviewed=self.by)
            aggregate.acted_by(self.by)

        def gist(self) -> str:
            return self.opinion.label

    class NoticePosted(kernel.Event):
        """The opinion hangs on the notice board from `from_on` to `to_on`, both counted."""

        TOPIC = "assistance.NoticePosted"
        TITLE = "公示"
        notice_no: str
        from_on: date
        to_on: date
        decide_by: date | None

        def apply(self, aggregate: "CaseProcess") -> None:
            aggregate.state = CaseState.PUBLICISED
            aggregate.notice_to = self.to_on

        def gist(self) -> str:
            return f"{self.notice_no}，{self.from_on} 至 {self.to_on}"

    class ObjectionFiled(kernel.Event):
        """Someone objects; who and why is sealed under the household's key."""

        TOPIC = "assistance.ObjectionFiled"
        TITLE = "提出异议"
        KEY_HOLDER: ClassVar[str] = "household_id"
        household_id: UUID
        reason: PersonalText
        answer_by: date | None
        effective_on: date

        def apply(self, aggregate: "CaseProcess") -> None:
            aggregate.state = CaseState.OBJECTED

    class ObjectionAnswered(kernel.Event):
        """Investigated again, and the objection upheld or not; review and notice come again."""

        TOPIC = "assistance.ObjectionAnswered"
        TITLE = "异议核查"
        upheld: bool
        note: str
        by: str
        review_by: date | None

        def apply(self, aggregate: "CaseProcess") -> None:
            aggregate.state = CaseState.VERIFIED
            aggregate.notice_to = None
            aggregate.hands = Hands(prepared=self.by)
            aggregate.acted_by(self.by)

        def gist(self) -> str:
            return f"异议{'成立' if self.upheld else '不成立'}：{self.note}"

    class SupplementRequested(kernel.Event):
        """Papers are missing; the clock stands still from this day until they have come."""

        TOPIC = "assistance.SupplementRequested"
        TITLE = "要求补充材料"
        missing: str
        effective_on: date

        def apply(self, aggregate: "CaseProcess") -> None:
            aggregate.clock_stopped_on = self.effective_on

        def gist(self) -> str:
            return self.missing

    class SupplementReceived(kernel.Event):
        """The papers have come; the case is due later by as many working days as it waited."""

        TOPIC = "assistance.SupplementReceived"
        TITLE = "补充材料齐全"
        former_due_on: date
        due_on: date
        effective_on: date

        def apply(self, aggregate: "CaseProcess") -> None:
            aggregate.clock_stopped_on = None
            aggregate.due_on = self.due_on

        def gist(self) -> str:
            return f"办结期限 {self.former_due_on} → {self.due_on}"

    class DeadlineExtended(kernel.Event):
        """A complicated case has more time, once."""

        TOPIC = "assistance.DeadlineExtended"
        TITLE = "延长办结期限"
        former_due_on: date
        due_on: date
        reason: str

        def apply(self, aggregate: "CaseProcess") -> None:
            aggregate.extended = True
            aggregate.due_on = self.due_on

        def gist(self) -> str:
            return f"{self.former_due_on} → {self.due_on}：{self.reason}"

    class Announced(kernel.Event):
        """Second notice: the grant and its amount stay published for as long as it is paid (长期公示)."""

        TOPIC = "assistance.GrantAnnounced"
        TITLE = "公布救助结果"
        notice_no: str
        from_on: date

        def apply(self, aggregate: "CaseProcess") -> None:
            """It changes nothing."""

        def gist(self) -> str:
            return self.notice_no

    class RefusalServed(kernel.Event):
        """The written refusal, with its reasons and the ways to contest it, has reached the applicant."""

        TOPIC = "assistance.RefusalServed"
        TITLE = "送达不予确认通知书"
        letter_no: str
        proof: str
        effective_on: date

        def apply(self, aggregate: "CaseProcess") -> None:
            """It changes nothing."""

        def gist(self) -> str:
            return f"{self.letter_no}，{self.proof}"

    class WorkAssigned(kernel.Event):
        """An open step of the case is this account's to do; an empty one gives it back to the office."""

        TOPIC = "assistance.WorkAssigned"
        TITLE = "分派待办"
        step: WorkStep
        assignee: str
        item: str = ""

        def apply(self, aggregate: "CaseProcess") -> None:
            """It changes nothing."""

        def gist(self) -> str:
            return f"{self.step.label}：{self.assignee or '退回本单位'}"

    # Decisions.

    def disclose_relative(self, at: datetime, *, staff: str, relation: Relation) -> None:
        """Enter the case in the register of staff relatives; from then on officials themselves have to visit it."""
        self._demand_open("办理近亲属备案")
        text = written(staff, "请写明工作人员姓名和单位。")
        self.record(self.RelativeDisclosed, at=at, household_id=self.household_id, staff=text, relation=relation)

    def record_visit(
        self, at: datetime, *, finding: VisitFinding, report: str, by: str, official: bool, visited_on: date
    ) -> None:
        """What a visit to the household found; also while it is paid. `official`: by the street or the district."""
        self._demand("登记入户核查", *_VISITABLE)
        if visited_on > at.date():
            raise RuleViolated("入户核查日期不能晚于今天。")
        self.record(
            self.Visited,
            at=at,
            household_id=self.household_id,
            finding=finding,
            report=written(report, "请写明入户核查情况。"),
            by=by,
            official=official,
            verify_by=self.due_on if self.state is CaseState.ACCEPTED else None,
            effective_on=visited_on,
        )

    def record_community_review(self, at: datetime, *, for_count: int, against_count: int, held_on: date) -> None:
        """What the community's deliberation came to."""
        self._demand("登记民主评议", CaseState.ACCEPTED, CaseState.VERIFIED)
        if for_count < 0 or against_count < 0 or for_count + against_count == 0:
            raise RuleViolated("民主评议人数应大于零。")
        self.record(
            self.CommunityReviewHeld, at=at, for_count=for_count, against_count=against_count, effective_on=held_on
        )

    def review(self, at: datetime, *, opinion: Opinion, note: str, by: str) -> None:
        """The street's opinion, by someone else than who prepared it; nobody is granted anything unvisited."""
        self._demand("提出审核意见", CaseState.VERIFIED)
        self.hands.demand_other(by, "提出审核意见")
        if self.visited_on is None:
            raise RuleViolated("尚未入户核查，不能提出审核意见；请先登记入户核查。")
        if self.staff_relative and not self.officially_visited:
            raise RuleViolated("此个案已办理近亲属备案，须由街道或区级工作人员入户核查后才能提出审核意见。")
        self.record(self.Reviewed, at=at, opinion=opinion, note=note.strip(), by=by, publicise_by=self.due_on)

    def post_notice(self, at: datetime, *, notice_no: str, from_on: date, to_on: date, decide_by: date) -> None:
        """Hang the opinion out for the time the law says."""
        self._demand("公示", CaseState.REVIEWED)
        if from_on > at.date():
            raise RuleViolated("公示起始日不能晚于今天。")
        due = decide_by if self.due_on is None else min(decide_by, self.due_on)
        self.record(
            self.NoticePosted,
            at=at,
            notice_no=written(notice_no, "请填写公示编号。"),
            from_on=from_on,
            to_on=to_on,
            decide_by=max(due, to_on),
        )

    def object(self, at: datetime, *, reason: str) -> None:
        """Someone objects while the notice hangs, or before the decision is made."""
        self._demand("登记异议", CaseState.PUBLICISED)
        self.record(
            self.ObjectionFiled,
            at=at,
            household_id=self.household_id,
            reason=written(reason, "请写明异议内容。"),
            answer_by=self.due_on,
            effective_on=at.date(),
        )

    def answer_objection(self, at: datetime, *, upheld: bool, note: str, by: str) -> None:
        """Close the new investigation; the case is reviewed and publicised again, whatever it came to."""
        self._demand("登记异议核查结果", CaseState.OBJECTED)
        text = written(note, "请写明异议核查结果。")
        self.record(self.ObjectionAnswered, at=at, upheld=upheld, note=text, by=by, review_by=self.due_on)

    def request_supplement(self, at: datetime, *, missing: str) -> None:
        """Stop the clock: papers are missing."""
        self._demand("要求补充材料", *_RUNNING)
        if self.clock_stopped_on is not None:
            raise RuleViolated(f"自 {self.clock_stopped_on} 起已在等待补充材料；收齐后请先登记。")
        text = written(missing, "请一次性写明所缺材料。")
        self.record(self.SupplementRequested, at=at, missing=text, effective_on=at.date())

    def receive_supplement(self, at: datetime, *, due_on: date) -> None:
        """The clock runs on; `due_on` is the new last day."""
        if self.clock_stopped_on is None or self.due_on is None:
            raise RuleViolated("此个案没有在等待补充材料。")
        self.record(self.SupplementReceived, at=at, former_due_on=self.due_on, due_on=due_on, effective_on=at.date())

    def extend_deadline(self, at: datetime, *, due_on: date, reason: str) -> None:
        """More time for a complicated case."""
        self._demand("延长办结期限", *_RUNNING)
        if self.extended:
            raise RuleViolated("办结期限只能延长一次。")
        if self.due_on is None or due_on <= self.due_on:
            raise RuleViolated("延长后的期限应晚于现办结期限。")
        text = written(reason, "延长办结期限须写明原因。")
        self.record(self.DeadlineExtended, at=at, former_due_on=self.due_on, due_on=due_on, reason=text)

    def announce(self, at: datetime, *, notice_no: str, from_on: date) -> None:
        """Publish a grant and its amount."""
        self._demand("公布救助结果", CaseState.PAYING, CaseState.SUSPENDED, CaseState.RECOGNISED)
        self.record(self.Announced, at=at, notice_no=written(notice_no, "请填写公示编号。"), from_on=from_on)

    def serve_refusal(self, at: datetime, *, letter_no: str, proof: str, served_on: date) -> None:
        """The refusal has been delivered; `proof` says how that is known."""
        self._demand("登记送达", CaseState.REFUSED)
        self.record(
            self.RefusalServed,
            at=at,
            letter_no=written(letter_no, "请填写通知书文号。"),
            proof=written(proof, "请写明送达方式及凭证。"),
            effective_on=served_on,
        )

    def assign(self, at: datetime, *, step: WorkStep, assignee: str, item: str = "") -> None:
        """Give a step to somebody of the office; `item` tells several of the same step apart."""
        self.record(self.WorkAssigned, at=at, step=step, assignee=assignee.strip(), item=item)

    def demand_decidable(self, by: str) -> None:
        """Raise RuleViolated where nobody, or not this account, may decide now."""
        if self.clock_stopped_on is not None:
            raise RuleViolated(f"自 {self.clock_stopped_on} 起在等待补充材料，收齐前不能作出决定。")
        self.hands.demand_other(by, "作出决定")

    def demand_publicised(self, on: date) -> None:
        """Raise RuleViolated where the notice has not run by that day.

        A case that an administrative review or judgment reopened needs none: its order takes the notice's place.
        """
        if self.reopened_by:
            self._demand("确认", CaseState.VERIFIED, CaseState.REVIEWED, CaseState.PUBLICISED)
            return
        self._demand("确认", CaseState.PUBLICISED)
        if self.notice_to is not None and on <= self.notice_to:
            raise RuleViolated(f"公示期至 {self.notice_to} 届满，届满前不能作出决定。")

    def _demand(self, what: str, *states: CaseState) -> None:
        if self.state not in states:
            allowed = "、".join(state.label for state in states)
            raise RuleViolated(f"个案现为“{self.state.label}”，不能{what}；须为：{allowed}。")

    def _demand_open(self, what: str) -> None:
        if self.state in OVER:
            raise RuleViolated(f"个案现为“{self.state.label}”，不能{what}；需要时请先重新办理或另行申请。")


_RUNNING = (CaseState.ACCEPTED, CaseState.VERIFIED, CaseState.REVIEWED, CaseState.PUBLICISED, CaseState.OBJECTED)
"""States in which the legal time for the whole case runs."""
OVER = frozenset({CaseState.REFUSED, CaseState.WITHDRAWN, CaseState.TERMINATED, CaseState.CLOSED})
"""States in which a case is over, unless it is reopened."""
_VISITABLE = (
    *(CaseState.ACCEPTED, CaseState.VERIFIED, CaseState.OBJECTED),
    *(CaseState.PAYING, CaseState.SUSPENDED, CaseState.RECOGNISED),
)
