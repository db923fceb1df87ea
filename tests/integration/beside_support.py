"""What stands beside cases, some steps further: referrals, recoveries, complaints, joint conferences."""

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from domain.assistance import Case, Complaint, Conference, Recovery, Referral
from domain.clock import at as instant
from domain.codes import (
    Department,
    Need,
    OverpaymentReason,
    RecoveryMethod,
    RecoveryPart,
    ReferralResult,
)
from domain.kernel import Aggregate
from domain.parameters import official_parameters

WEEK = timedelta(days=7)


def beside(id: UUID, chance: random.Random, one: Case, on: date) -> Aggregate:
    """Any of them."""
    return chance.choice((_referral, _recovery, _complaint, _conference))(id, chance, one, on)


def _some(chance: random.Random, steps: Sequence[Callable[[], None]]) -> None:
    for step in steps[: chance.randrange(len(steps) + 1)]:
        step()


def _referral(id: UUID, chance: random.Random, one: Case, on: date) -> Aggregate:
    now, due = instant(on), on + WEEK
    made = Referral.make(
        id,
        now,
        person_id=one.applicant_id,
        case_id=chance.choice((one.id, None)),
        need=Need.EDU,
        department=Department.HOUSING,
        contact="陈一",
        summary="学费",
        by="甲",
        accept_by=due,
        division_code=one.division_code,
    )
    _some(
        chance,
        [
            lambda: made.send_back(now, reason="不属本部门", by="乙", redirect_by=due),
            lambda: made.redirect(now, department=Department.EDUCATION, by="甲", accept_by=due),
            lambda: made.accept(now, by="丙", answer_by=due),
            lambda: made.answer(now, result=ReferralResult.OTHER, answer="已告知", by="丙", feedback_by=due),
            lambda: made.go_along(now, to_division_code="440704002001", moved_on=on),
            lambda: made.close(now, note="已告知", by="甲"),
        ],
    )
    return made


def _recovery(id: UUID, chance: random.Random, one: Case, on: date) -> Aggregate:
    now, due = instant(on), on + WEEK
    later = instant(due + WEEK)
    letter: Any = {"letter_no": "1", "served_on": on}
    money: Any = {"voucher_no": "1", "received_on": on, "by": "戊"}
    ordered: Any = {"grounds": "属实", "letter_no": "2", "by": "丁", "pay_by": due}
    made = Recovery.find(
        id,
        now,
        case=one,
        from_month="2014-03",
        to_month="2014-04",
        amount_fen=100_000,
        paid_fen=100_000,
        reason=OverpaymentReason.FRAUD,
        facts="铺面",
        by="甲",
        notify_by=due,
        finding_id=None,
    )
    _some(
        chance,
        [
            lambda: made.notify(now, proof="直接送达", statement_by=due, decide_by=due, **letter),
            lambda: made.offer_hearing(now, request_by=due, **letter),
            lambda: made.request_hearing(now, requested_on=on, hold_by=due),
            lambda: made.schedule_hearing(now, letter_no="1", hearing_on=on, place="二楼", earliest_on=on),
            lambda: made.hold_hearing(now, by="丁", minutes="认错", held_on=on, decide_by=due),
            lambda: made.decide(later, amount_fen=90_000, **ordered),
            lambda: made.fine(later, amount_fen=90_000, parameters=official_parameters(), **ordered),
            lambda: made.consent(later, consent_no="3"),
            lambda: made.receive(
                later, part=RecoveryPart.RECOVERY, method=RecoveryMethod.DEDUCTION, amount_fen=40_000, **money
            ),
            lambda: made.revise(later, basis="复1号", decided_fen=30_000, fine_fen=0, refund_by=due + WEEK, by="己"),
            lambda: made.refund(
                later, part=RecoveryPart.RECOVERY, amount_fen=9_000, voucher_no="2", refunded_on=due, by="戊"
            ),
            lambda: made.go_along(later, to_division_code="440704002001", moved_on=on),
            lambda: made.refund(
                later, part=RecoveryPart.RECOVERY, amount_fen=1_000, voucher_no="3", refunded_on=due, by="戊"
            ),
            lambda: made.revise(later, basis="判1号", decided_fen=0, fine_fen=0, refund_by=due + WEEK, by="己"),
        ],
    )
    return made


def _complaint(id: UUID, chance: random.Random, one: Case, on: date) -> Aggregate:
    now = instant(on)
    made = Complaint.file(
        id,
        now,
        about_case=one.id,
        about_division=one.division_code,
        complainant=chance.choice(("", "陈一")),
        text="态度",
        taken_by="甲",
        accept_by=on + WEEK,
        division_code="440704",
    )
    answer: Any = {"upheld": True, "answer": "属实", "by": "乙", "handlers": (), "office": "440704"}
    _some(chance, [lambda: made.accept(now, by="乙", answer_by=on + WEEK), lambda: made.answer(now, **answer)])
    return made


def _conference(id: UUID, chance: random.Random, one: Case, on: date) -> Aggregate:
    now, task = instant(on), "建册"
    made = Conference.hold(
        id,
        now,
        topic="因病致贫",
        case_ids=(one.id,),
        departments=(Department.CIVIL_AFFAIRS, Department.HEALTH),
        held_on=on,
        division_code="440704",
    )
    _some(
        chance,
        [
            lambda: made.assign(now, task=task, department=Department.HEALTH, due_on=on + WEEK),
            lambda: made.assign(now, task=task, department=Department.CIVIL_AFFAIRS, due_on=on + WEEK),
            lambda: made.finish(now, task_no=1, result="已建", by="庚"),
        ],
    )
    return made
