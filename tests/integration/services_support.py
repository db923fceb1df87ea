"""Organisations, purchases and what villages do, each at some stage of its course, for projections to be tried on."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from uuid import UUID

from domain.civic import CadreAllowance, CommunityRecord, Disclosure, Election, SocialWorker, VillageDecision, Volunteer
from domain.civic.committee import Seats
from domain.civic.decision import Vote
from domain.clock import at
from domain.codes import (
    AbnormalReason,
    CommunityRecordKind,
    DecisionStep,
    DisclosureTopic,
    FundSource,
    OrgInspectionResult,
    OrgKind,
    PenaltyKind,
    RecordResult,
    Scheme,
    TenderMethod,
    WorkerGrade,
)
from domain.errors import RuleViolated
from domain.funds import Budget
from domain.kernel import Aggregate
from domain.procurement import Organisation, Purchase, SupportFund, Venture
from domain.procurement.contract import Dimensions, Term

Ids = Callable[[], UUID]
_STEPS = ("deliver", "reject", "accept", "less", "ask", "approve", "return", "score", "close")


def services(new: Ids, chance: random.Random, day: date, number: int, division: str) -> list[Aggregate]:
    """What the government buys in a community, from an organisation with a history of its own."""
    centre = _organisation(new(), chance, day, division, number)
    money = Budget.approve(
        at(day),
        year=day.year,
        source=FundSource.DISTRICT,
        scheme=Scheme.PURCHASE,
        division_code=f"4407040{number:02d}",
        amount_fen=10_000_000,
        legal_basis="预算",
        by="甲",
    )
    bought = _purchase(new(), chance, day, division, (centre, money))
    venture = Venture.propose(
        new(),
        at(day),
        title="幸福院",
        organisation_id=centre.id,
        beneficiaries="老人",
        asked_fen=100,
        division_code=division,
        by="甲",
    )
    if chance.randrange(2):
        ends = day + timedelta(days=90)
        venture.select(at(day, 10), granted_fen=90, source=FundSource.CITY, basis="评审", by="乙", finish_by=ends)
        venture.start(at(day, 11), by="乙")
    funds: list[Aggregate] = []
    if number < 3:
        fund = SupportFund.open(at(day), division_code=("440704", "440704001", "440704002")[number], by="甲")
        fund.set_year(at(day), year=2014, amount_fen=100, least_fen=110, legal_basis="预算", by="甲")
        fund.correct_year(at(day, 9), year=2014, amount_fen=120, least_fen=110, legal_basis="更正", by="甲")
        funds.append(fund)
    return [centre, money, bought, venture, *funds]


def governance(
    new: Ids, chance: random.Random, day: date, number: int, division: str, person_id: UUID
) -> list[Aggregate]:
    """What a community discloses, decides and has, and who helps there."""
    disclosure = Disclosure.open(
        new(),
        at(day),
        topic=chance.choice(list(DisclosureTopic)),
        period="2014-Q1",
        division_code=division,
        post_by=day + timedelta(days=10),
        by="甲",
    )
    if chance.randrange(3):
        disclosure.post(at(day, 9), place="公开栏", content_hash="ab" * 32, posted_on=day, by="甲")
        disclosure.question(at(day, 10), question="某问", by="甲", answer_by=day + timedelta(days=9))
    decision = VillageDecision.propose(new(), at(day), matter="修路", held_on=day, division_code=division, by="甲")
    decision.take(at(day, 9), step=DecisionStep.CONSULTED, vote=None, note="", held_on=day, by="甲")
    vote = Vote(60, 50, chance.randrange(51), 0)
    decision.take(at(day, 10), step=DecisionStep.REVIEWED, vote=vote, note="", held_on=day, by="甲")
    record = CommunityRecord.make(
        new(),
        at(day),
        kind=CommunityRecordKind.MODEL_COMMUNITY,
        subject_text="",
        result=RecordResult.DONE,
        participants=0,
        basis="",
        held_on=day,
        division_code=division,
        by="甲",
    )
    titled = day + timedelta(days=30)
    if chance.randrange(2):
        record.correct(at(titled), result=RecordResult.TITLED, participants=0, reason="命名", held_on=titled, by="甲")
    made: list[Aggregate] = [disclosure, decision, record]
    if number < 2:
        made += _once(day, division, person_id)
    return made


def _once(day: date, division: str, person_id: UUID) -> list[Aggregate]:
    """What a community and a person have once."""
    worker = SocialWorker.certify(
        at(day),
        person_id=person_id,
        grade=WorkerGrade.ASSISTANT,
        certificate="粤1",
        organisation_id=None,
        certified_on=day,
        division_code=division,
        by="甲",
    )
    helper = Volunteer.enrol(at(day), person_id=person_id, division_code=division, by="甲")
    helper.serve(at(day, 9), activity="探访", minutes=60, served_on=day, by="甲")
    helper.correct_service(at(day, 10), no=1, minutes=50, activity="探访", by="甲")
    worker.end(at(day, 9), reason="迁出", ended_on=day, by="甲")
    again = {"grade": WorkerGrade.SENIOR, "certificate": "粤2", "organisation_id": None}
    worker.restore(at(day, 10), certified_on=day, by="甲", **again)  # type: ignore[arg-type]
    for one in (worker, helper):
        one.go_along(at(day, 11), to_division_code="440704001001", moved_on=day)
    seats = Seats(5, 5, True, 100, 90)
    election = Election.hold(at(day), year=day.year, seats=seats, held_on=day, division_code=division, by="甲")
    election.correct(at(day, 9), seats=seats._replace(cross_count=4), reason="误", by="甲")
    allowance = CadreAllowance.open(at(day), division_code=division, by="甲")
    allowance.set_year(at(day), year=day.year, person_months=60, total_fen=15_000_000, by="甲")
    return [worker, helper, election, allowance]


def _organisation(id: UUID, chance: random.Random, day: date, division: str, number: int) -> Organisation:
    made = Organisation.report_known(
        id,
        at(day),
        name=f"中心{number}",
        kind=OrgKind.PRIVATE_NON_ENTERPRISE,
        sponsor="",
        local=chance.randrange(2) == 0,
        social_work=True,
        division_code=division,
        credit_code=f"5244070400000{number:05d}",
        representative="某甲",
        certified_count=number,
        registered_on=day,
    )
    year, later = day.year, day + timedelta(days=365)
    dates = {"was_due_on": later, "report_by": later, "inspect_by": later}
    made.file_report(at(later), year=year, by="甲", **dates)
    made.inspect(at(later, 9), year=year, result=chance.choice(list(OrgInspectionResult)), note="某", by="乙")
    when = later + timedelta(days=30)
    match chance.randrange(4):
        case 0:
            made.list_abnormal(at(when), reason=AbnormalReason.OTHER, letter_no="1", by="乙")
            made.unlist(at(when, 9), reason="改正", by="乙")
        case 1:
            made.revoke(at(when), reason="某", letter_no="2", heard=True, by="乙")
        case 2:
            fine = {"kind": PenaltyKind.FINE, "reason": "某", "letter_no": "3", "suspended_to": None}
            made.penalise(at(when), amount_fen=100, heard=True, by="乙", **fine)  # type: ignore[arg-type]
    return made


def _purchase(id: UUID, chance: random.Random, day: date, division: str, of: tuple[Organisation, Budget]) -> Purchase:
    centre, money = of
    open_on = max(day, date(2014, 1, 1))
    made = Purchase.open(id, at(open_on), title="居家养老", item="HOME_CARE", division_code=division, by="甲")
    made.reserve(at(open_on), budget_id=money.id, source=money.source, amount_fen=900, by="乙")
    money.reserve(at(open_on), purchase_id=id, amount_fen=900)
    made.tender(
        at(open_on),
        method=TenderMethod.DIRECT,
        basis="",
        bidders=1,
        organisation_id=centre.id,
        price_fen=900,
        by="甲",
        direct_below_fen=1_000,
        open_from_fen=10_000,
        bidders_least=3,
    )
    ends = open_on + timedelta(days=300)
    made.sign(
        at(open_on),
        contract_no="1",
        party=centre.party,
        starts_on=open_on,
        ends_on=ends,
        terms=tuple(Term(no, f"{no}期", 300, ends) for no in (1, 2, 3)),
        longer_basis="",
        by="甲",
        usual_months=12,
        most_months=36,
    )
    for number in range(25):
        with suppress(RuleViolated):
            _step(made, money, chance, open_on + timedelta(days=number))
    return made


def _step(made: Purchase, money: Budget, chance: random.Random, day: date) -> None:
    now, due, no = at(day), day + timedelta(days=10), chance.randrange(1, 4)
    match chance.choice(_STEPS):
        case "deliver":
            made.deliver(now, no=no, note="某", by="丙", accept_by=due)
        case "reject":
            made.reject(now, no=no, reason="某", by="丁", redo_by=due)
        case "accept" | "less":
            fen = chance.choice((None, 200))
            made.accept(now, no=no, by="丁", accepted_fen=fen, reason="某", pay_by=due, evaluate_by=due)
        case "ask":
            made.prepare_payment(now, milestone_no=no, amount_fen=100, budget_id=money.id, by="乙")
        case "approve":
            paid = made.approve_payment(now, payment_no=no, by="戊")
            money.draw(now, purchase_id=made.id, spent_fen=paid.amount_fen)
        case "return":
            back = made.return_payment(now, payment_no=no, reason="某", by="戊", pay_by=due)
            money.draw(now, purchase_id=made.id, spent_fen=-back.amount_fen)
        case "score":
            half = Dimensions(2_500, 2_500, 2_500, 2_500)
            said = {"evaluator": "某", "note": "", "by": "丁", "least_bp": 1}
            made.evaluate(now, marks=half, weights=half, pay_by=due, **said)  # type: ignore[arg-type]
        case "close":
            made.close(now, by="乙")
