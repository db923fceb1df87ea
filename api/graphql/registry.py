"""Registry in the API: what can be asked and decided about persons, households and divisions."""

from api.graphql.commands import mutation
from api.graphql.roots import listing, single
from domain.registry.commands import (
    ChangeHouseholdHead,
    CloseDivision,
    ConfirmDeath,
    CorrectPersonDetails,
    DissolveHousehold,
    FormHousehold,
    JoinHousehold,
    LeaveHousehold,
    MergePersons,
    MovePerson,
    MovePersonOut,
    OpenDivision,
    RegisterPerson,
    RelocateHousehold,
    ReportDeath,
    ReverseDeath,
    ReversePersonMove,
    UnmergePerson,
    VerifyPerson,
)

ROOTS = (
    single("person", "person", "按标识或公民身份号码查一个人 · one person by id or citizen ID", citizen=True),
    listing("persons", "person", "辖区内的人员 · persons of your divisions"),
    single("household", "household", "一个家庭 · one household"),
    listing("households", "household", "辖区内的家庭 · households of your divisions"),
    listing("divisions", "division", "行政区划 · the divisions"),
)
MUTATIONS = (
    mutation(ChangeHouseholdHead),
    mutation(CloseDivision),
    mutation(ConfirmDeath),
    mutation(CorrectPersonDetails),
    mutation(DissolveHousehold),
    mutation(FormHousehold),
    mutation(JoinHousehold),
    mutation(LeaveHousehold),
    mutation(MergePersons),
    mutation(MovePerson),
    mutation(MovePersonOut),
    mutation(OpenDivision),
    mutation(RegisterPerson),
    mutation(RelocateHousehold),
    mutation(ReportDeath),
    mutation(ReverseDeath),
    mutation(ReversePersonMove),
    mutation(UnmergePerson),
    mutation(VerifyPerson),
)
