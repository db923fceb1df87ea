"""Decisions about findings."""

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import OFFICIALS, RoleCode
from domain.findings.finding import Finding
from domain.kernel import Command, Decided, Decision, Doc, Load

FindingId = Annotated[UUID, Doc("疑点标识")]
_CHECKERS = OFFICIALS | {RoleCode.AUDITOR}


@dataclass(frozen=True, kw_only=True)
class ConfirmFinding(Command):
    """确认疑点属实：写明核查情况，限期整改。"""

    ROLES: ClassVar = _CHECKERS
    finding_id: FindingId
    assessment: Annotated[str, Doc("核查情况，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        finding: Finding = yield Load(Finding, self.finding_id)
        due = by.due("findings.rectify", finding.division_code)
        finding.confirm(by.now, assessment=self.assessment, by=by.actor.name, rectify_by=due)
        return (finding,)


@dataclass(frozen=True, kw_only=True)
class RectifyFinding(Command):
    """登记疑点整改：采取的措施、收回的金额、可以证明的记录。"""

    ROLES: ClassVar = OFFICIALS
    finding_id: FindingId
    action: Annotated[str, Doc("采取的措施，不写个人信息")]
    recovered_fen: Annotated[int, Doc("已收回或补发的金额（分）")] = 0
    shown_by: Annotated[str, Doc("可以证明的记录，如 recovery:标识")] = ""

    def decide(self, by: Decision) -> Decided:
        finding: Finding = yield Load(Finding, self.finding_id)
        finding.rectify(
            by.now,
            action=self.action,
            by=by.actor.name,
            recovered_fen=self.recovered_fen,
            shown_by=self.shown_by,
            review_by=by.due("findings.review", finding.division_code),
        )
        return (finding,)


@dataclass(frozen=True, kw_only=True)
class SendBackFinding(Command):
    """退回整改：写明理由，重新限期整改。"""

    ROLES: ClassVar = frozenset({RoleCode.DISTRICT_CLERK, RoleCode.AUDITOR})
    finding_id: FindingId
    reason: Annotated[str, Doc("退回理由")]

    def decide(self, by: Decision) -> Decided:
        finding: Finding = yield Load(Finding, self.finding_id)
        due = by.due("findings.rectify", finding.division_code)
        finding.send_back(by.now, reason=self.reason, by=by.actor.name, rectify_by=due)
        return (finding,)


@dataclass(frozen=True, kw_only=True)
class ResolveFinding(Command):
    """办结疑点：写明核查结果和处理；已确认属实的须先整改，并由他人复核办结。"""

    ROLES: ClassVar = _CHECKERS
    finding_id: FindingId
    outcome: Annotated[str, Doc("核查结果和处理，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        finding: Finding = yield Load(Finding, self.finding_id)
        finding.resolve(by.now, outcome=self.outcome, by=by.actor.name)
        return (finding,)


@dataclass(frozen=True, kw_only=True)
class DismissFinding(Command):
    """认定疑点不属实：写明依据。"""

    ROLES: ClassVar = _CHECKERS
    finding_id: FindingId
    reason: Annotated[str, Doc("不属实的依据，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        finding: Finding = yield Load(Finding, self.finding_id)
        finding.dismiss(by.now, reason=self.reason, by=by.actor.name)
        return (finding,)


@dataclass(frozen=True, kw_only=True)
class ReopenFinding(Command):
    """重启已办结或认定不属实的疑点：写明新的情况。"""

    ROLES: ClassVar = frozenset({RoleCode.DISTRICT_CLERK, RoleCode.AUDITOR})
    finding_id: FindingId
    reason: Annotated[str, Doc("新的情况，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        finding: Finding = yield Load(Finding, self.finding_id)
        due = by.due("findings.check", finding.division_code)
        finding.reopen(by.now, reason=self.reason, by=by.actor.name, check_by=due)
        return (finding,)
