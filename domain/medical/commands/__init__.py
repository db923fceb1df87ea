"""What may be decided about medical assistance."""

from domain.medical.commands.categories import (
    EndMedicalCategory,
    HoldMedicalCategory,
    OpenMedicalCategory,
    ReleaseMedicalCategory,
)
from domain.medical.commands.claims import (
    ApproveManualClaim,
    FileManualClaim,
    ObjectToManualClaim,
    PayManualClaim,
    PubliciseManualClaim,
    RefuseManualClaim,
    ReviewManualClaim,
)
from domain.medical.commands.clearing import (
    PayClearing,
    PrepareClearing,
    ReconcileDay,
    ResolveDifference,
    WithdrawClearing,
)
from domain.medical.commands.hospitals import (
    AdmitWard,
    BindDesk,
    DesignateHospital,
    EndAgreement,
    ReleaseDesk,
    RenewAgreement,
    ResumeHospital,
    SuspendHospital,
)
from domain.medical.commands.settlements import (
    CancelSettlement,
    ConfirmSettlement,
    DropSettlement,
    PreSettleBill,
    ReportSettlementUnknown,
    ReverseSettlement,
    SettleBill,
)
from domain.medical.commands.visits import (
    AdmitPatient,
    DischargePatient,
    UploadExpenses,
    VoidAdmission,
)

__all__ = [
    "AdmitPatient",
    "AdmitWard",
    "ApproveManualClaim",
    "BindDesk",
    "CancelSettlement",
    "ConfirmSettlement",
    "DesignateHospital",
    "DischargePatient",
    "DropSettlement",
    "EndAgreement",
    "EndMedicalCategory",
    "FileManualClaim",
    "HoldMedicalCategory",
    "ObjectToManualClaim",
    "OpenMedicalCategory",
    "PayClearing",
    "PayManualClaim",
    "PreSettleBill",
    "PrepareClearing",
    "PubliciseManualClaim",
    "ReconcileDay",
    "RefuseManualClaim",
    "ReleaseDesk",
    "ReleaseMedicalCategory",
    "RenewAgreement",
    "ReportSettlementUnknown",
    "ResolveDifference",
    "ResumeHospital",
    "ReverseSettlement",
    "ReviewManualClaim",
    "SettleBill",
    "SuspendHospital",
    "UploadExpenses",
    "VoidAdmission",
    "WithdrawClearing",
]
