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

__all__ = [
    "AdjustBenefit",
    "ApplyForBenefit",
    "ApproveBenefit",
    "CancelDisabilityCertificate",
    "CertifyDisability",
    "EndBenefit",
    "FindBenefitOverpayment",
    "GrantBenefit",
    "HoldBenefit",
    "RecordLifeProof",
    "RefuseBenefit",
    "ReinstateBenefit",
    "ReleaseBenefit",
    "ResumeBenefit",
    "SuspendBenefit",
    "TransferBenefit",
    "WithdrawBenefit",
]
