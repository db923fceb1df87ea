"""What a social organisation (社会组织) is: its fields, its events, and what each of them changes.

社会团体登记管理条例 and 民办非企业单位登记管理暂行条例 (State Council orders 250 and 251), 基金会管理条例 (order 400):
registered by civil affairs, reporting every year by the end of March and inspected by the end of May `[law*]`. What may
be decided stands in organisation.py.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import ClassVar, NamedTuple
from uuid import UUID

from domain import kernel
from domain.codes import AbnormalReason, OrgInspectionResult, OrgKind, OrgState, PenaltyKind
from domain.formulas import yuan
from domain.kernel import NO_ID, PersonalText


class Inspection(NamedTuple):
    """The result of one year's inspection, and the event that said so."""

    year: int
    result: OrgInspectionResult
    version: int


class OrganisationRecord(kernel.Aggregate):
    """State and events of a social organisation; always used as `Organisation`."""

    SUBJECT: ClassVar[str] = "organisation"
    division_code: str = ""
    name: str = ""
    kind: OrgKind = OrgKind.ASSOCIATION
    state: OrgState = OrgState.PREPARING
    credit_code: str = ""
    local: bool = True
    social_work: bool = False
    certified_count: int = 0
    prepared_by: str = ""
    registered_on: date | None = None
    reported_years: tuple[int, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    suspended_to: date | None = None
    """The last day on which it may not act, by a penalty."""
    listed_version: int | None = None
    """The event that put it on the abnormal list; None: it is not on it."""

    class Created(kernel.Created):
        """Somebody sets it up: name, kind, which department answers for it (业务主管单位)."""

        TOPIC = "procurement.OrgPrepared"
        TITLE = "筹备社会组织"
        name: str
        kind: OrgKind
        sponsor: str
        local: bool
        social_work: bool
        division_code: str
        by: str

        def apply(self, aggregate: "OrganisationRecord") -> None:
            aggregate.prepared_by = self.by

        def gist(self) -> str:
            return f"{self.kind.label}“{self.name}”"

    class Registered(kernel.Event):
        """Entered in the register. Who represents it is a person and sealed; its first report is due by `report_by`."""

        TOPIC = "procurement.OrgRegistered"
        TITLE = "登记社会组织"
        credit_code: str
        kind: OrgKind
        representative: PersonalText
        certified_count: int
        by: str
        report_by: date | None
        inspect_by: date | None
        effective_on: date

        def apply(self, aggregate: "OrganisationRecord") -> None:
            aggregate.state = OrgState.REGISTERED
            aggregate.credit_code = self.credit_code
            aggregate.registered_on = self.effective_on
            aggregate.certified_count = self.certified_count

        def gist(self) -> str:
            return f"{self.kind.label} {self.credit_code}"

    class Changed(kernel.Event):
        """Its register entry changed: representative (sealed), local or not, its certified social workers."""

        TOPIC = "procurement.OrgChanged"
        TITLE = "变更社会组织登记"
        representative: PersonalText | None
        local: bool
        social_work: bool
        certified_count: int
        by: str
        effective_on: date

        def apply(self, aggregate: "OrganisationRecord") -> None:
            aggregate.local = self.local
            aggregate.social_work = self.social_work
            aggregate.certified_count = self.certified_count

        def gist(self) -> str:
            changed = "变更法定代表人，" if self.representative is not None else ""
            return f"{changed}持证社工 {self.certified_count} 人"

    class Reported(kernel.Event):
        """The yearly report came in; the next one is due by `report_by`, this year's inspection by `inspect_by`."""

        TOPIC = "procurement.OrgReported"
        TITLE = "报送社会组织年报"
        year: int
        was_due_on: date
        report_by: date
        inspect_by: date
        by: str
        effective_on: date

        def apply(self, aggregate: "OrganisationRecord") -> None:
            aggregate.reported_years = (*aggregate.reported_years, self.year)

        def gist(self) -> str:
            return f"{self.year} 年度{'，逾期报送' if self.effective_on > self.was_due_on else ''}"

    class Inspected(kernel.Event):
        """The yearly inspection's result; with `corrects_version` it takes the place of the one that event gave.

        `state` is what the organisation is then: a result changes nothing of one that is on the abnormal list.
        """

        TOPIC = "procurement.OrgInspected"
        TITLE = "社会组织年检"
        year: int
        result: OrgInspectionResult
        note: str
        by: str
        corrects_version: int | None
        state: OrgState
        effective_on: date

        def apply(self, aggregate: "OrganisationRecord") -> None:
            others = (each for each in aggregate.inspections if each.year != self.year)
            made = Inspection(self.year, self.result, self.originator_version)
            aggregate.inspections = tuple(sorted((*others, made)))
            aggregate.state = self.state

        def gist(self) -> str:
            corrected = "，更正" if self.corrects_version is not None else ""
            return f"{self.year} 年度{self.result.label}{corrected}"

    class ListedAbnormal(kernel.Event):
        """Put on the list of abnormal organisations (活动异常名录)."""

        TOPIC = "procurement.OrgListedAbnormal"
        TITLE = "列入社会组织异常名录"
        reason: AbnormalReason
        letter_no: str
        by: str
        effective_on: date

        def apply(self, aggregate: "OrganisationRecord") -> None:
            aggregate.listed_version = self.originator_version
            aggregate.state = OrgState.ABNORMAL

        def gist(self) -> str:
            return f"{self.reason.label} {self.letter_no}".rstrip()

    class Unlisted(kernel.Event):
        """Off the list: put right, or (with `corrects_version`) put there by mistake."""

        TOPIC = "procurement.OrgUnlisted"
        TITLE = "移出社会组织异常名录"
        reason: str
        corrects_version: int | None
        state: OrgState
        by: str
        effective_on: date

        def apply(self, aggregate: "OrganisationRecord") -> None:
            aggregate.state = self.state
            aggregate.listed_version = None

        def gist(self) -> str:
            return self.reason

    class Penalised(kernel.Event):
        """A penalty short of revocation; with `suspended_to` it may not act until that day."""

        TOPIC = "procurement.OrgPenalised"
        TITLE = "处罚社会组织"
        kind: PenaltyKind
        reason: str
        letter_no: str
        amount_fen: int
        suspended_to: date | None
        by: str
        effective_on: date

        def apply(self, aggregate: "OrganisationRecord") -> None:
            if self.suspended_to is not None:
                aggregate.suspended_to = max(self.suspended_to, aggregate.suspended_to or self.suspended_to)

        def gist(self) -> str:
            return f"{self.kind.label}{' ' + yuan(self.amount_fen) if self.amount_fen else ''} {self.letter_no}"

    class Deregistered(kernel.Event):
        """It gave itself up and was wound up (注销)."""

        TOPIC = "procurement.OrgDeregistered"
        TITLE = "注销社会组织"
        reason: str
        by: str
        effective_on: date

        def apply(self, aggregate: "OrganisationRecord") -> None:
            aggregate.state = OrgState.DEREGISTERED

        def gist(self) -> str:
            return self.reason

    class Revoked(kernel.Event):
        """Its registration was revoked (撤销登记)."""

        TOPIC = "procurement.OrgRevoked"
        TITLE = "撤销社会组织登记"
        reason: str
        letter_no: str
        by: str
        effective_on: date

        def apply(self, aggregate: "OrganisationRecord") -> None:
            aggregate.state = OrgState.REVOKED

        def gist(self) -> str:
            return f"{self.reason} {self.letter_no}".rstrip()

    class Reinstated(kernel.Event):
        """A revocation was itself revoked, by review (行政复议) or judgment: it is what it was before."""

        TOPIC = "procurement.OrgReinstated"
        TITLE = "恢复社会组织登记"
        basis: str
        state: OrgState
        by: str
        effective_on: date

        def apply(self, aggregate: "OrganisationRecord") -> None:
            aggregate.state = self.state

        def gist(self) -> str:
            return self.basis

    @property
    def standing(self) -> OrgState:
        """What the inspections alone make of it: good after one that was not failed, the last year's counting."""
        return standing_after(self.inspections)

    def subjects(self) -> Iterable[str]:
        """Found by its credit code, which is how files and contracts name it."""
        if self.credit_code:
            yield f"credit_code:{self.credit_code}"


class CreditCodeClaim(kernel.Aggregate):
    """A credit code is one organisation's: two cannot be registered with the same one, even at the same moment."""

    TOPIC: ClassVar[str] = "procurement.CreditCode"
    SUBJECT: ClassVar[str] = "credit_code_claim"

    division_code: str = ""
    organisation_id: UUID = NO_ID

    class Created(kernel.Created):
        """This organisation has it."""

        TOPIC = "procurement.CreditCodeGiven"
        TITLE = "赋予统一社会信用代码"
        credit_code: str
        organisation_id: UUID
        division_code: str

        def gist(self) -> str:
            return self.credit_code


def standing_after(inspections: Sequence[Inspection]) -> OrgState:
    """Good where the last year's inspection was not failed; registered where it was, or there was none."""
    good = bool(inspections) and inspections[-1].result is not OrgInspectionResult.FAILED
    return OrgState.GOOD if good else OrgState.REGISTERED


def standing_text(state: OrgState, name: str) -> str:
    """Why an organisation in this state gets no contract; empty where the state is no reason."""
    if state in (OrgState.REGISTERED, OrgState.GOOD):
        return ""
    return f"“{name}”现为“{state.label}”，不能承接新的购买服务合同。"
