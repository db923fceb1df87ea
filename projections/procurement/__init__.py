"""Social organisations and what the government buys from them, with ventures and the support fund."""

from domain.procurement import CreditCodeClaim
from projections.procurement.organisations import (
    OrganisationPenaltyRow,
    OrganisationRow,
    Organisations,
    OrganisationYearRow,
)
from projections.procurement.purchases import (
    PurchaseFundingRow,
    PurchaseMilestoneRow,
    PurchasePaymentRow,
    PurchaseRow,
    Purchases,
)
from projections.procurement.ventures import SupportFundRow, SupportFundYearRow, VentureRow, Ventures


class Procurement(Organisations, Purchases, Ventures):
    """Organisations, purchases, ventures and funds."""

    name = "procurement"
    version = 1
    views = (
        *(OrganisationRow, OrganisationYearRow, OrganisationPenaltyRow),
        *(PurchaseRow, PurchaseFundingRow, PurchaseMilestoneRow, PurchasePaymentRow),
        *(VentureRow, SupportFundRow, SupportFundYearRow),
    )
    contexts = ("procurement",)
    ignores = (CreditCodeClaim.Created,)  # the code stands on the organisation


__all__ = ["OrganisationRow", "Procurement", "PurchaseRow", "SupportFundYearRow", "VentureRow"]
