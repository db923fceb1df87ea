"""Findings of the exchange with municipal and provincial platforms: what they refuse, say otherwise, or lack.

What a platform writes beside its answer may name people, so that only the kind of its reason is told here.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.codes import FindingRule, PlatformOutcome, PlatformReason
from domain.findings.finding import FindingDraft


@dataclass(frozen=True, slots=True)
class Concerned:
    """The record that a message told of: `subject` with the version of its event, and whose it is."""

    subject: str
    version: int
    division_code: str
    case_id: UUID | None = None
    person_id: UUID | None = None


def answered(
    platform: str, concerned: Concerned, outcome: PlatformOutcome, reason: PlatformReason, on: date
) -> FindingDraft | None:
    """A platform's answer to a message; None where it took it as it was."""
    if outcome is PlatformOutcome.ACCEPTED:
        return None
    refused = outcome is PlatformOutcome.REFUSED
    evidence = f"{concerned.subject}@{concerned.version}"
    said = "退回了本区报送的这条记录" if refused else "的数据与本区报送的这条记录不同"
    return FindingDraft(
        rule=FindingRule.PLATFORM_REFUSED if refused else FindingRule.PLATFORM_CORRECTED,
        subject=concerned.subject,
        case_id=concerned.case_id,
        person_id=concerned.person_id,
        month="",
        amount_fen=0,
        detail=f"上级平台（{platform}）{said}，原因：{reason.label}；请核实，确有错误的更正后会自动重新报送。",
        evidence=(evidence,),
        division_code=concerned.division_code,
        effective_on=on,
        key=f"{'platform_refused' if refused else 'platform_corrected'}|{platform}|{evidence}",
    )


def disagreed(platform: str, day: date, ours: int, theirs: int, differences: int, division_code: str) -> FindingDraft:
    """A day on which a platform does not have what it was told."""
    return FindingDraft(
        rule=FindingRule.PLATFORM_DIFFERS,
        subject=f"platform:{platform}",
        case_id=None,
        person_id=None,
        month=f"{day:%Y-%m}",
        amount_fen=0,
        detail=(
            f"{day} 报送上级平台（{platform}）的消息：本方 {ours} 条，对方 {theirs} 条，有 {differences} 处差异；"
            "差异清单见 minzheng platform check。"
        ),
        evidence=(f"platform:{platform}",),
        division_code=division_code,
        effective_on=day,
        key=f"platform_differs|{platform}|{day.isoformat()}",
    )


__all__ = ["Concerned", "answered", "disagreed"]
