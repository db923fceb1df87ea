"""Ability assessments in the read models: all of them for officials, to each assessor their own."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass, account_id
from domain.care import Assessment, Assessor
from domain.care.scales import items, label_of
from domain.codes import AssessmentEnd, AssessmentReason, AssessmentState, ConflictKind, Scale
from domain.kernel import Event
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import Doc, Limit, Many, Masked, One, Owner, Private, Relations, view

_FOR_EVER = date(9999, 12, 31)


@view(
    "assessment",
    area=Area.CARE,
    scope_from="division_code",
    order=("requested_on", "id"),
    indexes=(("open", "due_on", "id"), ("in_force", "valid_until", "id")),
)
@dataclass
class AssessmentRow:
    """老年人能力评估"""

    id: Annotated[UUID, Doc("评估标识")]
    person_id: Annotated[UUID, Doc("人员标识")]
    provider_id: Annotated[UUID | None, Doc("拟提供服务的设施")]
    reason: Annotated[AssessmentReason, Doc("评估事由")]
    disputes_id: Annotated[UUID | None, Doc("所复评的评估")]
    division_code: Annotated[str, Doc("区划代码")]
    state: Annotated[AssessmentState, Doc("评估状态")]
    open: Annotated[bool, Doc("是否在办理")]
    due_on: Annotated[date | None, Doc("现办环节的期限"), Limit("open")]
    requested_on: Annotated[date, Doc("申请日期")]
    assessors: Annotated[tuple[str, ...], Doc("评估人员账号")]
    organisation: Annotated[str | None, Doc("评估机构")]
    scale: Annotated[Scale | None, Doc("评估标准")]
    scores: Annotated[str | None, Doc("各项分值，按标准的顺序"), Masked(PersonalClass.HEALTH)]
    total: Annotated[str | None, Doc("总分"), Masked(PersonalClass.HEALTH)]
    grade: Annotated[str | None, Doc("等级"), Masked(PersonalClass.HEALTH)]
    grade_label: Annotated[str | None, Doc("等级名称"), Masked(PersonalClass.HEALTH)]
    upgrades: Annotated[str | None, Doc("等级高于总分所示的原因"), Masked(PersonalClass.HEALTH)]
    drivers: Annotated[
        str | None, Doc("决定等级的项目：失分最多、若无失分等级即会更轻的最少几项"), Masked(PersonalClass.HEALTH)
    ]
    assessed_on: Annotated[date | None, Doc("评估日期")]
    signed_by: Annotated[tuple[str, ...], Doc("已签名的评估人员")]
    reviewed_by: Annotated[str | None, Doc("审核的账号")]
    in_force: Annotated[bool, Doc("结果是否有效（不计有效期满）")]
    effective_on: Annotated[date | None, Doc("生效日期")]
    valid_until: Annotated[date | None, Doc("有效期至")]
    grade_changed: Annotated[bool, Doc("等级与此前有效的结果不同")]
    dispute_by: Annotated[date | None, Doc("异议期限")]
    disputed: Annotated[bool, Doc("是否被提出异议")]
    dispute_reason: Annotated[str | None, Doc("异议的理由"), Masked(PersonalClass.HEALTH)]
    reassessment_id: Annotated[UUID | None, Doc("重新评估的标识")]
    upheld: Annotated[bool | None, Doc("重新评估后是否维持原等级")]
    sent_back_reason: Annotated[str | None, Doc("最近一次退回的原因")]
    end_reason: Annotated[AssessmentEnd | None, Doc("失效或终止的原因")]
    ended_on: Annotated[date | None, Doc("失效或终止日期")]

    RELATIONS: ClassVar[Relations] = {
        "person": One("person", local="person_id"),
        "provider": One("facility", local="provider_id"),
        "disputed_assessment": One("assessment", local="disputes_id"),
        "reassessment": One("assessment", local="reassessment_id"),
        "earlier": Many("assessment", on="person_id", local="person_id", order=("requested_on", "id")),
        "division": One("division", local="division_code"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "person_id",
        "provider_id",
        "state",
        "open",
        "due_on",
        "scale",
        "in_force",
        "valid_until",
        "disputed",
        "upheld",
        "grade_changed",
        "assessed_on",
        "division_code",
    )


@view(
    "my_assessment",
    area=Area.CARE,
    key=("id", "assessor_id"),
    owner=Owner("assessment", "id"),
    order=("due_on", "id", "assessor_id"),
    indexes=(("assessor_id", "due_on", "id"),),
    listed=False,
    private=Private(account="assessor_id", until="until_on", open="open"),
)
@dataclass
class MyAssessmentRow:
    """分派给本人的能力评估"""

    id: Annotated[UUID, Doc("评估标识")]
    assessor_id: Annotated[UUID, Doc("评估人员账号标识")]
    open: Annotated[bool, Doc("是否仍可见")]
    until_on: Annotated[date, Doc("此后不再可见")]
    state: Annotated[AssessmentState, Doc("评估状态")]
    due_on: Annotated[date, Doc("评估期限")]
    person_id: Annotated[UUID, Doc("人员标识")]
    name: Annotated[str, Doc("姓名")]
    phone: Annotated[str | None, Doc("联系电话"), Masked(PersonalClass.CONTACT)]
    address: Annotated[str | None, Doc("住址"), Masked(PersonalClass.CONTACT)]
    earlier_scale: Annotated[Scale | None, Doc("此前有效结果的评估标准")]
    earlier_grade: Annotated[str | None, Doc("此前有效结果的等级"), Masked(PersonalClass.HEALTH)]
    scale: Annotated[Scale | None, Doc("评估标准")]
    total: Annotated[str | None, Doc("总分"), Masked(PersonalClass.HEALTH)]
    grade: Annotated[str | None, Doc("等级"), Masked(PersonalClass.HEALTH)]
    upgrades: Annotated[str | None, Doc("等级高于总分所示的原因"), Masked(PersonalClass.HEALTH)]
    drivers: Annotated[str | None, Doc("决定等级的项目"), Masked(PersonalClass.HEALTH)]
    sent_back_reason: Annotated[str | None, Doc("退回的原因")]
    signed: Annotated[bool, Doc("本人是否已签名")]
    disputed: Annotated[bool, Doc("是否被提出异议")]
    upheld: Annotated[bool | None, Doc("重新评估后是否维持；否即被改变")]

    RELATIONS: ClassVar[Relations] = {}
    FILTERS: ClassVar[tuple[str, ...]] = ("state", "disputed", "upheld", "signed")


@view("assessor", area=Area.CARE, scope_from="division_code", order=("account", "id"))
@dataclass
class AssessorRow:
    """评估人员"""

    id: Annotated[UUID, Doc("评估人员标识")]
    account: Annotated[str, Doc("账号")]
    organisation: Annotated[str, Doc("所属评估机构")]
    qualification_no: Annotated[str | None, Doc("证书编号")]
    division_code: Annotated[str, Doc("区划代码")]
    active: Annotated[bool, Doc("是否可以分派")]
    end_reason: Annotated[str | None, Doc("注销的原因")]

    RELATIONS: ClassVar[Relations] = {
        "conflicts": Many("assessor_conflict", on="assessor_id", order=("facility_id", "assessor_id"))
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("account", "active", "division_code")


@view(
    "assessor_conflict",
    area=Area.CARE,
    key=("assessor_id", "facility_id"),
    owner=Owner("assessor", "assessor_id"),
)
@dataclass
class AssessorConflictRow:
    """评估人员的利害关系"""

    assessor_id: Annotated[UUID, Doc("评估人员标识")]
    facility_id: Annotated[UUID, Doc("设施标识")]
    kind: Annotated[ConflictKind, Doc("何种利害关系")]
    open: Annotated[bool, Doc("是否尚未解除")]
    declared_on: Annotated[date, Doc("申报日期")]
    declared_by: Annotated[str, Doc("申报的账号")]
    ended_on: Annotated[date | None, Doc("解除日期")]

    RELATIONS: ClassVar[Relations] = {
        "assessor": One("assessor", local="assessor_id"),
        "facility": One("facility", local="facility_id"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("assessor_id", "facility_id", "kind", "open")


@view(
    "my_conflict",
    area=Area.CARE,
    key=("assessor_id", "facility_id"),
    owner=Owner("assessor", "assessor_id"),
    listed=False,
    private=Private(account="account_id", until="until_on", open="open"),
)
@dataclass
class MyConflictRow:
    """本人申报的利害关系"""

    assessor_id: Annotated[UUID, Doc("评估人员标识")]
    facility_id: Annotated[UUID, Doc("设施标识")]
    account_id: Annotated[UUID, Doc("账号标识")]
    open: Annotated[bool, Doc("是否尚未解除")]
    until_on: Annotated[date, Doc("此后不再可见")]
    kind: Annotated[ConflictKind, Doc("何种利害关系")]

    RELATIONS: ClassVar[Relations] = {"facility": One("facility", local="facility_id")}
    FILTERS: ClassVar[tuple[str, ...]] = ()


class Assessments(Projection):
    """What happens to assessments and assessors. A part of the projection `Care`, never run by itself."""

    @handles(Assessment.Created)
    def requested(self, event: Assessment.Created, at: LogEvent, to: Changes) -> None:
        """Somebody is to be assessed."""
        on = event.timestamp.date()
        to.insert(
            AssessmentRow,
            event.originator_id,
            on=on,
            person_id=event.person_id,
            provider_id=event.provider_id,
            reason=event.reason,
            disputes_id=event.disputes,
            division_code=event.division_code,
            state=AssessmentState.REQUESTED,
            open=True,
            due_on=event.assign_by,
            requested_on=on,
        )

    @handles(Assessment.Assigned)
    def assigned(self, event: Assessment.Assigned, at: LogEvent, to: Changes) -> None:
        """These assessors' turn; whoever was named before sees nothing of it any more."""
        on = event.timestamp.date()
        said: dict[str, Any] = {"assessors": event.assessors, "organisation": event.organisation or None}
        _change(to, event, state=AssessmentState.ASSIGNED, due_on=event.due_on, **said)
        gone = [account for account in event.former if account not in event.assessors]
        _mine(to, event, gone, open=False, **_NOBODY)
        for account in event.assessors:
            to.put(
                MyAssessmentRow,
                (event.originator_id, account_id(account)),
                on=on,
                open=True,
                until_on=event.due_on,
                state=AssessmentState.ASSIGNED,
                due_on=event.due_on,
                person_id=event.person_id,
                name=event.name,
                phone=event.phone,
                address=event.address,
                earlier_scale=event.earlier_scale,
                earlier_grade=event.earlier_grade,
            )

    @handles(Assessment.Scored)
    def scored(self, event: Assessment.Scored, at: LogEvent, to: Changes) -> None:
        """The points and the grade."""
        said: dict[str, Any] = {"scale": event.scale, "total": event.total or None, "grade": event.grade}
        said |= {"upgrades": event.upgrades or None, "drivers": _names(event.drivers)}
        signed = (event.by,) if event.by else ()
        _change(
            to,
            event,
            state=AssessmentState.SCORED,
            due_on=event.review_by,
            assessors=event.assessors,
            scores=event.scores or None,
            grade_label=_label(event.scale, event.grade),
            assessed_on=event.assessed_on,
            signed_by=signed,
            **said,
        )
        if event.review_by is None:
            return  # a source's fact: nobody here was given it
        _mine(to, event, event.assessors, state=AssessmentState.SCORED, until_on=event.review_by, **said)
        _mine(to, event, signed, signed=True)

    @handles(Assessment.Signed)
    def signed(self, event: Assessment.Signed, at: LogEvent, to: Changes) -> None:
        """One more."""
        _change(to, event, signed_by=event.signed)
        _mine(to, event, (event.by,), signed=True)

    @handles(Assessment.SentBack)
    def sent_back(self, event: Assessment.SentBack, at: LogEvent, to: Changes) -> None:
        """To be assessed again."""
        said: dict[str, Any] = {"state": AssessmentState.ASSIGNED, "due_on": event.due_on}
        said["sent_back_reason"] = event.reason
        _change(to, event, signed_by=(), **said)
        _mine(to, event, event.assessors, until_on=event.due_on, signed=False, **said)

    @handles(Assessment.Reviewed)
    def reviewed(self, event: Assessment.Reviewed, at: LogEvent, to: Changes) -> None:
        """Agreed: assessors need nobody's address any more."""
        _change(to, event, state=AssessmentState.REVIEWED, due_on=event.tell_by, reviewed_by=event.by)
        if event.tell_by is not None:
            _mine(to, event, event.assessors, state=AssessmentState.REVIEWED, until_on=event.tell_by, **_NOBODY)

    @handles(Assessment.TookEffect)
    def took_effect(self, event: Assessment.TookEffect, at: LogEvent, to: Changes) -> None:
        """It holds; assessors see what they found as long as it does."""
        said: dict[str, Any] = {"effective_on": event.effective_on, "valid_until": event.valid_to}
        said |= {"dispute_by": event.dispute_by, "grade_changed": event.changed}
        _change(to, event, state=AssessmentState.EFFECTIVE, open=False, due_on=None, in_force=True, **said)
        _mine(to, event, event.assessors, state=AssessmentState.EFFECTIVE, until_on=event.valid_to)

    @handles(Assessment.Disputed)
    def disputed(self, event: Assessment.Disputed, at: LogEvent, to: Changes) -> None:
        """Objected to."""
        said: dict[str, Any] = {"dispute_reason": event.reason, "reassessment_id": event.reassessment_id}
        _change(to, event, state=AssessmentState.DISPUTED, disputed=True, **said)
        _mine(to, event, event.assessors, state=AssessmentState.DISPUTED, disputed=True)

    @handles(Assessment.DisputeWithdrawn)
    def dispute_over(self, event: Assessment.DisputeWithdrawn, at: LogEvent, to: Changes) -> None:
        """The objection was taken back."""
        _change(to, event, state=AssessmentState.EFFECTIVE, disputed=False)

    @handles(Assessment.Reassessed)
    def reassessed(self, event: Assessment.Reassessed, at: LogEvent, to: Changes) -> None:
        """Upheld or overturned."""
        said: dict[str, Any] = {"state": AssessmentState.REASSESSED, "upheld": event.upheld}
        _change(to, event, in_force=False, ended_on=event.effective_on, **said)
        _mine(to, event, event.assessors, **said)

    @handles(Assessment.Expired)
    def expired(self, event: Assessment.Expired, at: LogEvent, to: Changes) -> None:
        """It no longer holds."""
        said: dict[str, Any] = {"end_reason": event.reason, "ended_on": event.effective_on}
        _change(to, event, state=AssessmentState.EXPIRED, in_force=False, **said)
        _mine(to, event, event.assessors, open=False, **_NOBODY)

    @handles(Assessment.Cancelled)
    def cancelled(self, event: Assessment.Cancelled, at: LogEvent, to: Changes) -> None:
        """Nobody is to be assessed."""
        said: dict[str, Any] = {"end_reason": event.reason, "ended_on": event.timestamp.date()}
        _change(to, event, state=AssessmentState.CANCELLED, open=False, due_on=None, **said)
        _mine(to, event, event.assessors, open=False, **_NOBODY)

    @handles(Assessment.Transferred)
    def moved(self, event: Assessment.Transferred, at: LogEvent, to: Changes) -> None:
        """Another street's."""
        _change(to, event, division_code=event.to_division_code)

    @handles(Assessor.Created)
    def assessor(self, event: Assessor.Created, at: LogEvent, to: Changes) -> None:
        """May be given assessments."""
        to.insert(
            AssessorRow,
            event.originator_id,
            on=event.effective_on,
            account=event.account,
            organisation=event.organisation,
            qualification_no=event.qualification_no or None,
            division_code=event.division_code,
            active=True,
        )

    @handles(Assessor.ConflictDeclared)
    def conflict(self, event: Assessor.ConflictDeclared, at: LogEvent, to: Changes) -> None:
        """Has something to do with an institution."""
        key, on = (event.originator_id, event.facility_id), event.effective_on
        said: dict[str, Any] = {"kind": event.kind, "open": True}
        to.put(AssessorConflictRow, key, on=on, declared_on=on, declared_by=event.by, **said)
        to.put(MyConflictRow, key, on=on, account_id=account_id(event.account), until_on=_FOR_EVER, **said)

    @handles(Assessor.ConflictEnded)
    def conflict_over(self, event: Assessor.ConflictEnded, at: LogEvent, to: Changes) -> None:
        """No longer so."""
        key, on = (event.originator_id, event.facility_id), event.effective_on
        to.patch(AssessorConflictRow, key, on=on, open=False, ended_on=on)
        to.patch(MyConflictRow, key, on=on, open=False)

    @handles(Assessor.Ended)
    def assessor_over(self, event: Assessor.Ended, at: LogEvent, to: Changes) -> None:
        """Gives no more assessments."""
        to.patch(AssessorRow, event.originator_id, on=event.effective_on, active=False, end_reason=event.reason)


_NOBODY: dict[str, Any] = {"name": "", "phone": None, "address": None}


def _change(to: Changes, event: Event, **columns: Any) -> None:
    to.patch(AssessmentRow, event.originator_id, on=event.timestamp.date(), decided=True, **columns)


def _mine(to: Changes, event: Event, accounts: Iterable[str], **columns: Any) -> None:
    """Change the rows of their own; there are none where a source named the assessors."""
    for account in accounts:
        key = (event.originator_id, account_id(account))
        to.patch_known(MyAssessmentRow, key, on=event.timestamp.date(), **columns)


def _label(scale: Scale, grade: str) -> str:
    """The grade in words; as it reads once it is erased."""
    return label_of(scale, int(grade)) if grade.isdigit() else grade


def _names(drivers: str) -> str | None:
    """Items by their names."""
    known = {item.code: item.name for item in items()}
    return "、".join(known.get(code, code) for code in drivers.split(",")) if drivers else None
