"""Hospitals, visits, settlements and their clearing in any state, for tests of the read models."""

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from domain.clock import at as instant
from domain.clock import month_of
from domain.codes import (
    AccumulatorCause,
    FundSource,
    HospitalLevel,
    InsuranceType,
    MaCategory,
    MedType,
    SettlementCancelReason,
    Ward,
)
from domain.kernel import Aggregate
from domain.medical import (
    Accumulator,
    Clearing,
    DailyReconciliation,
    Hospital,
    ManualClaim,
    MedicalCategory,
    MedicalVisit,
    Settlement,
)
from domain.medical.claim import Receipts
from domain.medical.clearing import Account
from domain.medical.reconciliation import FileLine, lines_of
from domain.medical.split import Bill, Printed, assist, outcome
from domain.medical.visit import Expenses, Standing
from domain.parameters import official_parameters
from domain.registry import Person

WEEK = timedelta(days=7)
DAY = timedelta(days=1)
WINDOW = "中心医院窗口"


def hospital(on: date, code: str = "H1", window: str = WINDOW) -> Hospital:
    """A hospital with a window, suspended and resumed, with both wards."""
    now, to_on = instant(on), on + timedelta(days=900)
    made = Hospital.designate(
        now,
        code=code,
        title="某中心医院",
        level=HospitalLevel.SECOND,
        agreement_no="协1号",
        from_on=on,
        to_on=to_on,
        by="甲",
        division_code="440704",
    )
    for ward in Ward:
        made.admit_ward(now, ward=ward, from_on=on, basis="文件")
    made.bind_desk(now, account=window, from_on=on, to_on=to_on, by="甲")
    made.bind_desk(now, account="离职者", from_on=on, to_on=to_on, by="甲")
    made.release_desk(now, account="离职者", reason="离职", by="甲")
    made.suspend(now, from_on=on + WEEK, reason="整改", by="甲")
    made.resume(now, from_on=on + 2 * WEEK, reason="整改完毕", by="甲")
    made.renew(now, level=HospitalLevel.THIRD, agreement_no="协2号", from_on=on, to_on=to_on, by="甲")
    return made


def medical(chance: random.Random, on: date, place: Hospital, person: Person, number: str) -> list[Aggregate]:
    """Somebody's category, visit and settlement, some steps further; and a claim."""
    now = instant(on)
    given = MedicalCategory.register(now, person_id=person.id, division_code=person.division_code)
    given.open(now, category=MaCategory.DIBAO, from_on=on, basis="个案", case_id=person.id)
    visit, settlement, year = _settled(on, place, person, number)
    day = DailyReconciliation.start(now + DAY, hospital_id=place.id, business_on=on, division_code="440704")
    undone: dict[str, Any] = {"source_id": settlement.id, "cause": AccumulatorCause.CANCELLED}
    wrong = SettlementCancelReason.WRONG_FEES
    steps: Sequence[Callable[[], object]] = [
        lambda: given.hold(now, reason="核实"),
        lambda: day.compare(now, ours=(), theirs=[FileLine("X", False, 5, 5)], by="甲", resolve_by=on),
        lambda: settlement.mark_unknown(now, message_no="M", by="甲", reverse_by=on),
        lambda: settlement.confirm(now, note="核实", by="甲"),
        lambda: given.release(now, reason="核实无误"),
        lambda: day.resolve(now, settlement_no="X", refund=False, note="医院更正", by="甲"),
        lambda: day.compare(now, ours=_lines(settlement, on), theirs=_lines(settlement, on), by="甲", resolve_by=on),
        lambda: settlement.reconcile(now, business_on=on),
        lambda: settlement.cancel(now, reason=wrong, reissue_by=on, by="甲"),
        lambda: year.restore(now, **undone),
        lambda: (
            settlement.replace(now, by_id=person.id, settlement_no="R")
            if chance.randrange(2)
            else settlement.drop(now, reason="自费", by="甲")
        ),
        lambda: given.end(now, case_id=person.id, last_on=on, reason="个案终止"),
        lambda: visit.void(now, reason="误登", by="甲"),
    ]
    for step in steps[: chance.randrange(len(steps) + 1)]:
        step()
    claim = _claim(chance, on, person, UUID(int=chance.getrandbits(128), version=4))
    return [given, visit, settlement, year, day, claim, _clearing(chance, on, place)]


def _lines(settlement: Settlement, on: date) -> list[FileLine]:
    return list(lines_of([settlement], on))


def _settled(on: date, place: Hospital, person: Person, number: str) -> tuple[MedicalVisit, Settlement, Accumulator]:
    now, bill = instant(on), Bill(3_000_000, 2_600_000)
    visit = MedicalVisit.admit(
        now,
        person_id=person.id,
        hospital_id=place.id,
        visit_no=number,
        med_type=MedType.INPATIENT,
        insurance=InsuranceType.RESIDENT,
        ward=Ward.GERIATRIC,
        admitted_on=on,
        diagnosis="某病",
        by="甲",
        division_code=person.division_code,
    )
    visit.resolve(now, on_that_day=MaCategory.DIBAO, as_of_on=on, standing=Standing(on.year, 0, 0, 8_000_000, 0))
    visit.upload(now, expenses=Expenses(3_000_000, 2_600_000, 400_000), by="甲")
    visit.discharge(now, discharged_on=on, diagnosis="痊愈", by="甲")
    made = Settlement.open(
        now,
        visit_id=visit.id,
        hospital_id=place.id,
        person_id=person.id,
        settlement_no=f"S{number}",
        insurance=InsuranceType.RESIDENT,
        level=HospitalLevel.SECOND,
        med_type=MedType.INPATIENT,
        settled_on=on,
        replaces_id=None,
        division_code=person.division_code,
    )
    parts = outcome(official_parameters(), made.terms(MaCategory.DIBAO), bill)
    made.show(now, outcome=parts, settled_on=on, by="甲")
    made.settle(now, outcome=parts, printed=Printed.of(parts.split), by="甲")
    year = Accumulator.open(now, person_id=person.id, year=on.year, division_code=person.division_code)
    year.book(now, source_id=made.id, uses=parts.uses)
    return visit, made, year


def _claim(chance: random.Random, on: date, person: Person, id: UUID) -> ManualClaim:
    now, receipts = instant(on), Receipts(100_000, 80_000)
    made = ManualClaim.file(
        id,
        now,
        person_id=person.id,
        visit_id=None,
        category=MaCategory.MARGIN,
        med_type=MedType.INPATIENT,
        admitted_on=on,
        discharged_on=on,
        receipts=receipts,
        invoice_no=f"票{chance.randrange(10**6)}",
        summary="某院某病",
        by="甲",
        review_by=on,
        division_code=person.division_code,
    )
    computed, uses = assist(official_parameters(), made.terms(), 800_000)
    late = now + 2 * WEEK
    notice: dict[str, Any] = {"notice_no": "1", "from_on": on, "to_on": on + WEEK, "decide_by": on + 2 * WEEK}
    steps: Sequence[Callable[[], object]] = [
        lambda: made.review(now, receipts=receipts, note="属实", by="乙"),
        lambda: made.publicise(now, **notice),
        lambda: made.object(now, objection="有异议", review_by=on),
        lambda: made.review(now, receipts=receipts, note="属实", by="乙"),
        lambda: made.publicise(now, **notice),
        lambda: (
            made.approve(late, computed=computed, uses=uses, used=uses, by="丙", pay_by=on)
            if chance.randrange(2)
            else made.refuse(late, reason="不符", by="丙")
        ),
    ]
    for step in steps[: chance.randrange(len(steps) + 1)]:
        step()
    if made.amount_fen:
        made.pay(late, voucher_no="V", by="丁")
    return made


def _clearing(chance: random.Random, on: date, place: Hospital) -> Clearing:
    now, account = instant(on), Account(1, 3_000_000, 486_500, ())
    made = Clearing.prepare(
        now,
        hospital_id=place.id,
        month=month_of(on),
        account=account,
        by="甲",
        approve_by=on,
        division_code="440704",
    )
    steps: Sequence[Callable[[], object]] = [
        lambda: made.withdraw(now, reason="有误", by="甲"),
        lambda: made.redraw(now, account=account, by="甲", approve_by=on),
        lambda: made.pay(now, account=account, fund_source=FundSource.DISTRICT, voucher_no="V", by="乙"),
    ]
    for step in steps[: chance.randrange(len(steps) + 1)]:
        step()
    return made
