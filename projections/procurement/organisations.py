"""Social organisations in the read models: the register, their years, what was imposed on them."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass
from domain.codes import AbnormalReason, OrgInspectionResult, OrgKind, OrgState, PenaltyKind
from domain.kernel import Event
from domain.procurement import Organisation
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import FEN, Doc, Figures, Many, Masked, One, Owner, Relations, view


@view(
    "organisation",
    area=Area.PROCUREMENT,
    scope_from="division_code",
    order=("name", "id"),
    indexes=(("credit_code",), ("state", "scope", "name", "id")),
    figures=Figures(("state", "kind", "local", "social_work", "registered_on", "certified_count")),
)
@dataclass
class OrganisationRow:
    """社会组织"""

    id: Annotated[UUID, Doc("社会组织标识")]
    name: Annotated[str, Doc("名称")]
    kind: Annotated[OrgKind, Doc("类型")]
    credit_code: Annotated[str | None, Doc("统一社会信用代码")]
    division_code: Annotated[str, Doc("住所所在区划代码")]
    sponsor: Annotated[str, Doc("业务主管单位")]
    local: Annotated[bool, Doc("是否本地社会组织")]
    social_work: Annotated[bool, Doc("是否社会工作服务机构")]
    state: Annotated[OrgState, Doc("状态")]
    representative: Annotated[str | None, Doc("法定代表人"), Masked(PersonalClass.CIRCUMSTANCES)]
    certified_count: Annotated[int, Doc("持证社会工作者人数")]
    registered_on: Annotated[date | None, Doc("登记日期")]
    report_by: Annotated[date | None, Doc("下一次年报的期限")]
    inspect_by: Annotated[date | None, Doc("下一次年检的期限")]
    abnormal_reason: Annotated[AbnormalReason | None, Doc("列入异常名录的原因")]
    suspended_to: Annotated[date | None, Doc("被限期停止活动至何日")]
    ended_on: Annotated[date | None, Doc("注销或撤销登记的日期")]
    end_reason: Annotated[str | None, Doc("注销或撤销登记的原因")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "years": Many("organisation_year", on="organisation_id", order=("year",)),
        "penalties": Many("organisation_penalty", on="organisation_id", order=("version",)),
        "purchases": Many("purchase", on="organisation_id", order=("id",)),
        "ventures": Many("venture", on="organisation_id", order=("id",)),
        "timeline": Many("timeline", on="subject", prefix="organisation:"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        *("state", "kind", "local", "social_work", "credit_code", "name"),
        *("division_code", "report_by", "inspect_by", "registered_on"),
    )


@view(
    "organisation_year",
    area=Area.PROCUREMENT,
    key=("organisation_id", "year"),
    owner=Owner("organisation", "organisation_id"),
    order=("year", "organisation_id"),
)
@dataclass
class OrganisationYearRow:
    """社会组织年报年检"""

    organisation_id: Annotated[UUID, Doc("社会组织标识")]
    year: Annotated[int, Doc("年度")]
    reported_on: Annotated[date | None, Doc("报送年报的日期")]
    report_due_on: Annotated[date | None, Doc("报送年报的期限")]
    inspected_on: Annotated[date | None, Doc("年检日期")]
    result: Annotated[OrgInspectionResult | None, Doc("年检结论（更正后）")]
    note: Annotated[str | None, Doc("年检说明或更正原因")]
    corrected: Annotated[bool, Doc("年检结论是否更正过")]

    RELATIONS: ClassVar[Relations] = {"organisation": One("organisation", local="organisation_id")}
    FILTERS: ClassVar[tuple[str, ...]] = ("organisation_id", "year", "result", "reported_on", "inspected_on")


@view(
    "organisation_penalty",
    area=Area.PROCUREMENT,
    key=("organisation_id", "version"),
    owner=Owner("organisation", "organisation_id"),
    order=("organisation_id", "version"),
    listed=False,
)
@dataclass
class OrganisationPenaltyRow:
    """对社会组织的行政处罚"""

    organisation_id: Annotated[UUID, Doc("社会组织标识")]
    version: Annotated[int, Doc("记录版本号")]
    kind: Annotated[PenaltyKind, Doc("处罚种类")]
    reason: Annotated[str, Doc("违法事实和依据")]
    letter_no: Annotated[str, Doc("决定书文号")]
    amount_fen: Annotated[int, Doc("罚款或没收金额"), FEN]
    suspended_to: Annotated[date | None, Doc("限期停止活动至何日")]
    decided_on: Annotated[date, Doc("决定日期")]

    RELATIONS: ClassVar[Relations] = {"organisation": One("organisation", local="organisation_id")}
    FILTERS: ClassVar[tuple[str, ...]] = ("organisation_id", "kind", "decided_on")


class Organisations(Projection):
    """What happens to social organisations. A part of the projection `Procurement`, never run by itself."""

    @handles(Organisation.Created)
    def organisation_prepared(self, event: Organisation.Created, at: LogEvent, to: Changes) -> None:
        """It is being set up."""
        to.insert(
            OrganisationRow,
            event.originator_id,
            on=event.true_from(),
            name=event.name,
            kind=event.kind,
            division_code=event.division_code,
            sponsor=event.sponsor,
            local=event.local,
            social_work=event.social_work,
            state=OrgState.PREPARING,
        )

    @handles(Organisation.Registered)
    def organisation_registered(self, event: Organisation.Registered, at: LogEvent, to: Changes) -> None:
        """It is in the register."""
        said: dict[str, Any] = {"credit_code": event.credit_code, "representative": event.representative}
        said |= {"certified_count": event.certified_count, "registered_on": event.effective_on}
        due = {"report_by": event.report_by, "inspect_by": event.inspect_by}
        _change(to, event, at, state=OrgState.REGISTERED, **said, **due)

    @handles(Organisation.Changed)
    def organisation_changed(self, event: Organisation.Changed, at: LogEvent, to: Changes) -> None:
        """Its entry changed."""
        said: dict[str, Any] = {"local": event.local, "social_work": event.social_work}
        said["certified_count"] = event.certified_count
        if event.representative is not None:
            said["representative"] = event.representative
        _change(to, event, at, **said)

    @handles(Organisation.Reported)
    def organisation_reported(self, event: Organisation.Reported, at: LogEvent, to: Changes) -> None:
        """The year's report came in."""
        _change(to, event, at, report_by=event.report_by, inspect_by=event.inspect_by)
        self._year(to, event, event.year, reported_on=event.effective_on, report_due_on=event.was_due_on)

    @handles(Organisation.Inspected)
    def organisation_inspected(self, event: Organisation.Inspected, at: LogEvent, to: Changes) -> None:
        """The year's result, or the corrected one."""
        _change(to, event, at, state=event.state, inspect_by=None)
        corrected = {"corrected": True} if event.corrects_version is not None else {}
        said = {"inspected_on": event.effective_on, "result": event.result, "note": event.note or None, **corrected}
        self._year(to, event, event.year, **said)

    @handles(Organisation.ListedAbnormal)
    def organisation_listed(self, event: Organisation.ListedAbnormal, at: LogEvent, to: Changes) -> None:
        """On the abnormal list."""
        _change(to, event, at, state=OrgState.ABNORMAL, abnormal_reason=event.reason)

    @handles(Organisation.Unlisted)
    def organisation_unlisted(self, event: Organisation.Unlisted, at: LogEvent, to: Changes) -> None:
        """Off the abnormal list."""
        _change(to, event, at, state=event.state, abnormal_reason=None)

    @handles(Organisation.Penalised)
    def organisation_penalised(self, event: Organisation.Penalised, at: LogEvent, to: Changes) -> None:
        """A penalty."""
        if event.suspended_to is not None:
            _change(to, event, at, suspended_to=event.suspended_to)
        to.insert(
            OrganisationPenaltyRow,
            (event.originator_id, event.originator_version),
            on=event.effective_on,
            kind=event.kind,
            reason=event.reason,
            letter_no=event.letter_no,
            amount_fen=event.amount_fen,
            suspended_to=event.suspended_to,
            decided_on=event.effective_on,
        )

    @handles(Organisation.Deregistered, Organisation.Revoked)
    def organisation_ended(
        self, event: Organisation.Deregistered | Organisation.Revoked, at: LogEvent, to: Changes
    ) -> None:
        """It is no more."""
        revoked = isinstance(event, Organisation.Revoked)
        state = OrgState.REVOKED if revoked else OrgState.DEREGISTERED
        _change(to, event, at, state=state, ended_on=event.effective_on, end_reason=event.reason)

    @handles(Organisation.Reinstated)
    def organisation_reinstated(self, event: Organisation.Reinstated, at: LogEvent, to: Changes) -> None:
        """It is again."""
        _change(to, event, at, state=event.state, ended_on=None, end_reason=None)

    def _year(self, to: Changes, event: Organisation.Reported | Organisation.Inspected, year: int, **said: Any) -> None:
        to.add(OrganisationYearRow, (event.originator_id, year), on=event.effective_on, assign=said)


def _change(to: Changes, event: Event, at: LogEvent, **columns: Any) -> None:
    to.patch(OrganisationRow, event.originator_id, on=event.true_from(), decided=at.decided, **columns)
