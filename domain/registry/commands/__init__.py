"""What may be decided about persons, households and divisions."""

from domain.registry.commands.divisions import CloseDivision, OpenDivision
from domain.registry.commands.households import (
    ChangeHouseholdHead,
    DissolveHousehold,
    FormHousehold,
    JoinHousehold,
    LeaveHousehold,
    RelocateHousehold,
)
from domain.registry.commands.persons import (
    ChangePersonAccount,
    ConfirmDeath,
    CorrectPersonDetails,
    MergePersons,
    MovePerson,
    MovePersonOut,
    RegisterPerson,
    ReportDeath,
    ReverseDeath,
    ReversePersonMove,
    UnmergePerson,
    VerifyPerson,
)

__all__ = [
    "ChangeHouseholdHead",
    "ChangePersonAccount",
    "CloseDivision",
    "ConfirmDeath",
    "CorrectPersonDetails",
    "DissolveHousehold",
    "FormHousehold",
    "JoinHousehold",
    "LeaveHousehold",
    "MergePersons",
    "MovePerson",
    "MovePersonOut",
    "OpenDivision",
    "RegisterPerson",
    "RelocateHousehold",
    "ReportDeath",
    "ReverseDeath",
    "ReversePersonMove",
    "UnmergePerson",
    "VerifyPerson",
]
