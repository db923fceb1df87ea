"""Social organisations, what the government buys from them, venture projects and the fund that supports them."""

from domain.procurement.organisation import Organisation
from domain.procurement.organisation_record import CreditCodeClaim
from domain.procurement.purchase import Purchase
from domain.procurement.support_fund import SupportFund
from domain.procurement.venture import Venture

__all__ = ["CreditCodeClaim", "Organisation", "Purchase", "SupportFund", "Venture"]
