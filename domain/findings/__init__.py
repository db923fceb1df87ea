"""Findings: contradictions with the rules, who looks into them, and how they are set right."""

from domain.findings.commands import (
    ConfirmFinding,
    DismissFinding,
    RectifyFinding,
    ReopenFinding,
    ResolveFinding,
    SendBackFinding,
)
from domain.findings.finding import Finding, FindingDraft, owner_of

__all__ = [
    "ConfirmFinding",
    "DismissFinding",
    "Finding",
    "FindingDraft",
    "RectifyFinding",
    "ReopenFinding",
    "ResolveFinding",
    "SendBackFinding",
    "owner_of",
]
