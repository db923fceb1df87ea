"""Relief money for one family: rebuilding, transitional living, winter and spring (自然灾害救助条例, order 577/2010).

Article 20: applied for or nominated → community review → notice → street → county. Three hands: who entered it, the
street's and the district's officer are three people, and whoever pays is not the one who decided.
"""

from datetime import date, datetime
from typing import Any, ClassVar, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.codes import AidKind, AidState, FundSource, HouseDamage
from domain.errors import RuleViolated
from domain.formulas import Computed
from domain.relief.aid_record import AidRecord
from domain.relief.amounts import aid_list_id

_AIDS = UUID("7d1f4b0e-52c6-5f0a-9a3c-6b1d2e8f4a04")
"""Namespace of the ids: one for each kind, occasion and person."""
ENDED = frozenset({AidState.PAID, AidState.REFUSED, AidState.WITHDRAWN})
OPEN = frozenset(AidState) - {AidState.APPROVED, *ENDED}
"""States in which nothing is decided yet."""


class ReliefAid(AidRecord):
    """One family's relief money of one kind on one occasion, in the name of one person."""

    TOPIC: ClassVar[str] = "relief.Aid"

    class Created(AidRecord.Created):
        """Applied for, or nominated. Named again, since the library would make up another first event."""

    @staticmethod
    def id_for(kind: AidKind, occasion: UUID | int, person_id: UUID, attempt: int = 1) -> UUID:
        """The id of a person's aid of a kind for a disaster, or for a winter (its first year): one at a time.

        Whoever withdrew or was refused may apply again, as the next `attempt`.
        """
        return uuid5(_AIDS, f"{kind.value} {occasion} {person_id} {attempt}")

    @classmethod
    def apply_for(
        cls,
        at: datetime,
        *,
        kind: AidKind,
        person_id: UUID,
        disaster_id: UUID | None,
        season: int | None,
        head_count: int,
        days: int,
        nominated: bool,
        situation: str,
        division_code: str,
        by: str,
        review_by: date | None,
        attempt: int = 1,
    ) -> Self:
        """An application or a nomination; raises RuleViolated where its occasion or its heads are missing."""
        winter = kind is AidKind.WINTER_SPRING
        if winter and season is None:
            raise RuleViolated("冬春救助须填写年度（当年冬季所在的年份）。")
        if not winter and disaster_id is None:
            raise RuleViolated(f"{kind.label}须填写由哪次灾害引起。")
        if head_count <= 0:
            raise RuleViolated("人数应大于 0。")
        if kind is AidKind.TRANSITION and days <= 0:
            raise RuleViolated("过渡期生活救助须填写天数。")
        if not situation.strip():
            raise RuleViolated("请写明受灾和生活困难情况。")
        occasion = season if winter else disaster_id
        assert occasion is not None
        return cls.create(
            cls.Created,
            id=cls.id_for(kind, occasion, person_id, attempt),
            at=at,
            kind=kind,
            person_id=person_id,
            disaster_id=disaster_id,
            season=season if winter else None,
            aid_list_id=aid_list_id(division_code, occasion) if isinstance(occasion, int) else None,
            head_count=head_count,
            days=days if kind is AidKind.TRANSITION else 0,
            nominated=nominated,
            situation=situation.strip(),
            division_code=division_code,
            by=by,
            review_by=review_by,
        )

    @classmethod
    def report_winter(
        cls, at: datetime, *, person_id: UUID, season: int, head_count: int, situation: str, division_code: str
    ) -> Self:
        """A source's entry of a winter and spring list; nothing becomes due."""
        return cls.create(
            cls.Created,
            id=cls.id_for(AidKind.WINTER_SPRING, season, person_id),
            at=at,
            kind=AidKind.WINTER_SPRING,
            person_id=person_id,
            disaster_id=None,
            season=season,
            aid_list_id=aid_list_id(division_code, season),
            head_count=head_count,
            days=0,
            nominated=False,
            situation=situation,
            division_code=division_code,
            by="",
            review_by=None,
        )

    def report_decided(self, at: datetime, *, amount_fen: int) -> None:
        """A source says what was granted; the same amount again is nothing new."""
        if self.amount_fen != amount_fen or self.state in OPEN:
            said = {"kind": self.kind, "amount_fen": amount_fen, "computed": None, "by": "", "pay_by": None}
            self._record(self.Decided, at, **said)

    def report_paid(
        self, at: datetime, *, amount_fen: int, paid_on: date, payment_no: str, fund_source: FundSource | None
    ) -> None:
        """A source says that it was paid, whatever was decided here; the same payment again is nothing new."""
        if self.state is AidState.PAID and self.amount_fen == amount_fen:
            return
        said = {"kind": self.kind, "amount_fen": amount_fen, "fund_source": fund_source, "by": ""}
        self._record(self.Paid, at, payment_no=payment_no, effective_on=paid_on, **said)

    def assess_damage(
        self, at: datetime, *, grade: HouseDamage, rooms: int, report: str, assessed_on: date, by: str
    ) -> None:
        """Grade the damage; it may be graded anew until the community has deliberated."""
        self._demand("评定房屋损坏等级", AidState.APPLIED)
        if self.kind is not AidKind.REBUILD:
            raise RuleViolated(f"{self.kind.label}不评定房屋损坏等级。")
        if rooms <= 0 and grade is not HouseDamage.NONE:
            raise RuleViolated("受损间数应大于 0。")
        if assessed_on > at.date():
            raise RuleViolated("评定日期不能晚于今天。")
        said = {"grade": grade, "rooms": rooms, "report": report.strip(), "effective_on": assessed_on, "by": by}
        self._record(self.DamageAssessed, at, **said)

    def review(
        self, at: datetime, *, for_count: int, against_count: int, held_on: date, by: str, next_by: date | None
    ) -> None:
        """The community deliberates, a second time where somebody objected.

        `next_by` is by when the result is publicised, or after an objection that did not hold, submitted.
        """
        self._demand("登记民主评议", AidState.APPLIED, AidState.OBJECTED)
        if self.kind is AidKind.REBUILD and self.damage is None:
            raise RuleViolated("请先评定房屋损坏等级，再民主评议。")
        if for_count < 0 or against_count < 0 or for_count + against_count == 0:
            raise RuleViolated("请填写评议同意和不同意的人数。")
        if held_on > at.date():
            raise RuleViolated("评议日期不能晚于今天。")
        passed, again = for_count > against_count, self.state is AidState.OBJECTED
        said = {"for_count": for_count, "against_count": against_count, "passed": passed, "again": again}
        due = {"next_by": next_by if passed else None}
        self._record(self.Reviewed, at, effective_on=held_on, by=by, **said, **due)

    def post_notice(
        self, at: datetime, *, notice_no: str, from_on: date, to_on: date, by: str, submit_by: date | None
    ) -> None:
        """Publicise what the community agreed to."""
        self._demand("公示", AidState.REVIEWED)
        if not notice_no.strip():
            raise RuleViolated("请填写公示编号。")
        if to_on <= from_on:
            raise RuleViolated("公示的最后一日应晚于首日。")
        said = {"from_on": from_on, "to_on": to_on, "by": by, "submit_by": submit_by}
        self._record(self.NoticePosted, at, notice_no=notice_no.strip(), **said)

    def object(self, at: datetime, *, reason: str, review_by: date | None) -> None:
        """Somebody objects while the notice hangs."""
        self._demand("登记异议", AidState.PUBLICISED)
        if self.notice_to is not None and at.date() > self.notice_to:
            raise RuleViolated(f"公示已于 {self.notice_to} 期满；公示期满后的意见请按投诉办理。")
        if not reason.strip():
            raise RuleViolated("请写明异议内容。")
        self._record(self.Objected, at, reason=reason.strip(), review_by=review_by)

    def submit(self, at: datetime, *, opinion: str, by: str, decide_by: date | None) -> None:
        """The street's review, when the notice has run out without an open objection."""
        self._demand("街道审核", AidState.PUBLICISED)
        if self.notice_to is not None and at.date() <= self.notice_to:
            raise RuleViolated(f"公示至 {self.notice_to}，期满后才能审核。")
        if by and by == self.entered_by:
            raise RuleViolated("您已为此申请登记录入，不能再审核；请由其他经办人办理。")
        if not opinion.strip():
            raise RuleViolated("请写明审核意见。")
        self._record(self.Submitted, at, opinion=opinion.strip(), by=by, decide_by=decide_by)

    def decide(self, at: datetime, *, computed: Computed, by: str, pay_by: date | None) -> None:
        """Grant it."""
        self.demand_decidable(by)
        said = {"kind": self.kind, "amount_fen": computed.amount_fen, "computed": computed, "pay_by": pay_by}
        self._record(self.Decided, at, by=by, **said)

    def demand_decidable(self, by: str) -> None:
        """Raise RuleViolated where it is not to be decided now, or not by this account."""
        self._demand("审批", AidState.SUBMITTED)
        self._demand_third(by)

    def refuse(self, at: datetime, *, reason: str, by: str) -> None:
        """Not grant it: after the street's review, or where the community's vote was against it."""
        against = self.state is AidState.APPLIED and self.passed is False
        if not against:
            self._demand("作出不予救助决定", AidState.SUBMITTED)
        self._demand_third(by)
        if not reason.strip():
            raise RuleViolated("不予救助须写明理由。")
        self._record(self.Refused, at, reason=reason.strip(), by=by)

    def hold(self, at: datetime, *, reason: str, by: str = "") -> None:
        """Keep it from being paid, whether decided or not; said again for any reason it does nothing."""
        if not self.held and self.state not in ENDED:
            self._record(self.Held, at, reason=reason, by=by)

    def release(self, at: datetime, *, reason: str, by: str = "") -> None:
        """Let it be paid after all; nothing where it is not held."""
        if self.held:
            self._record(self.Released, at, reason=reason, by=by)

    def pay(self, at: datetime, *, fund_source: FundSource, payment_no: str, paid_on: date, by: str) -> None:
        """The whole amount went out."""
        self._demand("登记支付", AidState.APPROVED)
        if self.held:
            raise RuleViolated(f"暂缓支付：{self.held}。请先恢复支付。")
        if by and by == self.decided_by:
            raise RuleViolated("您已审批此项救助，不能再登记支付；请由财务人员办理。")
        if not payment_no.strip():
            raise RuleViolated("请填写支付凭证号或发放批次号。")
        if paid_on > at.date():
            raise RuleViolated("支付日期不能晚于今天。")
        said = {"kind": self.kind, "amount_fen": self.amount_fen, "fund_source": fund_source, "by": by}
        self._record(self.Paid, at, payment_no=payment_no.strip(), effective_on=paid_on, **said)

    def report_returned(self, at: datetime, *, reason: str, returned_on: date, pay_by: date | None = None) -> None:
        """The bank sent the money back."""
        said = {"amount_fen": self.amount_fen, "effective_on": returned_on, "pay_by": pay_by}
        self._record(self.PaymentReturned, at, reason=reason, **said)

    def withdraw(self, at: datetime, *, reason: str, by: str = "") -> None:
        """Take it back; what is decided is not taken back, and what is withdrawn stays so without a word."""
        if self.state is AidState.WITHDRAWN:
            return
        self._demand("撤回", *(state for state in AidState if state in OPEN))
        if not reason.strip():
            raise RuleViolated("请写明撤回的原因。")
        self._record(self.Withdrawn, at, reason=reason.strip(), by=by)

    def transfer(self, at: datetime, *, to_division_code: str, moved_on: date) -> None:
        """Go along with the person to another division; nothing where it is there already, or over."""
        if self.division_code == to_division_code or self.state in ENDED:
            return
        where = {"from_division_code": self.division_code, "to_division_code": to_division_code}
        self._record(self.Transferred, at, moved_on=moved_on, **where)

    @property
    def due_fen(self) -> int:
        """What is to be paid now, in fen."""
        return self.amount_fen if self.state is AidState.APPROVED and not self.held else 0

    def _demand_third(self, by: str) -> None:
        for earlier, what in ((self.entered_by, "登记录入"), (self.submitted_by, "提出审核意见")):
            if by and by == earlier:
                raise RuleViolated(f"您已为此申请{what}，不能再审批；请由其他经办人办理。")

    def _record(self, event: type[kernel.Event], at: datetime, **said: Any) -> None:
        self.record(event, at=at, person_id=self.person_id, **said)

    def _demand(self, what: str, *states: AidState) -> None:
        if self.state not in states:
            allowed = "、".join(state.label for state in states)
            raise RuleViolated(f"{self.kind.label}现为“{self.state.label}”，不能{what}；须为：{allowed}。")
