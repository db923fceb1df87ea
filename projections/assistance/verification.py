"""Verifications in the read models: where each stands, who has authorised it, and what every source was asked and said.

A verification's events come in the order of their times, so that what is recorded last holds, whatever day it is for.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass
from domain.assistance import EconVerification
from domain.codes import EconConclusion, EconQueryState, EconResult, EconSource, EconState
from domain.formulas import yuan
from domain.kernel import NO_ID, Event
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import FEN, Doc, Many, Masked, One, Owner, Relations, view

_OF_CASE = Owner("case", "case_id")


@view(
    "verification",
    area=Area.ASSISTANCE,
    scope_from="division_code",
    owner=_OF_CASE,
    order=("opened_on", "id"),
    indexes=(("state", "scope", "opened_on", "id"),),
)
@dataclass
class VerificationRow:
    """经济状况核对"""

    id: Annotated[UUID, Doc("核对标识")]
    case_id: Annotated[UUID, Doc("个案标识")]
    household_id: Annotated[UUID, Doc("家庭标识")]
    request_no: Annotated[str, Doc("核对编号")]
    division_code: Annotated[str, Doc("启动时的区划代码")]
    state: Annotated[EconState, Doc("核对状态")]
    opened_on: Annotated[date, Doc("启动日期")]
    opened_by: Annotated[str, Doc("启动的经办账号")]
    report_by: Annotated[date | None, Doc("出具报告的期限")]
    reported_on: Annotated[date | None, Doc("出具报告或复核日期")]
    reported_by: Annotated[str | None, Doc("出具报告的经办账号")]
    conclusion: Annotated[EconConclusion | None, Doc("核对结论")]
    monthly_income_fen: Annotated[int | None, Doc("核对的家庭月收入"), FEN]
    property_within_limits: Annotated[bool | None, Doc("核对的财产是否符合规定")]
    unanswered: Annotated[tuple[str, ...], Doc("报告时未答复的来源")]
    note: Annotated[str | None, Doc("报告说明"), Masked(PersonalClass.FINANCES)]
    valid_until: Annotated[date | None, Doc("报告有效期末日")]
    excess_fen: Annotated[int | None, Doc("月收入超出保障标准合计"), FEN]
    contested_on: Annotated[date | None, Doc("提出异议日期")]
    contest_reason: Annotated[str | None, Doc("异议内容"), Masked(PersonalClass.CIRCUMSTANCES)]
    upheld: Annotated[bool | None, Doc("异议是否成立")]
    reverified_by: Annotated[str | None, Doc("复核的经办账号")]
    reason: Annotated[str | None, Doc("终止原因")]

    RELATIONS: ClassVar[Relations] = {
        "case": One("case", local="case_id"),
        "household": One("household", local="household_id"),
        "authorizations": Many("verification_authorization", on="verification_id", order=("person_id",)),
        "queries": Many("verification_query", on="verification_id", order=("source",)),
        "answers": Many("verification_answer", on="verification_id", order=("source", "person_id")),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "case_id",
        "request_no",
        "state",
        "division_code",
        "opened_on",
        "report_by",
        "valid_until",
        "conclusion",
    )


@view(
    "verification_authorization",
    area=Area.ASSISTANCE,
    key=("verification_id", "person_id"),
    owner=_OF_CASE,
    listed=False,
)
@dataclass
class VerificationAuthorizationRow:
    """核对授权"""

    verification_id: Annotated[UUID, Doc("核对标识")]
    person_id: Annotated[UUID, Doc("授权人标识")]
    case_id: Annotated[UUID, Doc("个案标识")]
    signed_on: Annotated[date | None, Doc("签署日期；空为尚未授权")]
    valid_until: Annotated[date | None, Doc("有效期末日")]
    revoked_on: Annotated[date | None, Doc("撤回日期")]

    RELATIONS: ClassVar[Relations] = {"person": One("person", local="person_id")}


@view(
    "verification_query",
    area=Area.ASSISTANCE,
    key=("verification_id", "source"),
    owner=_OF_CASE,
    order=("verification_id", "source"),
    indexes=(("open", "status", "scope", "verification_id", "source"),),
)
@dataclass
class VerificationQueryRow:
    """核对查询"""

    verification_id: Annotated[UUID, Doc("核对标识")]
    source: Annotated[EconSource, Doc("来源")]
    case_id: Annotated[UUID, Doc("个案标识")]
    division_code: Annotated[str, Doc("查询时的区划代码")]
    open: Annotated[bool, Doc("所属核对是否尚待结果")]
    status: Annotated[EconQueryState, Doc("查询状态")]
    round: Annotated[int, Doc("第几次查询；0 为未经查询的答复")]
    member_ids: Annotated[tuple[UUID, ...], Doc("被查询的成员标识")]
    purpose: Annotated[str, Doc("查询目的")]
    sent_on: Annotated[date | None, Doc("查询日期")]
    sent_by: Annotated[str | None, Doc("查询的经办账号")]
    answer_by: Annotated[date | None, Doc("答复期限")]
    answered_on: Annotated[date | None, Doc("最近一次答复日期")]
    timed_out_on: Annotated[date | None, Doc("自何日起逾期")]

    RELATIONS: ClassVar[Relations] = {
        "verification": One("verification", local="verification_id"),
        "case": One("case", local="case_id"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "case_id",
        "division_code",
        "source",
        "open",
        "status",
        "answer_by",
        "answered_on",
    )


@view(
    "verification_answer",
    area=Area.ASSISTANCE,
    key=("verification_id", "source", "person_id"),
    owner=_OF_CASE,
    listed=False,
)
@dataclass
class VerificationAnswerRow:
    """核对答复"""

    verification_id: Annotated[UUID, Doc("核对标识")]
    source: Annotated[EconSource, Doc("来源")]
    person_id: Annotated[UUID, Doc("被查询人标识；全零为整个家庭")]
    case_id: Annotated[UUID, Doc("个案标识")]
    result: Annotated[EconResult, Doc("答复结果")]
    value: Annotated[str, Doc("查到的金额"), Masked(PersonalClass.FINANCES)]
    detail: Annotated[str | None, Doc("答复内容"), Masked(PersonalClass.FINANCES)]
    answered_on: Annotated[date, Doc("答复日期")]
    asked: Annotated[bool, Doc("是否经查询")]

    RELATIONS: ClassVar[Relations] = {"person": One("person", local="person_id")}


class Verifications(Projection):
    """What happens to verifications. A part of the projection `Assistance`, never run by itself."""

    @handles(EconVerification.Created)
    def econ_opened(self, event: EconVerification.Created, at: LogEvent, to: Changes) -> None:
        """A household is to be verified, and these members have to authorise it."""
        verification, on = event.originator_id, event.true_from()
        to.insert(
            VerificationRow,
            verification,
            on=on,
            case_id=event.case_id,
            household_id=event.household_id,
            request_no=event.request_no,
            division_code=event.division_code,
            state=EconState.AUTHORISING,
            opened_on=on,
            opened_by=event.by,
        )
        for person in event.member_ids:
            to.insert(VerificationAuthorizationRow, (verification, person), on=on, case_id=event.case_id)

    @handles(EconVerification.AuthorizationSigned)
    def econ_signed(self, event: EconVerification.AuthorizationSigned, at: LogEvent, to: Changes) -> None:
        """One member consents; perhaps the last one."""
        on = event.effective_on
        signed = {"case_id": event.case_id, "signed_on": on, "valid_until": event.valid_to}
        key = (event.originator_id, event.person_id)
        to.put(VerificationAuthorizationRow, key, on=_today(event), **signed)
        if event.complete:
            waiting = {"state": EconState.AUTHORISING}
            _change(to, event, where=waiting, state=EconState.AUTHORISED)

    @handles(EconVerification.AuthorizationRevoked)
    def econ_revoked(self, event: EconVerification.AuthorizationRevoked, at: LogEvent, to: Changes) -> None:
        """The consent is taken back."""
        on = event.effective_on
        key = (event.originator_id, event.person_id)
        to.patch(VerificationAuthorizationRow, key, on=_today(event), revoked_on=on)
        _change(to, event, where={"state": EconState.AUTHORISED}, state=EconState.AUTHORISING)

    @handles(EconVerification.QuerySent)
    def econ_sent(self, event: EconVerification.QuerySent, at: LogEvent, to: Changes) -> None:
        """A source is asked, perhaps not for the first time."""
        on = event.effective_on
        to.put(
            VerificationQueryRow,
            (event.originator_id, event.source),
            on=on,
            case_id=event.case_id,
            division_code=at.division,
            open=True,
            status=EconQueryState.WAITING,
            round=event.round,
            member_ids=event.member_ids,
            purpose=event.purpose,
            sent_on=on,
            sent_by=event.by,
            answer_by=event.answer_by,
        )
        if event.report_by is not None:
            _change(to, event, state=EconState.SENT, report_by=event.report_by)

    @handles(EconVerification.QueryAnswered)
    def econ_answered(self, event: EconVerification.QueryAnswered, at: LogEvent, to: Changes) -> None:
        """A source answers; one that was never asked stands in the list as such."""
        key, on, today = (event.originator_id, event.source), event.effective_on, _today(event)
        said: dict[str, Any] = {
            "case_id": event.case_id,
            "result": event.result,
            "value": yuan(event.value_fen) if event.value_fen else "",
            "detail": event.detail,
            "answered_on": on,
            "asked": event.round > 0,
        }
        to.put(VerificationAnswerRow, (*key, event.person_id or NO_ID), on=today, **said)
        if event.round:
            status: dict[str, Any] = {"status": EconQueryState.ANSWERED} if event.complete else {}
            to.patch(VerificationQueryRow, key, on=today, answered_on=on, **status)
        else:
            unasked: dict[str, Any] = {"purpose": "", "answered_on": on, "division_code": at.division}
            status = {"status": EconQueryState.ANSWERED, "case_id": event.case_id}
            to.put(VerificationQueryRow, key, on=today, **status, **unasked)
        _change(to, event, where={"state": EconState.SENT}, state=EconState.PARTIAL)

    @handles(EconVerification.QueryTimedOut)
    def econ_timed_out(self, event: EconVerification.QueryTimedOut, at: LogEvent, to: Changes) -> None:
        """A source has not answered in time."""
        key = (event.originator_id, event.source)
        late: dict[str, Any] = {"status": EconQueryState.TIMED_OUT, "timed_out_on": event.effective_on}
        to.patch(VerificationQueryRow, key, on=_today(event), **late)

    @handles(EconVerification.EconReported)
    def econ_reported(self, event: EconVerification.EconReported, at: LogEvent, to: Changes) -> None:
        """The report."""
        _change(to, event, state=EconState.REPORTED, reported_by=event.by, **_result(event))
        self._settle(event, to, open=False)

    @handles(EconVerification.IncomeAboveFound)
    def econ_above(self, event: EconVerification.IncomeAboveFound, at: LogEvent, to: Changes) -> None:
        """By how much income is above the standard."""
        _change(to, event, excess_fen=event.excess_fen)

    @handles(EconVerification.Contested)
    def econ_contested(self, event: EconVerification.Contested, at: LogEvent, to: Changes) -> None:
        """The household does not agree; sources may be asked again."""
        _change(to, event, state=EconState.CONTESTED, contested_on=_today(event), contest_reason=event.reason)
        self._settle(event, to, open=True)

    @handles(EconVerification.Reverified)
    def econ_reverified(self, event: EconVerification.Reverified, at: LogEvent, to: Changes) -> None:
        """Another hand's result in the place of the report's."""
        again: dict[str, Any] = {"upheld": event.upheld, "reverified_by": event.by, "excess_fen": None}
        _change(to, event, state=EconState.REVERIFIED, **again, **_result(event))
        self._settle(event, to, open=False)

    @handles(EconVerification.Cancelled)
    def econ_cancelled(self, event: EconVerification.Cancelled, at: LogEvent, to: Changes) -> None:
        """Ended without a report."""
        _change(to, event, state=EconState.CANCELLED, reason=event.reason)
        self._settle(event, to, open=False)

    @handles(EconVerification.Expired)
    def econ_expired(self, event: EconVerification.Expired, at: LogEvent, to: Changes) -> None:
        """Too old to rely on."""
        _change(to, event, state=EconState.EXPIRED)

    def _settle(self, event: Event, to: Changes, *, open: bool) -> None:
        """Whether the verification's queries are still of interest."""
        still = {"open": not open}
        to.patch_group(
            VerificationQueryRow, "verification_id", event.originator_id, on=_today(event), where=still, open=open
        )


def _result(event: EconVerification.EconReported | EconVerification.Reverified) -> dict[str, Any]:
    return {
        "reported_on": _today(event),
        "conclusion": event.conclusion,
        "monthly_income_fen": event.monthly_income_fen,
        "property_within_limits": event.property_within_limits,
        "unanswered": tuple(source.value for source in event.unanswered),
        "note": event.note,
        "valid_until": event.valid_to,
    }


def _change(to: Changes, event: Event, where: dict[str, Any] | None = None, **columns: Any) -> None:
    to.patch(VerificationRow, event.originator_id, on=_today(event), where=where, **columns)


def _today(event: Event) -> date:
    """The day it was recorded: of two statements about a query the later one holds, whatever day it is for."""
    return event.timestamp.date()
