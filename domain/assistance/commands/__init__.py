"""What may be decided about cases, payments and standards."""

from domain.assistance.commands.applications import (
    AcceptCase,
    ApplyForAssistance,
    ConfirmCase,
    ConfirmTemporaryAssistance,
    RefuseCase,
    ReopenCase,
    ReturnCase,
    VerifyCase,
    WithdrawCase,
)
from domain.assistance.commands.cases import (
    AdjustCase,
    ChangeCaseAccount,
    ChangeCaseMembers,
    CloseCase,
    CorrectCaseAmount,
    ResumeCase,
    SuspendCase,
    TransferCase,
)
from domain.assistance.commands.payments import CorrectPayment, IssueBackPayment, IssuePayment, ReturnPayment
from domain.assistance.commands.standards import AdoptStandard, RevokeStandard

__all__ = [
    "AcceptCase",
    "AdjustCase",
    "AdoptStandard",
    "ApplyForAssistance",
    "ChangeCaseAccount",
    "ChangeCaseMembers",
    "CloseCase",
    "ConfirmCase",
    "ConfirmTemporaryAssistance",
    "CorrectCaseAmount",
    "CorrectPayment",
    "IssueBackPayment",
    "IssuePayment",
    "RefuseCase",
    "ReopenCase",
    "ResumeCase",
    "ReturnCase",
    "ReturnPayment",
    "RevokeStandard",
    "SuspendCase",
    "TransferCase",
    "VerifyCase",
    "WithdrawCase",
]
