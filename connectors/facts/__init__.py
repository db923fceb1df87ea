"""The facts of every source; a new source's module is imported here once."""

from typing import TYPE_CHECKING, Union

from connectors.facts.assistance import CaseFact, GrantFact, MemberFact, MemberState, PaymentFact, PaymentState
from connectors.facts.bank import BankAnswerFact
from connectors.facts.base import Fact
from connectors.facts.civic import DisclosureFact
from connectors.facts.econ import EconAnswerFact
from connectors.facts.population import DeathFact, HouseholdFact, MoveFact, MoveKind, PersonFact
from connectors.facts.procurement import ContractFact, ContractState, OrganisationFact

if TYPE_CHECKING:
    AnyFact = Fact
else:
    AnyFact = Union[tuple(Fact.__subclasses__())]  # noqa: UP007 - the members are known at run time only
    """What may pass from the reading process to the deciding one."""

__all__ = [
    "AnyFact",
    "BankAnswerFact",
    "CaseFact",
    "ContractFact",
    "ContractState",
    "DeathFact",
    "DisclosureFact",
    "EconAnswerFact",
    "Fact",
    "GrantFact",
    "HouseholdFact",
    "MemberFact",
    "MemberState",
    "MoveFact",
    "MoveKind",
    "OrganisationFact",
    "PaymentFact",
    "PaymentState",
    "PersonFact",
]
