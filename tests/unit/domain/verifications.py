"""A household of two adults and a child whose economic status is verified, step by step."""

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from domain.access import Actor, RoleCode
from domain.assistance import Case, EconVerification
from domain.assistance.commands import (
    ContestVerification,
    OpenVerification,
    RecordAnswer,
    ReportVerification,
    SendQueries,
    SignAuthorization,
)
from domain.codes import EconConclusion, EconQueryState, EconResult, EconSource
from domain.kernel import Aggregate, Command
from tests.unit.domain.samples import accepted, household, on, person
from tests.unit.domain.specification import STREET, Outcome, given

COMMUNITY = Actor("community", RoleCode.COMMUNITY_WORKER, "440704004203")
SECOND = Actor("street-2", RoleCode.STREET_OFFICER, "440704004")
BANK, TAX, VEHICLE = EconSource.BANK, EconSource.TAX, EconSource.VEHICLE
STEPS = ("open", "sign", "send", "answer", "report", "contest")


class World(NamedTuple):
    """A household of two adults and a child, its case, and the case's verification."""

    case: Case
    home: tuple[Aggregate, ...]
    adults: tuple[UUID, ...]
    child: UUID

    def when(self, command: Command, *more: Aggregate, by: Actor = STREET, day: str = "2015-01-07") -> Outcome:
        """Give a command on a day."""
        return given(self.case, *self.home, *more).when(command, by=by, now=on(day))

    def command(self, kind: type[Command], **fields: Any) -> Any:
        """A command about the case."""
        return kind(**{"case_id": self.case.id, **fields})


def world(make: Any = accepted) -> World:
    """Two adults, one of them of unknown age, a child, and someone who died; a case of the first two and the child."""
    head, spouse = person(birth_on=date(1970, 5, 5)), person(citizen_id=None)
    child, dead = person(citizen_id=None, birth_on=date(2008, 1, 8)), person(citizen_id=None)
    dead.report_death(on("2014-01-05"), died_on=date(2014, 1, 3), evidence="", confirmed_by="公安")
    members = (head, spouse, child, dead)
    home = household(*members)
    case = make(members=(head.id, spouse.id, child.id), household_id=home.id)
    return World(case, (home, *members), (head.id, spouse.id), child.id)


def told(**fields: Any) -> dict[str, Any]:
    """What a report says."""
    return {
        "conclusion": EconConclusion.CONSISTENT,
        "monthly_income_fen": 90_000,
        "property_within_limits": True,
        "note": "与申报相符",
        **fields,
    }


def step_by_step(it: World, upto: str) -> EconVerification:
    """The verification after so many of `STEPS`, from 7 January 2015 on."""
    verification = it.when(it.command(OpenVerification)).then(EconVerification.Created)
    way: dict[str, Any] = {
        "sign": lambda: [
            it.when(sign(it, adult), verification, by=COMMUNITY).then(EconVerification.AuthorizationSigned)
            for adult in it.adults
        ],
        "send": lambda: it.when(it.command(SendQueries, sources=(BANK, TAX)), verification).then(
            EconVerification.QuerySent, EconVerification.QuerySent
        ),
        "answer": lambda: [
            it.when(answer(it, source=source), verification).then(EconVerification.QueryAnswered)
            for source in (BANK, TAX)
        ],
        "report": lambda: it.when(it.command(ReportVerification, **told()), verification).then(
            EconVerification.EconReported
        ),
        "contest": lambda: it.when(it.command(ContestVerification, reason="存款是他人的"), verification).then(
            EconVerification.Contested
        ),
    }
    for name in STEPS[1 : STEPS.index(upto) + 1]:
        way[name]()
    found: EconVerification = verification
    return found


def sign(it: World, person_id: UUID, **fields: Any) -> SignAuthorization:
    """A member's consent of 7 January 2015."""
    return SignAuthorization(case_id=it.case.id, person_id=person_id, **{"signed_on": date(2015, 1, 7), **fields})


def answer(it: World, **fields: Any) -> RecordAnswer:
    """The bank's answer that it knows nothing."""
    said = {"source": BANK, "result": EconResult.NOTHING, "answered_on": date(2015, 1, 7), **fields}
    return RecordAnswer(case_id=it.case.id, **said)


def left(verification: EconVerification, state: EconQueryState | None = None) -> list[EconSource]:
    """The sources that have not answered, or those in one state."""
    if state is None:
        return [*verification.unanswered]
    return [source for source, query in verification.queries.items() if query.state is state]
