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

__all__ = [
    "AdjustBenefit",
    "ApplyForBenefit",
    "ApproveBenefit",
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
