"""What may be decided about care and benefits."""

from domain.care.commands.benefits import (
    AdjustBenefit,
    ApplyForBenefit,
    ApproveBenefit,
    EndBenefit,
    FindBenefitOverpayment,
    GrantBenefit,
    HoldBenefit,
    RecordLifeProof,
    RefuseBenefit,
    ReinstateBenefit,
    ReleaseBenefit,
    ResumeBenefit,
    SuspendBenefit,
    TransferBenefit,
    WithdrawBenefit,
)
from domain.care.commands.certificates import CancelDisabilityCertificate, CertifyDisability
from domain.care.commands.premiums import CancelElderCard, CancelPremium, EnrolPremiums, IssueElderCard

__all__ = [
    "AdjustBenefit",
    "ApplyForBenefit",
    "ApproveBenefit",
    "CancelDisabilityCertificate",
    "CancelElderCard",
    "CancelPremium",
    "CertifyDisability",
    "EndBenefit",
    "EnrolPremiums",
    "FindBenefitOverpayment",
    "GrantBenefit",
    "HoldBenefit",
    "IssueElderCard",
    "RecordLifeProof",
    "RefuseBenefit",
    "ReinstateBenefit",
    "ReleaseBenefit",
    "ResumeBenefit",
    "SuspendBenefit",
    "TransferBenefit",
    "WithdrawBenefit",
]
