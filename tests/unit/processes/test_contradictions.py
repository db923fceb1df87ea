"""F1 to F6: what only the platform as a whole can find, of any age, once, and with what it saw."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.assistance import Campaign, Case, Visit
from domain.assistance.visit import Contact
from domain.care import Benefit, BenefitPayment, ServiceOrder, Stay
from domain.care.benefits.basis import NOTHING
from domain.care.contradictions import days_in, services_while_away
from domain.clock import at, first_day
from domain.codes import (
    BenefitKind,
    DischargeReason,
    FindingRule,
    FindingState,
    HomeService,
    MedType,
    Opinion,
    Payer,
    PaymentKind,
    Relation,
    SampleFinding,
    Scheme,
    StayKind,
    StayState,
    VisitFinding,
    Ward,
)
from domain.findings import Finding
from domain.kernel import ActiveCasesAt
from domain.registry.operators import ResidentsOf
from tests.unit.domain.care_samples import facility
from tests.unit.domain.medical_samples import admitted, discharged, hospital, settled
from tests.unit.domain.samples import PARAMETERS, VILLAGE, on, paying, payment, person, verified
from tests.unit.domain.test_sampling import SEED, opened
from tests.unit.processes.district import TODAY, District


@pytest.fixture
def district() -> District:
    return District()


def served(who: UUID, day: date, amount_fen: int = 6_000) -> ServiceOrder:
    """A service at home that was given and billed."""
    made = ServiceOrder.draft(
        uuid4(),
        at(day),
        person_id=who,
        facility_id=uuid4(),
        service=HomeService.OTHER,
        payer=Payer.GOVERNMENT,
        unit_count=2,
        unit_minutes=60,
        price_fen=3_000,
        planned_on=day,
        division_code=VILLAGE,
        order_no=f"{day}",
    )
    made.report_given(at(day, 18), minutes=120, served_on=day, amount_fen=amount_fen)
    return made


def stay(who: UUID, first: date, home: UUID | None = None) -> Stay:
    """Lives in a home for the elderly since that day."""
    return Stay.admit(
        uuid4(),
        at(first),
        person_id=who,
        facility_id=home or uuid4(),
        admission_no="A1",
        kind=StayKind.RESIDENT,
        payer=Payer.SELF,
        division_code=VILLAGE,
        effective_on=first,
    )


def benefit(who: UUID, kind: BenefitKind, start: str, fen: int = 15_000, **fields: Any) -> Benefit:
    """A benefit that a source pays from that month on."""
    day = first_day(start)
    said = {"basis": NOTHING, "applied_on": day, "division_code": VILLAGE, **fields}
    made = Benefit.apply_for(Benefit.id_for(who, kind), at(day), person_id=who, kind=kind, **said)
    made.report_paid(at(day), monthly_fen=fen, start_month=start)
    return made


class TestServicesAway:
    @pytest.mark.parametrize("orders_first", [True, False])
    async def test_in_hospital_whichever_feed_comes_first(self, district: District, orders_first: bool) -> None:
        one = person()
        treated = discharged(hospital(), one.id)  # 1 to 9 December
        orders = [served(one.id, date(2015, 12, day)) for day in (1, 5, 9)]
        feeds = [orders, [treated]] if orders_first else [[treated], orders]
        await district.has(one)
        for feed in feeds:
            await district.has(*feed, source="feed")
            await district.run()
        (found,) = await district.findings()
        assert (found.rule, found.subject) == (FindingRule.SERVICE_WHILE_AWAY, f"order:{orders[1].id}")
        (raised,) = await district.events(Finding.Created)
        assert raised.amount_fen == 6_000  # type: ignore[attr-defined]
        assert raised.evidence == (  # type: ignore[attr-defined]
            f"medical_visit:{treated.id}@{treated.version}",
            f"order:{orders[1].id}@{orders[1].version}",
        ), "on the days of coming and going a service at home is possible"
        assert (await (await district.anew()).run(), len(await district.findings())) == (0, 1)

    async def test_a_stay_reported_after_the_services_and_years_ago(self, district: District) -> None:
        one = person()
        order = served(one.id, date(2013, 5, 5))
        await district.has(one, order, source="eldercare")
        assert await district.run() == 0
        await district.has(stay(one.id, date(2013, 5, 1)), source="eldercare")
        await district.run()
        assert [each.subject for each in await district.findings()] == [f"order:{order.id}"]

    async def test_what_the_feed_itself_found_is_not_found_again_even_after_it_was_closed(
        self, district: District
    ) -> None:
        one = person()
        order, home = served(one.id, date(2015, 12, 5)), stay(one.id, date(2015, 12, 1))
        (draft,) = services_while_away([order], days_in(home))
        known = Finding.raise_for(Finding.id_for(draft.key), at(TODAY), **draft.fields())
        known.dismiss(at(TODAY, 10), reason="请假在家", by="street")
        await district.has(one, order, home, known, source="eldercare")
        assert await district.run() == 0
        assert [each.state for each in await district.findings()] == [FindingState.DISMISSED]

    async def test_an_open_end_an_outpatient_and_a_bed_at_home_say_nothing(self, district: District) -> None:
        one, clinic = person(), hospital()
        at_home = admitted(clinic, one.id, "J2", ward=Ward.HOME_BED)
        out = admitted(clinic, one.id, "J3", med_type=MedType.OUTPATIENT)
        for visit in (at_home, out):
            visit.report_discharged(at(TODAY), discharged_on=date(2015, 12, 9), diagnosis=None, by="")
        await district.has(one, admitted(clinic, one.id), at_home, out, served(one.id, date(2015, 12, 5)))
        assert await district.run() == 0


class TestRelatives:
    def confirmed(self, *, official: bool) -> Case:
        """A staff relative's case, which became one after the street had given its opinion."""
        case = verified()
        told: dict[str, Any] = {"finding": VisitFinding.AS_STATED, "report": "属实", "by": "visiting"}
        case.record_visit(on("2015-01-12"), official=official, visited_on=date(2015, 1, 9), **told)
        case.review(on("2015-01-13"), opinion=Opinion.GRANT, note="", by="reviewing")
        span: dict[str, Any] = {"from_on": date(2015, 1, 13), "to_on": date(2015, 1, 20)}
        case.post_notice(on("2015-01-13"), notice_no="公示1号", decide_by=date(2015, 2, 3), **span)
        case.disclose_relative(on("2015-01-14"), staff="拟某甲，街道", relation=Relation.OTHER)
        case.confirm(on("2015-01-21"), parameters=PARAMETERS)
        return case

    async def test_confirmed_without_officials_having_called(self, district: District) -> None:
        bare = self.confirmed(official=False)
        await district.has(bare, self.confirmed(official=True), paying(), source="assistance")
        assert await district.run() == 1
        (found,) = await district.events(Finding.Created)
        assert (found.rule, found.subject, found.amount_fen, found.owner) == (  # type: ignore[attr-defined]
            FindingRule.RELATIVE_UNVISITED,
            f"case:{bare.id}",
            75_000,
            "district_clerk",
        ), "the street does not look into its own"
        assert found.evidence == (f"case:{bare.id}@{bare.version}",)  # type: ignore[attr-defined]


class TestSamples:
    def visit(self, campaign: Campaign, household: UUID, year: int, finding: SampleFinding) -> Visit:
        day = date(year, 4, 1)
        made = Visit.allocate(
            at(day),
            campaign_id=campaign.id,
            household_id=household,
            case_id=uuid4(),
            division_code=VILLAGE,
            visitor="社工甲",
            due_on=date(year, 6, 1),
            contact=Contact(uuid4(), "拟某甲", None, None, 1),
        )
        told: dict[str, Any] = {"report": "在家", "by": "社工甲", "visited_on": day, "recheck_by": day}
        made.submit(at(day, 15), finding=finding, **told)
        return made

    async def test_met_in_both_years(self, district: District) -> None:
        first, second, home, other = opened(2016), opened(2017), uuid4(), uuid4()
        met, again = SampleFinding.AS_STATED, SampleFinding.ABOVE_STANDARD
        both = (self.visit(first, home, 2016, met), self.visit(second, home, 2017, again))
        await district.has(first, second, self.visit(first, other, 2016, SampleFinding.NOT_REACHED), *both)
        await district.has(self.visit(second, other, 2017, met))
        await district.run()
        (found,) = await district.events(Finding.Created)
        assert (found.rule, found.subject) == (FindingRule.SAMPLED_TWICE, f"household:{home}")  # type: ignore[attr-defined]
        assert set(found.evidence) == {f"visit:{one.id}@{one.version}" for one in both}  # type: ignore[attr-defined]

    async def test_drawn_again_though_met(self, district: District) -> None:
        first, second, home = opened(2016), opened(2017), uuid4()
        seen = self.visit(first, home, 2016, SampleFinding.AS_STATED)
        active = ActiveCasesAt(1, ((home, uuid4()), (uuid4(), uuid4())))
        second.draw(on("2017-03-02"), seed=SEED, active=active, met=(), share_bp=10_000)
        await district.has(first, second, seen)
        await district.run()
        (found,) = await district.events(Finding.Created)
        assert found.evidence == (f"visit:{seen.id}@{seen.version}", f"campaign:{second.id}@{second.version}")  # type: ignore[attr-defined]
        assert "2016 至 2017" in found.detail  # type: ignore[attr-defined]


async def test_more_people_in_a_house_than_beds_are_found_once_a_month() -> None:
    home = facility(bed_capacity=2)
    stays = [stay(uuid4(), date(2015, 12, day), home.id) for day in (1, 2, 3)]

    async def living(wish: ResidentsOf) -> int:
        return sum(each.resident for each in stays)

    district = District(readers={ResidentsOf: living})
    stays[0].report_state(at(TODAY), state=StayState.AWAY, effective_on=TODAY)
    await district.has(home, *stays, source="eldercare")
    assert await district.run() == 1, "who is on leave comes back to the bed"
    (found,) = await district.events(Finding.Created)
    assert (found.rule, found.detail) == (  # type: ignore[attr-defined]
        FindingRule.BEDS_OVERBOOKED,
        "核定床位 2 张，登记在住（含外出）3 人。",
    )
    assert found.evidence == (f"facility:{home.id}@{home.version}", f"stay:{stays[2].id}@1")  # type: ignore[attr-defined]
    stays[1].discharge(at(TODAY), reason=DischargeReason.OTHER, effective_on=TODAY)
    stays.append(stay(uuid4(), TODAY, home.id))
    await district.has(stays[1], stays[3])
    assert await district.run() == 0
    district.day = date(2016, 1, 4)
    home.report_details(at(district.day), bed_capacity=1, effective_on=district.day)
    await district.has(home)
    assert await district.run() == 1


class TestBenefitsTogether:
    async def test_tekun_of_one_feed_and_a_subsidy_of_another(self, district: District) -> None:
        one = person()
        tekun = paying(Scheme.TEKUN, members=(one.id,), income_fen=0)
        living = benefit(one.id, BenefitKind.DIS_LIVING, "2015-03")
        old = benefit(one.id, BenefitKind.OLD_AGE_ALLOWANCE, "2015-03", 3_000)
        await district.has(one, tekun, old, source="assistance")
        await district.has(living, source="disability")
        district.day = date(2015, 12, 10)
        await district.run()
        assert await district.findings() == [], "the order that excludes them is in force from 2016 on"
        living.report_paid(at(date(2016, 2, 1)), monthly_fen=16_000, start_month="2016-02")
        nursing = benefit(one.id, BenefitKind.DIS_NURSING, "2016-02", 20_000)
        district.day = date(2016, 2, 10)
        await district.has(living, nursing, source="disability")
        await district.run()
        found = {event.month: event for event in await district.events(Finding.Created)}  # type: ignore[attr-defined]
        assert {month: event.amount_fen for month, event in found.items()} == {"2016-01": 15_000, "2016-02": 20_000}  # type: ignore[attr-defined]
        assert {event.rule for event in found.values()} == {FindingRule.EXCLUSIVE_BENEFITS}  # type: ignore[attr-defined]
        assert set(found["2016-02"].evidence) == {  # type: ignore[attr-defined]
            f"benefit:{nursing.id}@{nursing.version}",
            f"case:{tekun.id}@{tekun.version}",
        }
        assert await (await district.anew()).run() == 0

    async def test_a_case_that_comes_last_and_two_benefits_that_meet(self, district: District) -> None:
        one, two = person(), person(citizen_id=None)
        subsidy = benefit(one.id, BenefitKind.DIS_LIVING, "2016-01")
        at_home = benefit(two.id, BenefitKind.NURSING_HOME, "2015-06", 20_000)
        inside = benefit(two.id, BenefitKind.NURSING_INST, "2015-09", 30_000)
        district.day = date(2016, 3, 10)
        await district.has(one, two, subsidy, at_home, source="disability")
        await district.run()
        assert await district.findings() == []
        dibao = paying(members=(two.id, uuid4()), income_fen=0)
        await district.has(paying(Scheme.TEKUN, members=(one.id,), income_fen=0), dibao, inside, source="assistance")
        await district.run()
        found = {event.person_id: event for event in await district.events(Finding.Created)}  # type: ignore[attr-defined]
        assert set(found) == {one.id, two.id}
        assert (found[two.id].month, found[two.id].amount_fen) == ("2015-09", 20_000)  # type: ignore[attr-defined]
        assert {f"benefit:{each.id}@{each.version}" for each in (at_home, inside)} == set(found[two.id].evidence)  # type: ignore[attr-defined]


class TestAfterDeath:
    async def test_a_death_learnt_late_finds_what_every_system_did(self, district: District) -> None:
        one = person()
        case = paying(members=(one.id,), income_fen=10_000)
        allowance = benefit(one.id, BenefitKind.OLD_AGE_ALLOWANCE, "2015-03", 3_000)
        drawn = BenefitPayment.report_issued(
            BenefitPayment.id_for(allowance.id, "2015-11"),
            at(date(2015, 11, 10)),
            benefit_id=allowance.id,
            person_id=one.id,
            benefit=allowance.kind,
            kind=PaymentKind.REGULAR,
            month="2015-11",
            amount_fen=3_000,
            division_code=VILLAGE,
            account=None,
            batch_no="B",
            fund_source="区财政",
            effective_on=date(2015, 11, 10),
        )
        visit = discharged(hospital(), one.id)
        bill = settled(visit)
        order = served(one.id, date(2015, 11, 2))
        before = [payment(case, "2015-10"), served(one.id, date(2015, 10, 20))]
        after = payment(case, "2015-11")
        await district.has(one, case, allowance, drawn, visit, bill, order, *before, after, source="feeds")
        await district.run()
        assert await district.findings() == []
        one.confirm_death(at(TODAY), died_on=date(2015, 10, 20), confirmed_by="死亡证明")
        await district.has(one)
        await district.run()
        found = {event.evidence: event for event in await district.events(Finding.Created)}  # type: ignore[attr-defined]
        assert sorted((event.rule.value, event.amount_fen) for event in found.values()) == [  # type: ignore[attr-defined]
            ("medical_after_death", bill.split.assistance_fen),
            ("paid_after_death", 3_000),
            ("paid_after_death", 75_000),
            ("service_after_death", 6_000),
        ]
        names = {name.partition("@")[0] for evidence in found for name in evidence}
        assert names >= {f"{each.SUBJECT}:{each.id}" for each in (one, after, drawn, visit, bill, order)}
        assert not names & {f"{each.SUBJECT}:{each.id}" for each in before}
        assert await (await district.anew()).run() == 0

    async def test_a_service_for_somebody_known_to_be_dead(self, district: District) -> None:
        one, reported = person(), person(citizen_id=None)
        one.report_death(at(date(2014, 3, 1)), died_on=date(2014, 3, 1), evidence="", confirmed_by="死亡证明")
        reported.report_death(at(date(2014, 3, 1)), died_on=date(2014, 3, 1), evidence="电话")
        day = date(2014, 3, 1)
        orders = [served(one.id, day), served(one.id, day + timedelta(days=1)), served(reported.id, date(2014, 4, 1))]
        await district.has(one, reported, *orders, source="eldercare")
        await district.run()
        (found,) = await district.findings()
        assert (found.rule, found.subject) == (FindingRule.SERVICE_AFTER_DEATH, f"order:{orders[1].id}")

    async def test_a_death_taken_back_before_anybody_looked_finds_nothing(self, district: District) -> None:
        one = person()
        case = paying(members=(one.id,), income_fen=10_000)
        one.report_death(at(TODAY), died_on=date(2015, 3, 1), evidence="", confirmed_by="死亡证明")
        one.reverse_death(at(TODAY, 10), reason="本人在世")
        await district.has(one, case, payment(case, "2015-05"))
        await district.run()
        assert await district.findings() == []
