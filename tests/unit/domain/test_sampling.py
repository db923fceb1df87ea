"""Verification by sample: the draw, the visits, the officials' recheck, and the year's account."""

from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from domain.access import Actor, RoleCode
from domain.assistance import Campaign, Case, Visit
from domain.assistance.commands import (
    AllocateVisits,
    CloseCampaign,
    CloseCase,
    DrawSample,
    OpenCampaign,
    RecheckHousehold,
    SubmitVisitResult,
    SuspendCase,
    TransferCase,
)
from domain.assistance.drawing import digest_of, draw, hash_of, rank
from domain.assistance.sampling import CHUNK, campaign_id, cycle_of
from domain.assistance.visit import visit_id
from domain.codes import CampaignState, CloseReason, SampleFinding, Scheme
from domain.errors import BadInput, NotFound, RuleViolated
from domain.kernel import ActiveCasesAt, Aggregate
from domain.rights import Account
from tests.unit.domain import samples
from tests.unit.domain.samples import on
from tests.unit.domain.specification import CLERK, Given, assert_replays, given

SEED = "一次抽样的种子，至少三十二个字符才不会被人逐一试出来，所以要写得长一些"
VISITOR = Actor("社工甲", RoleCode.VISITOR, "440704004")
OTHER = Actor("社工乙", RoleCode.VISITOR, "440704004")
OFFICER = Actor("街道乙", RoleCode.STREET_OFFICER, "440704004")
FIRST, SECOND = 2016, 2017
NOW = on("2016-03-07")
IDS = st.lists(st.uuids(), max_size=60, unique=True)


def opened(year: int = FIRST) -> Campaign:
    """A campaign whose seed's hash is published."""
    day = on(f"{year}-03-01")
    return Campaign.open(day, year=year, seed_hash=hash_of(SEED), division_code="440704")


def household_case(**fields: Any) -> list[Aggregate]:
    """A household in force with its person and case."""
    head, child = samples.person(citizen_id=None, phone="139", address="一巷2号"), samples.person(citizen_id=None)
    home = samples.household(head, child)
    case = samples.paying(members=(head.id, child.id), household_id=home.id, **fields)
    return [head, child, home, case]


def visitor_account(actor: Actor = VISITOR, to_on: date = date(2016, 5, 31)) -> Account:
    """An account with a visitor's right for 外海街道."""
    made = Account.open(on("2016-03-01"), account=actor.name, division_code="440704")
    made.grant(
        on("2016-03-01"),
        right_id=uuid4(),
        role=RoleCode.VISITOR,
        division_code=actor.division_code,
        department="civil_affairs",
        from_on=date(2016, 3, 1),
        to_on=to_on,
        basis="服务合同",
        visitor_until=to_on,
    )
    return made


class World:
    """A district of households, a campaign drawn over them, and two visitors."""

    def __init__(self, households: int = 4) -> None:
        self.parts = [part for _ in range(households) for part in household_case()]
        self.campaign: Campaign = opened()
        self.extra: list[Aggregate] = [visitor_account(), visitor_account(OTHER)]
        self.visits: dict[UUID, Aggregate] = {}
        drawn = self.given().when(DrawSample(campaign_id=self.campaign.id, seed=SEED), now=NOW)
        drawn.then(Campaign.SampleDrawn, Campaign.HouseholdsDrawn)
        self.campaign = drawn.aggregates[0]  # type: ignore[assignment]

    @property
    def drawn(self) -> tuple[UUID, ...]:
        return tuple(self.campaign.cases)

    @property
    def cases(self) -> list[Case]:
        return [part for part in self.parts if isinstance(part, Case)]

    def given(self) -> Given:
        return given(*self.parts, self.campaign, *self.extra, *self.visits.values())

    def when(self, command: Any, by: Actor = CLERK, now: datetime = NOW) -> Any:
        outcome = self.given().when(command, by, now)
        for changed in outcome.aggregates:
            if isinstance(changed, Visit):
                self.visits[changed.id] = changed
        return outcome

    def allocate(self, *households: UUID, by: Actor = CLERK, now: datetime = NOW, **fields: Any) -> Any:
        given = {"visitor": VISITOR.name, "due_on": date(2016, 3, 31), **fields}
        command = AllocateVisits(campaign_id=self.campaign.id, household_ids=households or self.drawn, **given)
        return self.when(command, by, now)

    def submit(self, household: UUID, finding: SampleFinding, by: Actor = VISITOR, day: str = "2016-03-10") -> Any:
        id, on_day = visit_id(self.campaign.id, household), date.fromisoformat(day)
        command = SubmitVisitResult(visit_id=id, finding=finding, report="两人在家", visited_on=on_day)
        return self.when(command, by, on(day))

    def recheck(self, household: UUID, finding: SampleFinding, by: Actor = OFFICER, day: str = "2016-03-15") -> Any:
        id, on_day = visit_id(self.campaign.id, household), date.fromisoformat(day)
        command = RecheckHousehold(visit_id=id, finding=finding, report="本人在家", visited_on=on_day)
        return self.when(command, by, on(day))


class TestTheDraw:
    @for_all(IDS, st.randoms(use_true_random=False), st.sampled_from([5000, 5001, 10_000]))
    def test_nothing_but_seed_and_households_plays_a_part(self, ids: list[UUID], random: Any, share: int) -> None:
        active = [(household, uuid4()) for household in ids]
        one = draw(SEED, active, (), share)
        random.shuffle(active)
        assert draw(SEED, active, (), share) == one
        assert len(one.households) * 10_000 >= len(ids) * share
        assert (len(one.households) - 1) * 10_000 < len(ids) * share
        assert set(one.households) <= set(one.population) == set(ids)

    @for_all(IDS, IDS, IDS)
    def test_two_years_cover_everybody_and_nobody_twice(
        self, stayed: list[UUID], new: list[UUID], gone: list[UUID]
    ) -> None:
        first = draw(SEED, [(h, h) for h in dict.fromkeys((*stayed, *gone))], (), 5000)
        met = set(first.households)
        now = dict.fromkeys((*stayed, *new))
        second = draw("another", [(h, h) for h in now], met, 10_000)
        assert not met & set(second.households)
        assert met | set(second.households) >= set(now)
        assert second.left_out == len(met & set(now))

    def test_it_is_what_a_hand_computes(self) -> None:
        ids = [UUID(int=n) for n in range(1, 6)]
        by_hand = sorted(ids, key=lambda id: sha256(f"{SEED}:{str(id).lower()}".encode()).hexdigest())
        assert draw(SEED, [(id, id) for id in ids], (), 5000).households == tuple(by_hand[:3])
        assert rank("a", UUID(int=1)) == sha256(b"a:00000000-0000-0000-0000-000000000001").hexdigest()
        assert digest_of(ids[:2]) == sha256(f"{ids[0]}\n{ids[1]}".encode()).hexdigest()

    def test_a_household_with_two_cases_is_drawn_once(self) -> None:
        household, one, two = uuid4(), UUID(int=1), UUID(int=2)
        sample = draw(SEED, [(household, two), (household, one)], (), 5000)
        assert (sample.households, sample.cases) == ((household,), (one,))

    def test_long_lists_come_in_chunks(self) -> None:
        campaign = opened()
        active = ActiveCasesAt(7, tuple((uuid4(), uuid4()) for _ in range(2 * CHUNK + 5)))
        campaign.draw(NOW, seed=SEED, active=active, met=(), share_bp=10_000)
        chunks = [e for e in campaign.pending_events if isinstance(e, Campaign.HouseholdsDrawn)]
        assert [len(chunk.households) for chunk in chunks] == [CHUNK, CHUNK, 5]
        assert len(campaign.cases) == 2 * CHUNK + 5
        assert_replays(campaign)


class TestCampaigns:
    def test_the_hash_comes_first(self) -> None:
        command = OpenCampaign(year=2016, seed_hash=hash_of(SEED).upper())
        made = given().when(command, now=NOW).then(Campaign.Created, cycle_from=2016, seed_hash=hash_of(SEED))
        assert made.id == campaign_id("440704", 2016)
        given(made).when(command, now=NOW).refused("不能重复建立")

    def test_what_can_not_be_opened(self) -> None:
        given().when(OpenCampaign(year=2017, seed_hash=hash_of(SEED)), now=NOW).refused("只能建立今年")
        given().when(OpenCampaign(year=2016, seed_hash="abc"), now=NOW).refused("64 位十六进制", BadInput)

    def test_cycles_are_fixed(self) -> None:
        assert [cycle_of(year) for year in (2014, 2015, 2016, 2017)] == [2014, 2014, 2016, 2016]

    def test_another_seed_than_the_published_one_is_refused(self) -> None:
        campaign = opened()
        world = given(campaign, *household_case())
        world.when(DrawSample(campaign_id=campaign.id, seed=SEED + "x"), now=NOW).refused("与已公布的散列不符")
        short = Campaign.open(NOW, year=FIRST, seed_hash=hash_of("short"), division_code="440704")
        given(short).when(DrawSample(campaign_id=short.id, seed="short"), now=NOW).refused("至少 32 个字符")

    def test_only_dibao_and_tekun_in_force_are_drawn_and_once(self) -> None:
        suspended, closed = samples.suspended(), samples.closed()
        campaign = opened()
        others = [samples.applied(), samples.verified(Scheme.TEMP), closed]
        world = given(campaign, suspended, samples.paying(), *others)
        drawing = DrawSample(campaign_id=campaign.id, seed=SEED)
        outcome = world.when(drawing, now=NOW)
        made = outcome.then(Campaign.SampleDrawn, Campaign.HouseholdsDrawn)
        head = outcome.events[0]
        assert (head.population_count, head.household_count, head.position, head.share_bp) == (2, 1, 100, 5000)  # type: ignore[attr-defined]
        given(made).when(drawing, now=NOW).refused("已经抽取")
        empty = opened()
        given(empty, closed).when(DrawSample(campaign_id=empty.id, seed=SEED), now=NOW).refused("没有可以抽取")


class TestVisits:
    def test_a_visit_holds_what_is_needed_to_find_the_household(self) -> None:
        world = World(1)
        outcome = world.allocate()
        outcome.then(Visit.Created, name="麦某", phone="139", address="一巷1号", member_count=2, visitor="社工甲")
        assert outcome.events[0].gist() == "社工甲，2016-03-31 前"
        assert_replays(outcome.aggregates[0])

    def test_only_to_an_account_whose_right_reaches_there_and_then(self) -> None:
        world = World(1)
        world.allocate(visitor="谁").refused("没有覆盖")
        world.allocate(due_on=date(2016, 6, 1)).refused("没有覆盖")
        world.allocate(due_on=date(2016, 3, 6)).refused("不能早于今天")
        world.extra = [visitor_account(Actor(VISITOR.name, RoleCode.VISITOR, "440704005"))]
        world.allocate().refused("没有覆盖")

    def test_only_households_of_the_sample(self) -> None:
        world = World(4)
        (left_out, *_) = {case.household_id for case in world.cases} - set(world.drawn)
        world.allocate(left_out).refused("不在 2016 年的样本中")
        world.allocate(*world.drawn, world.drawn[0]).refused("不重复", BadInput)

    def test_a_visit_can_change_hands_until_there_is_a_result(self) -> None:
        world = World(1)
        world.allocate()
        world.allocate(visitor=OTHER.name).then(Visit.Reallocated, visitor="社工乙")
        world.submit(world.drawn[0], SampleFinding.AS_STATED).refused("没有找到", NotFound)
        world.submit(world.drawn[0], SampleFinding.AS_STATED, OTHER).then(Visit.ResultSubmitted, recheck_by=None)
        world.allocate().refused("已有核查或复查结果")

    @pytest.mark.parametrize("finding", [f for f in SampleFinding if f is not SampleFinding.AS_STATED])
    def test_whatever_differs_is_for_officials_within_fifteen_working_days(self, finding: SampleFinding) -> None:
        world = World(1)
        world.allocate()
        made = world.submit(world.drawn[0], finding).then(Visit.ResultSubmitted, recheck_by=date(2016, 3, 31))
        assert made.awaits_recheck
        assert made.met is (finding is not SampleFinding.NOT_REACHED)

    def test_a_result_is_handed_in_once_in_time_and_by_the_visitor_alone(self) -> None:
        world = World(1)
        world.allocate()
        (home,) = world.drawn
        world.submit(home, SampleFinding.AS_STATED, OTHER).refused("没有找到", NotFound)
        world.submit(home, SampleFinding.AS_STATED, day="2016-04-01").refused("已于 2016-03-31 到期")
        early = SubmitVisitResult(
            visit_id=visit_id(world.campaign.id, home),
            finding=SampleFinding.AS_STATED,
            report="在",
            visited_on=date(2016, 3, 6),
        )
        world.when(early, VISITOR, on("2016-03-10")).refused("应在分派日")
        world.submit(home, SampleFinding.AS_STATED).then(Visit.ResultSubmitted)
        world.submit(home, SampleFinding.AS_STATED).refused("没有找到", NotFound)


class TestRechecks:
    def found(self, finding: SampleFinding = SampleFinding.ABOVE_STANDARD) -> tuple[World, UUID]:
        world = World(1)
        world.allocate()
        world.submit(world.drawn[0], finding)
        return world, world.drawn[0]

    def test_officials_look_and_the_case_knows(self) -> None:
        world, home = self.found()
        outcome = world.recheck(home, SampleFinding.AS_STATED)
        made = outcome.then(Visit.RecheckDone, Case.Visited, official=True)
        assert (made.awaits_recheck, made.met) == (False, True)
        world.recheck(home, SampleFinding.AS_STATED).refused("无需再登记")

    def test_never_by_the_visitor_and_never_without_meeting_them(self) -> None:
        world, home = self.found()
        assert RoleCode.VISITOR not in RecheckHousehold.ROLES
        same = Actor(VISITOR.name, RoleCode.STREET_OFFICER, "440704004")
        world.recheck(home, SampleFinding.AS_STATED, same).refused("不能由入户核查人员")
        world.recheck(home, SampleFinding.NOT_REACHED).refused("不能登记为已复查")

    def test_a_visit_that_never_came_is_rechecked_after_its_day(self) -> None:
        world = World(1)
        world.allocate()
        (home,) = world.drawn
        world.recheck(home, SampleFinding.AS_STATED).refused("到期前无需复查")
        world.recheck(home, SampleFinding.AS_STATED, day="2016-04-01").then(Visit.RecheckDone, Case.Visited)

    def test_what_is_still_to_do_goes_along_with_the_case(self) -> None:
        world, home = self.found()
        (case,) = world.cases
        there = {"to_division_code": samples.OTHER_VILLAGE, "moved_on": date(2016, 3, 12)}
        moving = TransferCase(case_id=case.id, **there)
        world.when(moving, now=on("2016-03-12")).then(Case.Transferred, Visit.Transferred)
        (visit,) = world.visits.values()
        assert visit.division_code == samples.OTHER_VILLAGE
        world, home = self.found()
        world.recheck(home, SampleFinding.AS_STATED)
        (case,) = world.cases
        world.when(TransferCase(case_id=case.id, **there)).then(Case.Transferred)

    def test_nothing_is_stopped_before_the_recheck(self) -> None:
        world, home = self.found()
        (case,) = world.cases
        suspend = SuspendCase(case_id=case.id, reason="收入超标", from_on=date(2016, 4, 1))
        close = CloseCase(case_id=case.id, reason=CloseReason.INCOME_ABOVE, end_month="2016-03")
        for stop in (suspend, close):
            world.when(stop).refused("尚未由工作人员复查")
        world.when(CloseCase(case_id=case.id, reason=CloseReason.VOLUNTARY, end_month="2016-03")).then(Case.Closed)
        world, home = self.found()
        (case,) = world.cases
        world.recheck(home, SampleFinding.ABOVE_STANDARD)
        world.when(SuspendCase(case_id=case.id, reason="收入超标", from_on=date(2016, 4, 1))).then(Case.Suspended)


class TestTheAccount:
    def test_visits_and_officials_together_are_the_whole(self) -> None:
        world = World(4)
        one, two = world.drawn
        world.allocate()
        world.submit(one, SampleFinding.AS_STATED)
        world.submit(two, SampleFinding.NOT_REACHED)
        closing = CloseCampaign(campaign_id=world.campaign.id)
        world.when(closing).refused("尚有 3 户")
        world.recheck(two, SampleFinding.AS_STATED)
        world.when(closing).refused("尚有 2 户")
        for case in world.cases:
            if case.household_id not in world.drawn:
                case.record_visit(
                    on("2016-05-05"),
                    finding=samples.VisitFinding.AS_STATED,
                    report="年检",
                    by=OFFICER.name,
                    official=True,
                    visited_on=date(2016, 5, 4),
                )
        made = world.when(closing).then(
            Campaign.Closed, population=4, visited=1, rechecked=3, left=0, coverage_bp=10_000
        )
        assert made.state is CampaignState.CLOSED

    def test_after_the_years_last_day_it_is_what_it_is(self) -> None:
        world = World(3)
        world.allocate()
        for home in world.drawn:
            world.submit(home, SampleFinding.ABOVE_STANDARD)  # not rechecked: not covered (X17)
        active = ActiveCasesAt(100, tuple((case.household_id, case.id) for case in world.cases))
        (left_out,) = {case.household_id for case in world.cases} - set(world.drawn)
        visits: Any = world.visits
        # An official's other visit before the recheck does not stand for it; who left unseen is counted apart.
        facts: Any = {"active": active, "visits": visits, "looked_at": set(world.drawn), "over": {left_out}}
        with pytest.raises(RuleViolated, match="尚有 2 户"):
            world.campaign.close(on("2016-12-30"), **facts)
        world.campaign.close(on("2016-12-31"), **facts)
        (closed,) = world.campaign.pending_events
        assert isinstance(closed, Campaign.Closed)
        assert (closed.population, closed.visited, closed.rechecked, closed.left) == (3, 0, 0, 1)
        assert (closed.coverage_bp, closed.gist()) == (0, "核查率 0.00%：入户 0 户，工作人员复查 0 户")

    def test_the_second_year_takes_everybody_who_was_not_met(self) -> None:
        world = World(4)
        one, two = world.drawn
        world.allocate()
        world.submit(one, SampleFinding.DIFFERENT)
        world.submit(two, SampleFinding.NOT_REACHED)
        newcomer = household_case()
        second = opened(SECOND)
        drawing = DrawSample(campaign_id=second.id, seed=SEED)
        world.extra += [second, *newcomer]
        world.when(drawing, now=on("2017-03-02")).refused("2016 年的抽样核查尚未结束")
        world.campaign = world.when(CloseCampaign(campaign_id=world.campaign.id), now=on("2016-12-31")).aggregates[0]
        outcome = world.when(drawing, now=on("2017-03-02"))
        made = outcome.then(Campaign.SampleDrawn, Campaign.HouseholdsDrawn)
        assert (outcome.events[0].share_bp, outcome.events[0].left_out_count) == (10_000, 1)
        everybody = {case.household_id for case in (*world.cases, newcomer[-1])}  # type: ignore[attr-defined]
        assert set(made.cases) == everybody - {one}

    def test_without_a_first_year_on_record_the_second_takes_everybody(self) -> None:
        second = opened(SECOND)
        case = samples.paying()
        world = given(second, case)
        made = world.when(DrawSample(campaign_id=second.id, seed=SEED), now=on("2017-03-02")).aggregates[0]
        assert set(made.cases) == {case.household_id}  # type: ignore[attr-defined]


def test_a_closed_campaign_gives_no_visits() -> None:
    world = World(2)
    world.campaign = world.when(CloseCampaign(campaign_id=world.campaign.id), now=on("2016-12-31")).aggregates[0]
    world.allocate().refused("抽样核查现为“已结束”")
    with pytest.raises(RuleViolated, match="现为“已结束”"):
        world.campaign.close(NOW, active=ActiveCasesAt(1, ()), visits={}, looked_at=(), over=())
