"""Economic-status verification (家庭经济状况核对): what may be decided about it, and what the sources' files report.

AUTHORISING → AUTHORISED → SENT → PARTIAL → REPORTED → CONTESTED → REVERIFIED → EXPIRED. Nobody is asked before every
adult member's authorisation is in force. A report only informs the people who decide the case: it never changes it.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import ClassVar, NamedTuple, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.assistance.case import Case
from domain.assistance.case_process import OVER
from domain.assistance.verification_record import UNASKED, Answer, EconVerificationRecord, Query
from domain.clock import at as start_of
from domain.codes import EconConclusion, EconQueryState, EconResult, EconSource, EconState, FindingRule
from domain.errors import RuleViolated
from domain.findings import FindingDraft
from domain.formulas import yuan
from domain.wording import written

_PREPARING = (EconState.AUTHORISING, EconState.AUTHORISED)
_ASKING = (EconState.SENT, EconState.PARTIAL)
OPEN = (*_PREPARING, *_ASKING, EconState.CONTESTED)
"""States in which its result is still to come: nothing is to be decided on the case meanwhile."""
_RELIABLE = (EconState.REPORTED, EconState.REVERIFIED)


class Result(NamedTuple):
    """What an official makes of the sources' answers: monthly countable income in fen, property within the limits."""

    conclusion: EconConclusion
    monthly_income_fen: int
    property_within_limits: bool
    note: str = ""


class Excess(NamedTuple):
    """By how much a reported income is not below the standard (fen a month), and by when people look into it."""

    excess_fen: int
    recheck_by: date


class EconVerification(EconVerificationRecord):
    """The verification of one case's household by what banks and offices know of its members."""

    TOPIC: ClassVar[str] = "assistance.EconVerification"

    class Created(EconVerificationRecord.Created):
        """A household is to be verified. Named again, since the library would make up another first event."""

    def owner(self) -> tuple[type[kernel.Aggregate], UUID]:
        """Its case, which may have moved to another street since."""
        return Case, self.case_id

    @staticmethod
    def id_for(case_id: UUID, sequence: int) -> UUID:
        """The id of a case's `sequence`-th verification: one and the same, so that it can't be opened twice."""
        return uuid5(case_id, f"verification {sequence}")

    @classmethod
    def open(
        cls,
        at: datetime,
        *,
        case_id: UUID,
        household_id: UUID,
        division_code: str,
        member_ids: tuple[UUID, ...],
        earlier: Iterable["EconVerification"],
        by: str,
        authorise_by: date,
    ) -> Self:
        """The next verification of a case, after the `earlier` ones; `member_ids` have to authorise it."""
        known = tuple(earlier)
        if any(other.state in OPEN for other in known):
            raise RuleViolated("此个案已有一次核对正在办理；请先办结或终止。")
        if not member_ids:
            raise RuleViolated("家庭中没有可以授权的成员，请先登记家庭成员。")
        sequence = 1 + max((other.sequence for other in known), default=0)
        id = cls.id_for(case_id, sequence)
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            sequence=sequence,
            request_no=f"HD-{at.year}-{id.hex[:12].upper()}",
            case_id=case_id,
            household_id=household_id,
            member_ids=member_ids,
            division_code=division_code,
            by=by,
            authorise_by=authorise_by,
        )

    # Decisions.

    def sign(
        self,
        at: datetime,
        *,
        person_id: UUID,
        household: Iterable[UUID],
        signed_on: date,
        valid_to: date,
        send_by: date,
    ) -> None:
        """A member of the `household` consents from `signed_on` to `valid_to`; the last one starts `send_by`."""
        self._demand("登记授权", *OPEN)
        if person_id not in set(household):
            raise RuleViolated("授权人不是该家庭成员，请先登记家庭成员。")
        if signed_on > at.date():
            raise RuleViolated("授权日期不能晚于今天。")
        if valid_to < signed_on:
            raise RuleViolated("授权有效期末日早于签署日期，请核对授权书。")
        others = (member for member in self.member_ids if member != person_id)
        today = at.date()
        complete = valid_to >= today and all(self.authorised(other, today) for other in others)
        self.record(
            self.AuthorizationSigned,
            at=at,
            case_id=self.case_id,
            person_id=person_id,
            valid_to=valid_to,
            complete=complete,
            send_by=send_by if complete and self.state in _PREPARING else None,
            effective_on=signed_on,
        )

    def revoke(self, at: datetime, *, person_id: UUID, authorise_by: date) -> None:
        """A member takes the consent back; what was answered until then stays."""
        self._demand("撤回授权", *OPEN, *_RELIABLE)
        given = self.authorizations.get(person_id)
        if given is None or given.revoked_on is not None:
            raise RuleViolated("此人没有可以撤回的授权。")
        self.record(
            self.AuthorizationRevoked,
            at=at,
            case_id=self.case_id,
            person_id=person_id,
            authorise_by=authorise_by if self.state in OPEN else None,
            effective_on=at.date(),
        )

    def send(
        self,
        at: datetime,
        *,
        sources: Iterable[EconSource],
        adults: tuple[UUID, ...],
        purpose: str,
        by: str,
        answer_by: date,
        report_by: date,
    ) -> None:
        """Ask these sources (none named: all that may be asked) about the adult members of today.

        One that has answered is asked again only where the report is contested.
        """
        self._demand("发出查询", *OPEN)
        self.demand_authorised(adults, at.date())
        named = tuple(dict.fromkeys(sources))
        for source in named:
            self._demand_askable(source)
        chosen = named or tuple(source for source in EconSource if self._askable(source))
        if not chosen:
            raise RuleViolated("没有可以查询的来源：都已答复或在答复期限内。")
        for source in chosen:
            first = self.state in _PREPARING
            earlier = self.queries.get(source, UNASKED)
            self.record(
                self.QuerySent,
                at=at,
                case_id=self.case_id,
                source=source,
                round=earlier.round + 1,
                member_ids=adults,
                purpose=purpose,
                by=by,
                answer_by=answer_by,
                report_by=report_by if first else None,
                effective_on=at.date(),
            )

    def answer(self, at: datetime, *, source: EconSource, said: Answer, answered_on: date) -> None:
        """Enter what a source answered on paper, as long as there is no report yet."""
        self._demand("登记答复", *_ASKING, EconState.CONTESTED)
        query = self.queries.get(source)
        if query is None or query.sent_on is None:
            raise RuleViolated(f"没有向“{source.label}”发出过查询，不能登记其答复。")
        if said.person_id is not None and said.person_id not in query.member_ids:
            raise RuleViolated(f"向“{source.label}”查询的人员中没有此人，不能登记其答复。")
        if not query.sent_on <= answered_on <= at.date():
            raise RuleViolated(f"答复日期应在查询日期 {query.sent_on} 与今天之间。")
        if self._revoked(query, answered_on):
            raise RuleViolated("被查询的成员已撤回授权，不能登记此后的答复；请退回来源。")
        demand_plausible(said)
        if query.answer_of(said.person_id) == said:
            raise RuleViolated(f"“{source.label}”的这项答复已经登记。")
        self._answer(at, source, said, answered_on)

    def report(self, at: datetime, *, result: Result, by: str, valid_to: date, excess: Excess | None) -> None:
        """Report what the answers come to; sources that timed out are named in it as not having answered."""
        self._demand("出具核对报告", *_ASKING)
        self._demand_none_waiting("出具报告")
        self.record(self.EconReported, at=at, **self._found(result), by=by, valid_to=valid_to)
        self._raise_excess(at, excess)

    def contest(self, at: datetime, *, reason: str, reverify_by: date) -> None:
        """The household does not agree with the report; it is verified again by `reverify_by`."""
        self._demand("提出异议", EconState.REPORTED)
        self.record(
            self.Contested,
            at=at,
            case_id=self.case_id,
            household_id=self.household_id,
            reason=written(reason, "请写明异议内容。"),
            reverify_by=reverify_by,
        )

    def reverify(
        self, at: datetime, *, upheld: bool, result: Result, by: str, valid_to: date, excess: Excess | None
    ) -> None:
        """The result after the contest, by someone else than who reported."""
        self._demand("登记复核结果", EconState.CONTESTED)
        if by and by == self.reported_by:
            raise RuleViolated("您已为此次核对出具报告，不能再复核；请由其他经办人办理。")
        self._demand_none_waiting("登记复核结果")
        self.record(self.Reverified, at=at, upheld=upheld, **self._found(result), by=by, valid_to=valid_to)
        self._raise_excess(at, excess)

    def cancel(self, at: datetime, *, reason: str) -> None:
        """End it without a report: opened by mistake, or a member refuses to authorise."""
        self._demand("终止核对", *_PREPARING, *_ASKING)
        self.record(self.Cancelled, at=at, case_id=self.case_id, reason=written(reason, "终止核对须写明原因。"))

    def end_with_case(self, at: datetime) -> None:
        """Nothing is left to find out: the case is over."""
        if self.state in OPEN:
            self.record(self.Cancelled, at=at, case_id=self.case_id, reason="个案已结束")

    def follow(self, at: datetime, *, division_code: str) -> None:
        """Belong where its case belongs now."""
        if division_code != self.division_code:
            given = {"from_division_code": self.division_code, "to_division_code": division_code}
            self.record(self.Followed, at=at, case_id=self.case_id, **given)

    # Time.

    @property
    def due_on(self) -> date | None:
        """The last day of whatever lapses next by itself; None where nothing does."""
        if self.state in _RELIABLE:
            return self.valid_to
        if self.state not in OPEN:
            return None
        return min((q.answer_by for q in self._waiting().values() if q.answer_by is not None), default=None)

    @property
    def lapses_at(self) -> datetime | None:
        """When the last day is over."""
        return None if self.due_on is None else start_of(_day_after(self.due_on))

    def lapse(self, at: datetime, owner: kernel.Aggregate | None = None) -> None:
        """What has run out before today: sources that have not answered, a report that is too old.

        A case that is over, as a source reported, takes its verification along: whoever decides ends it at once.
        """
        if isinstance(owner, Case) and owner.state in OVER:
            self.end_with_case(at)
        today = at.date()
        if self.state in _RELIABLE and self.valid_to is not None and self.valid_to < today:
            self.record(self.Expired, at=at, case_id=self.case_id, effective_on=_day_after(self.valid_to))
        if self.state not in OPEN:
            return
        for source, query in self._waiting().items():
            if query.answer_by is not None and query.answer_by < today:
                self.record(
                    self.QueryTimedOut,
                    at=at,
                    case_id=self.case_id,
                    source=source,
                    round=query.round,
                    waiting=len(self._waiting()) - 1,
                    effective_on=_day_after(query.answer_by),
                )

    # Facts of files.

    def report_answer(self, at: datetime, *, source: EconSource, said: Answer, answered_on: date) -> bool:
        """A file of the verification centre holds this answer; whether that is new. It is recorded in any state.

        It was known here no earlier than what happened before, whenever the file was written.
        """
        query = self.queries.get(source, UNASKED)
        if query.answer_of(said.person_id) == said:
            return False
        self._answer(max(at, self.modified_on), source, said, answered_on)
        return True

    def contradictions(self, source: EconSource, said: Answer, answered_on: date) -> Iterable[FindingDraft]:
        """What is wrong with an answer that was just reported: nobody asked or allowed it, or it comes too late."""
        query = self.queries[source]
        if query.round == 0 or (said.person_id is not None and said.person_id not in query.member_ids):
            yield self._draft(FindingRule.ANSWER_UNASKED, source, said, answered_on, "没有就此发出过查询")
        elif self._revoked(query, answered_on):
            yield self._draft(FindingRule.ANSWER_UNASKED, source, said, answered_on, "被查询的成员已撤回授权")
        elif self.state not in OPEN:
            yield self._draft(FindingRule.ANSWER_AFTER_REPORT, source, said, answered_on, f"核对{self.state.label}")

    # What others ask of it.

    def authorised(self, person_id: UUID, on: date) -> bool:
        """Whether this member's authorisation is in force on a day."""
        given = self.authorizations.get(person_id)
        return given is not None and given.in_force(on)

    def demand_authorised(self, adults: tuple[UUID, ...], on: date) -> None:
        """Raise RuleViolated unless every one of these has an authorisation in force."""
        missing = sum(not self.authorised(person, on) for person in adults)
        if missing:
            raise RuleViolated(f"尚有 {missing} 名成年成员没有有效授权（未签署、已撤回或已过期），不能查询。")

    @property
    def unanswered(self) -> tuple[EconSource, ...]:
        """The sources that were asked and have not answered, in the order of their list."""
        return tuple(
            s for s in EconSource if s in self.queries and self.queries[s].state is not EconQueryState.ANSWERED
        )

    # Within.

    def _demand(self, what: str, *states: EconState) -> None:
        if self.state not in states:
            raise RuleViolated(f"核对现为“{self.state.label}”，不能{what}。")

    def _waiting(self) -> dict[EconSource, Query]:
        return {s: query for s, query in self.queries.items() if query.state is EconQueryState.WAITING}

    def _demand_none_waiting(self, what: str) -> None:
        if waiting := self._waiting():
            names = "、".join(source.label for source in waiting)
            raise RuleViolated(f"以下来源尚在答复期限内：{names}；请待其答复或逾期后再{what}。")

    def _askable(self, source: EconSource) -> bool:
        query = self.queries.get(source)
        if query is None or query.state is EconQueryState.TIMED_OUT or query.round == 0:
            return True
        return query.state is EconQueryState.ANSWERED and self.state is EconState.CONTESTED

    def _demand_askable(self, source: EconSource) -> None:
        if not self._askable(source):
            query = self.queries[source]
            until = f"，答复期限 {query.answer_by}" if query.state is EconQueryState.WAITING else ""
            raise RuleViolated(f"“{source.label}”{query.state.label}{until}，不能重复查询。")

    def _revoked(self, query: Query, on: date) -> bool:
        given = (self.authorizations.get(member) for member in query.member_ids)
        return any(g is not None and g.revoked_on is not None and g.revoked_on <= on for g in given)

    def _answer(self, at: datetime, source: EconSource, said: Answer, answered_on: date) -> None:
        query = self.queries.get(source, UNASKED).with_answer(said)
        complete = query.complete or query.state is EconQueryState.ANSWERED
        waiting = self._waiting()
        self.record(
            self.QueryAnswered,
            at=at,
            case_id=self.case_id,
            household_id=self.household_id,
            source=source,
            round=query.round,
            person_id=said.person_id,
            result=said.result,
            value_fen=said.value_fen,
            detail=said.detail,
            complete=complete,
            waiting=len(waiting) - (complete and source in waiting),
            effective_on=answered_on,
        )

    def _found(self, result: Result) -> dict[str, object]:
        if result.monthly_income_fen < 0:
            raise RuleViolated("家庭月收入不能为负。")
        answered = any(query.answers for query in self.queries.values())
        if not answered and result.conclusion is not EconConclusion.INCOMPLETE:
            raise RuleViolated(f"没有来源答复，核对结论只能是“{EconConclusion.INCOMPLETE.label}”。")
        return {
            "case_id": self.case_id,
            "household_id": self.household_id,
            "conclusion": result.conclusion,
            "monthly_income_fen": result.monthly_income_fen,
            "property_within_limits": result.property_within_limits,
            "unanswered": self.unanswered,
            "note": result.note.strip() or None,
        }

    def _raise_excess(self, at: datetime, excess: Excess | None) -> None:
        if excess is not None:
            own = {"case_id": self.case_id, "household_id": self.household_id}
            self.record(self.IncomeAboveFound, at=at, **own, **excess._asdict())

    def excess_draft(self, excess: Excess, on: date) -> FindingDraft:
        """The finding that the reported income is not below the standard: one a verification."""
        rule = FindingRule.INCOME_ABOVE_STANDARD
        return FindingDraft(
            rule=rule,
            subject=f"case:{self.case_id}",
            case_id=self.case_id,
            person_id=None,
            month="",
            amount_fen=excess.excess_fen,
            detail=f"核对 {self.request_no}：家庭月收入超出保障标准合计 {yuan(excess.excess_fen)}；须由人工核实。",
            evidence=(f"verification:{self.id}@{self.version}",),
            division_code=self.division_code,
            effective_on=on,
            key=f"{rule.value}|verification:{self.id}",
        )

    def _draft(self, rule: FindingRule, source: EconSource, said: Answer, on: date, why: str) -> FindingDraft:
        return FindingDraft(
            rule=rule,
            subject=f"case:{self.case_id}",
            case_id=self.case_id,
            person_id=said.person_id,
            month="",
            amount_fen=said.value_fen,
            detail=f"核对 {self.request_no} 收到“{source.label}”的答复：{why}。",
            evidence=(f"verification:{self.id}@{self.version}",),
            division_code=self.division_code,
            effective_on=on,
            key=f"{rule.value}|verification:{self.id}|{source.value}|{said.person_id}",
        )


def demand_plausible(said: Answer) -> None:
    """Raise RuleViolated where result and amount don't agree."""
    if said.value_fen < 0:
        raise RuleViolated("答复金额不能为负。")
    if said.value_fen and said.result is not EconResult.FOUND:
        raise RuleViolated(f"答复为“{said.result.label}”，不应有金额。")


def demand_settled(verifications: Iterable[EconVerification], what: str) -> None:
    """Raise RuleViolated where a verification of the case has no result yet, or a contested one."""
    for verification in verifications:
        demand_uncontested((verification,), what)
        if verification.state in OPEN:
            raise RuleViolated(f"核对 {verification.request_no} 尚未出具报告，不能{what}；请先出具报告或终止核对。")


def demand_uncontested(verifications: Iterable[EconVerification], what: str) -> None:
    """Raise RuleViolated where a verification of the case is contested and not verified again."""
    for verification in verifications:
        if verification.state is EconState.CONTESTED:
            raise RuleViolated(f"核对 {verification.request_no} 的结果有异议，复核前不能{what}。")


def _day_after(day: date) -> date:
    return day + timedelta(days=1)
