"""X1, X2, X5, X8, X9, X10, X11 and X12 for what is a person's own: benefits, beds, stays, orders, the grid."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.access import RoleCode
from domain.care import Benefit, BenefitPayment, DisabilityCertificate, ServiceOrder, Stay
from domain.care.age_roll import WithoutAllowance
from domain.care.benefits.amounts import Known
from domain.care.benefits.basis import NOTHING, Basis
from domain.clock import at
from domain.codes import (
    AssessmentState,
    BedState,
    BenefitEnd,
    BenefitHold,
    BenefitKind,
    BenefitState,
    CareLevel,
    ClueNeed,
    ClueSource,
    ClueState,
    DisabilityCategory,
    DisabilityGrade,
    DischargeReason,
    DutyState,
    Guarantee,
    OrderState,
    Payer,
    PaymentKind,
    ProcessCode,
    ResidentEnd,
    StayKind,
    StayState,
)
from domain.grid import NeedClue, Resident
from domain.registry import Division, Person
from tests.unit.domain.care_samples import SEVERE, bed, effective, elder, facility, order
from tests.unit.domain.samples import OTHER_VILLAGE, PARAMETERS, VILLAGE, on
from tests.unit.processes.district import District

TODAY = date(2016, 5, 10)
AGE, NURSING = BenefitKind.OLD_AGE_ALLOWANCE, BenefitKind.NURSING_HOME


@pytest.fixture
def district() -> District:
    return District(day=TODAY)


def granted(who: Person, kind: BenefitKind = AGE, basis: Basis = NOTHING, applied: date = date(2016, 1, 8)) -> Benefit:
    """A benefit that is paid since January 2016."""
    benefit = Benefit.apply_for(
        uuid4(),
        at(applied, 9),
        person_id=who.id,
        kind=kind,
        basis=basis,
        applied_on=applied,
        division_code=VILLAGE,
        by="village",
        review_by=date(2016, 5, 24),
    )
    benefit.approve(at(applied, 10), by="street", decide_by=date(2016, 5, 24))
    known = Known(VILLAGE, who.birth_on, True, basis)
    benefit.grant(at(applied, 11), by="district", known=known, parameters=PARAMETERS, lines={})
    return benefit


def paid(benefit: Benefit, month: str) -> BenefitPayment:
    """A month of it was paid."""
    return BenefitPayment.report_issued(
        uuid4(),
        on(f"{month}-10"),
        benefit_id=benefit.id,
        person_id=benefit.person_id,
        benefit=benefit.kind,
        kind=PaymentKind.REGULAR,
        month=month,
        amount_fen=benefit.monthly_fen,
        division_code=VILLAGE,
        account="6222",
        batch_no="批1",
        fund_source="区财政",
        effective_on=date.fromisoformat(f"{month}-10"),
    )


def dies(who: Person, died_on: date, *, confirmed: bool = True) -> Person:
    """The death becomes known today."""
    who.report_death(at(TODAY, 9), died_on=died_on, evidence="走访", confirmed_by="死亡证明" if confirmed else "")
    return who


def ordered(who: Person) -> ServiceOrder:
    """Help at home on 20 May 2016."""
    return order(who, facility(), planned_on=date(2016, 5, 20))


def stays(who: Person, home: Any, place: Any, since: date = date(2016, 2, 1)) -> Stay:
    """Somebody has lived there since February 2016, in that bed."""
    stay = Stay.admit(
        uuid4(),
        at(since, 9),
        person_id=who.id,
        facility_id=home.id,
        admission_no="R1",
        kind=StayKind.RESIDENT,
        payer=Payer.SELF,
        division_code=home.division_code,
        effective_on=since,
        bed_id=place.id,
        by="house",
    )
    place.occupy(at(since, 9), person_id=who.id, effective_on=since, by="house")
    return stay


class TestDeath:
    async def test_benefits_end_with_the_month_and_what_was_paid_later_is_asked_back(self, district: District) -> None:
        one = elder(date(1930, 1, 1))
        benefit = granted(one)
        await district.has(one, benefit, *(paid(benefit, f"2016-0{n}") for n in (1, 2, 3, 4)))
        await district.has(dies(one, date(2016, 2, 20)))
        await district.run()
        ended = await district.again(benefit)
        assert (ended.state, ended.end_reason, ended.end_month) == (BenefitState.ENDED, BenefitEnd.DECEASED, "2016-02")
        assert ended.overpaid_fen == 2 * benefit.monthly_fen
        (duty,) = await district.duties(ProcessCode.DEATH_CONFIRMED)
        assert duty.subject == f"benefit:{benefit.id}"
        one.reverse_death(at(TODAY, 15), reason="同名同姓")
        await district.has(one)
        await district.run()
        back = await district.again(benefit)
        assert (back.state, back.amount_for("2016-04")) == (BenefitState.PAYING, benefit.monthly_fen)

    async def test_a_reported_death_only_holds_and_a_false_one_is_made_up_for(self, district: District) -> None:
        one = elder(date(1930, 1, 1))
        benefit = granted(one)
        await district.has(one, benefit, dies(one, date(2016, 4, 30), confirmed=False))
        await district.run()
        held = await district.again(benefit)
        assert (held.held, held.held_from, held.amount_for("2016-05")) == (
            BenefitHold.DEATH_REPORTED,
            "2016-05",
            benefit.monthly_fen,
        )
        one.reverse_death(at(TODAY, 15), reason="本人在世")
        await district.has(one)
        await district.run()
        assert (await district.again(benefit)).held is None

    async def test_a_bed_is_free_the_same_day_and_orders_are_off(self, district: District) -> None:
        one, home = elder(), facility()
        place = bed(home)
        stay, help_ = stays(one, home, place), ordered(one)
        await district.has(one, home, place, stay, help_, effective(one), dies(one, date(2016, 5, 9)))
        await district.run()
        assert (await district.again(place)).state is BedState.CLEANING
        left = await district.again(stay)
        assert (left.state, left.discharged_on) == (StayState.DISCHARGED, date(2016, 5, 9))
        assert (await district.again(help_)).state is OrderState.CANCELLED
        assert await district.run() == 0
        one.reverse_death(at(TODAY, 15), reason="本人在世")
        await district.has(one)
        await district.run()
        assert [duty.subject for duty in await district.duties(ProcessCode.DEATH_CONFIRMED)] == [f"stay:{stay.id}"]

    async def test_the_grid_looks_after_them_no_longer(self, district: District) -> None:
        one = elder()
        resident = Resident.enter(
            on("2015-01-05"), person_id=one.id, grid_code="", division_code=VILLAGE, from_on=date(2015, 1, 5)
        )
        clue = NeedClue.find(
            uuid4(),
            on("2016-05-01"),
            person_id=one.id,
            need=ClueNeed.ELDER_CARE,
            source=ClueSource.VISIT,
            text="独居，无人照料",
            by="grid",
            grid_code="",
            limits=(date(2016, 5, 4),),
            division_code=VILLAGE,
        )
        await district.has(one, resident, clue, dies(one, date(2016, 5, 9)))
        await district.run()
        assert (await district.again(resident)).ended is ResidentEnd.DECEASED
        assert (await district.again(clue)).state is ClueState.CANCELLED
        one.reverse_death(at(TODAY, 15), reason="本人在世")
        await district.has(one)
        await district.run()
        assert (await district.again(resident)).ended is None

    async def test_a_death_of_long_ago_ends_what_is_still_there_and_asks_nobody(self, district: District) -> None:
        one = elder(date(1930, 1, 1))
        benefit = granted(one)
        await district.has(one, benefit, paid(benefit, "2016-03"), source="eldercare")
        await district.has(dies(one, date(2016, 1, 20)), source="population")
        await district.run()
        assert (await district.again(benefit)).end_month == "2016-01"
        assert await district.duties(ProcessCode.DEATH_CONFIRMED) == []

    async def test_what_a_system_reports_after_the_death_was_dealt_with_ends_as_well(self, district: District) -> None:
        one, home = elder(date(1930, 1, 1)), facility()
        place = bed(home)
        await district.has(dies(one, date(2016, 4, 20)), home, source="population")
        await district.run()
        resident = Resident.enter(
            on("2015-01-05"), person_id=one.id, grid_code="", division_code=VILLAGE, from_on=date(2015, 1, 5)
        )
        stay, benefit, test = stays(one, home, place), granted(one), effective(one)
        await district.has(stay, place, benefit, test, resident, source="eldercare")
        await district.run()
        left, ended = await district.again(stay), await district.again(benefit)
        assert (left.state, left.discharged_on) == (StayState.DISCHARGED, date(2016, 4, 20))
        assert left.discharge_reason is DischargeReason.DEATH
        assert (await district.again(place)).state is BedState.CLEANING
        assert (ended.end_reason, ended.end_month) == (BenefitEnd.DECEASED, "2016-04")
        assert (await district.again(test)).state is AssessmentState.EXPIRED
        assert (await district.again(resident)).ended is ResidentEnd.DECEASED
        assert await district.run() == 0

        left.report_state(at(TODAY, 11), state=StayState.ADMITTED, effective_on=TODAY)
        ended.report_paid(at(TODAY, 11), monthly_fen=benefit.monthly_fen, start_month="2016-05")
        await district.has(left, ended, source="eldercare")
        await district.run()
        assert (await district.again(stay)).state is StayState.DISCHARGED, "the source said again that they are there"
        again = await district.again(benefit)
        assert (again.state, again.amount_for("2016-05")) == (BenefitState.ENDED, None)
        assert again.amount_for("2016-04") == benefit.monthly_fen

    async def test_a_benefit_reported_after_a_reported_death_is_held(self, district: District) -> None:
        one = elder(date(1930, 1, 1))
        await district.has(dies(one, date(2016, 4, 30), confirmed=False))
        await district.run()
        benefit = granted(one)
        await district.has(benefit, source="eldercare")
        await district.run()
        held = await district.again(benefit)
        assert (held.held, held.held_from) == (BenefitHold.DEATH_REPORTED, "2016-05")


class TestMoves:
    async def test_what_is_theirs_goes_along_and_is_paid_on(self, district: District) -> None:
        one = elder(date(1930, 1, 1))
        benefit, help_ = granted(one), ordered(one)
        certificate = DisabilityCertificate.certify(
            on("2015-01-05"),
            person_id=one.id,
            category=DisabilityCategory.LIMB,
            grade=DisabilityGrade.TWO,
            from_on=date(2015, 1, 5),
            valid_to_on=None,
            division_code=VILLAGE,
        )
        resident = Resident.enter(
            on("2015-01-05"), person_id=one.id, grid_code="", division_code=VILLAGE, from_on=date(2015, 1, 5)
        )
        await district.has(one, benefit, help_, certificate, resident, source="eldercare")
        await district.run()
        one.move(at(TODAY, 9), to_division_code=OTHER_VILLAGE, moved_on=TODAY)
        await district.has(one)
        await district.run()
        for each in (benefit, help_, certificate, resident):
            assert (await district.again(each)).division_code == OTHER_VILLAGE, each  # type: ignore[type-var]
        assert (await district.again(benefit)).amount_for("2016-06") == benefit.monthly_fen

    async def test_who_leaves_is_held_from_next_month_and_made_up_for_when_back(self, district: District) -> None:
        one = elder(date(1930, 1, 1))
        benefit = granted(one)
        one.move_out(at(TODAY, 9), to_place="外市样例区", moved_on=TODAY)
        await district.has(one, benefit)
        await district.run()
        held = await district.again(benefit)
        assert (held.held, held.held_from, held.state) == (BenefitHold.MOVING_OUT, "2016-06", BenefitState.PAYING)
        one.reverse_move(at(TODAY, 15), from_on=TODAY)
        await district.has(one)
        await district.run()
        assert (await district.again(benefit)).held is None


class TestCare:
    async def test_who_moves_into_an_institution_needs_no_services_at_home(self, district: District) -> None:
        one, home = elder(date(1935, 1, 1)), facility()
        place, help_ = bed(home), ordered(one)
        basis = Basis(guarantee=Guarantee.DIBAO, level=CareLevel.SEVERE)
        nursing = granted(one, NURSING, basis)
        await district.has(one, home, place, help_, nursing, source="eldercare")
        await district.run()
        stay = stays(one, home, place, TODAY)
        await district.has(stay, place)
        await district.run()
        assert (await district.again(help_)).state is OrderState.CANCELLED
        ended = await district.again(nursing)
        assert (ended.end_reason, ended.end_month) == (BenefitEnd.CARE_CHANGED, "2016-05")
        (duty,) = await district.duties(ProcessCode.CARE_ADMITTED)
        assert (duty.person_id, duty.due_at) == (one.id, at(TODAY + timedelta(days=2)))
        inst = granted(one, BenefitKind.NURSING_INST, basis, TODAY)
        await district.has(inst)
        await district.run()
        assert (await district.again(duty)).state is DutyState.DONE

    async def test_day_care_changes_nothing(self, district: District) -> None:
        one, home = elder(), facility()
        help_ = ordered(one)
        stay = Stay.admit(
            uuid4(),
            at(TODAY, 9),
            person_id=one.id,
            facility_id=home.id,
            admission_no="D1",
            kind=StayKind.DAY_CARE,
            payer=Payer.SELF,
            division_code=VILLAGE,
            effective_on=TODAY,
        )
        await district.has(one, home, help_, stay)
        await district.run()
        assert (await district.again(help_)).state is not OrderState.CANCELLED

    async def test_a_certificate_asks_the_street_to_look_at_both_subsidies(self, district: District) -> None:
        one = elder(date(1960, 1, 1))
        certificate = DisabilityCertificate.certify(
            at(TODAY, 9),
            person_id=one.id,
            category=DisabilityCategory.LIMB,
            grade=DisabilityGrade.ONE,
            from_on=TODAY,
            valid_to_on=None,
            division_code=VILLAGE,
        )
        await district.has(one, certificate)
        await district.run()
        (duty,) = await district.duties(ProcessCode.DISABILITY_CHANGED)
        assert duty.due_at == at(date(2016, 5, 25)), "ten working days"
        basis = Basis(category=DisabilityCategory.LIMB, grade=DisabilityGrade.ONE)
        await district.has(granted(one, BenefitKind.DIS_NURSING, basis, TODAY))
        await district.run()
        assert (await district.again(duty)).state is DutyState.DONE

    async def test_a_source_s_old_certificate_asks_nobody(self, district: District) -> None:
        one = elder(date(1960, 1, 1))
        old = DisabilityCertificate.certify(
            on("2012-01-05"),
            person_id=one.id,
            category=DisabilityCategory.LIMB,
            grade=DisabilityGrade.ONE,
            from_on=date(2012, 1, 5),
            valid_to_on=None,
            division_code=VILLAGE,
        )
        await district.has(one, old, source="disability")
        assert await district.run() == 0

    async def test_turning_ninety_raises_the_allowance_in_time_without_asking(self, district: District) -> None:
        one = elder(date(1926, 7, 15))
        benefit = granted(one)
        await district.has(one, benefit)
        await district.run()
        assert await district.pass_to(date(2016, 6, 1)) == 1
        await district.run()
        raised = await district.again(benefit)
        assert (raised.amount_for("2016-06"), raised.amount_for("2016-07")) == (3_000, 10_000)
        assert await district.duties(ProcessCode.AGE_REACHED) == []
        assert await district.pass_to(date(2016, 7, 1)) == 0

    async def test_who_turns_eighty_without_an_allowance_is_prompted_that_month(self) -> None:
        asked: list[WithoutAllowance] = []
        three = [elder(date(1936, 7, day)) for day in (1, 15, 31)]

        async def read(wish: WithoutAllowance) -> tuple[tuple[UUID, str, date], ...]:
            asked.append(wish)
            return tuple((one.id, VILLAGE, one.birth_on) for one in three if one.birth_on in wish.born_on)  # type: ignore[misc]

        district = District(day=TODAY, readers={WithoutAllowance: read})
        opened = [
            Division.open(
                uuid4(), at(TODAY), code=code, name="区", parent_code=code[:-2], kind="district", from_on=TODAY
            )
            for code in ("440704", "440704004")
        ]
        await district.has(*opened, *three, source="divisions")
        await district.run()
        assert await district.pass_to(date(2016, 5, 31)) == 0, "May had begun before"
        assert await district.pass_to(date(2016, 6, 1)) == 1, "one roll: that of the district"
        await district.run()
        assert await district.duties(ProcessCode.AGE_REACHED) == [], "nobody reaches an age in June"
        assert await district.pass_to(date(2016, 9, 3)) == 1
        assert await district.run() == 1
        duties = await district.duties(ProcessCode.AGE_REACHED)
        assert [duty.person_id for duty in duties] == [one.id for one in three], (
            "July, August and September were called"
        )
        assert {(duty.role, duty.division_code) for duty in duties} == {(RoleCode.COMMUNITY_WORKER, VILLAGE)}
        assert date(1916, 7, 31) in asked[1].born_on
        assert date(1926, 7, 1) in asked[1].born_on
        assert [wish.division_code for wish in asked] == ["440704"] * 4
        assert await district.run() == 0

        await district.has(granted(three[0], applied=date(2016, 7, 2)), source="eldercare")
        await district.has(dies(three[1], date(2016, 5, 9)))
        await district.run()
        states = [duty.state for duty in await district.duties(ProcessCode.AGE_REACHED)]
        assert states[:2] == [DutyState.DONE, DutyState.VOID]
        assert states[2] in (DutyState.OPEN, DutyState.ESCALATED)

    @pytest.mark.parametrize(("level", "rises"), [(CareLevel.MODERATE, True), (CareLevel.COMPLETE, False)])
    async def test_a_graver_grade_is_paid_from_next_month_a_milder_one_is_for_people(
        self, district: District, level: CareLevel, rises: bool
    ) -> None:
        one = elder(date(1935, 1, 1))
        nursing = granted(one, NURSING, Basis(guarantee=Guarantee.MARGIN, level=level))
        await district.has(one, nursing, source="eldercare")
        await district.run()
        await district.has(effective(one, SEVERE))
        await district.run()
        now = await district.again(nursing)
        before, after = now.amount_for("2016-05") or 0, now.amount_for("2016-06") or 0
        assert (after > before) is rises
        assert (await district.duties(ProcessCode.GRADE_CHANGED) == []) is rises
