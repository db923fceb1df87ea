"""Verification by sample (抽样入户核查): a campaign a year, two of them a cycle, carried out by purchased visitors.

江海区“十三五”大民政规划: the first year covers at least half of the households in dibao and tekun, drawn at random; the
second every one that was not met in the first, new ones among them. Whoever is not reached, differs or seems above the
standard is looked at again by officials before anything is stopped. The draw itself stands in drawing.py, the visit to
one household in visit.py.
"""

from collections.abc import Collection, Mapping
from dataclasses import field
from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.assistance.drawing import SHORTEST_SEED, demand_hash, digest_of, draw, hash_of
from domain.assistance.visit import Visit, visit_id
from domain.codes import CampaignState, Scheme
from domain.errors import RuleViolated
from domain.kernel import ActiveCasesAt

SAMPLED = (Scheme.DIBAO, Scheme.TEKUN)
"""Schemes whose households are visited; temporary assistance is paid once and over."""
CHUNK = 1000
"""Most households that one event names."""
WHOLE_BP = 10_000
_CAMPAIGNS = UUID("b1f5c1a4-55f1-5b0e-8a43-0d2f6f7e2015")


def campaign_id(division_code: str, year: int) -> UUID:
    """The id of a division's campaign of a year: there is one at most."""
    return uuid5(_CAMPAIGNS, f"{division_code}:{year}")


def cycle_of(year: int) -> int:
    """The first year of the cycle a year belongs to; the plan's own was 2014 and 2015."""
    return year - year % 2


class Campaign(kernel.Aggregate):
    """One year's verification by sample in the district."""

    TOPIC: ClassVar[str] = "assistance.Campaign"
    SUBJECT: ClassVar[str] = "campaign"
    division_code: str = ""
    cycle_from: int = 0
    year: int = 0
    seed_hash: str = ""
    state: CampaignState = CampaignState.OPENED
    position: int = 0
    cases: dict[UUID, UUID] = field(default_factory=dict)
    """Household drawn → its case, in the order of the draw."""

    class Created(kernel.Created):
        """The campaign is announced, and with it the hash of the seed by which it will be drawn."""

        TOPIC = "assistance.CampaignOpened"
        TITLE = "公布抽样核查种子散列"
        cycle_from: int
        year: int
        seed_hash: str
        division_code: str

        def gist(self) -> str:
            return f"{self.year} 年，散列 {self.seed_hash}"

    class SampleDrawn(kernel.Event):
        """Drawn by the revealed seed from the households in force at `position`; their list follows in chunks."""

        TOPIC = "assistance.SampleDrawn"
        TITLE = "抽取核查样本"
        seed: str
        position: int
        share_bp: int
        population_count: int
        population_digest: str
        left_out_count: int
        household_count: int
        list_digest: str

        def apply(self, aggregate: "Campaign") -> None:
            aggregate.state = CampaignState.DRAWN
            aggregate.position = self.position

        def gist(self) -> str:
            return f"在册 {self.population_count} 户，抽取 {self.household_count} 户，种子 {self.seed}"

    class HouseholdsDrawn(kernel.Event):
        """At most a thousand of the households drawn, in the order of the draw, and a case of each."""

        TOPIC = "assistance.HouseholdsDrawn"
        TITLE = "样本名单"
        households: tuple[UUID, ...]
        cases: tuple[UUID, ...]

        def apply(self, aggregate: "Campaign") -> None:
            aggregate.cases.update(zip(self.households, self.cases, strict=True))

        def gist(self) -> str:
            return f"{len(self.households)} 户"

    class Closed(kernel.Event):
        """The year's account: how many of the households in force at the draw somebody met."""

        TOPIC = "assistance.CampaignClosed"
        TITLE = "抽样核查结束"
        population: int
        visited: int
        rechecked: int
        left: int
        coverage_bp: int

        def apply(self, aggregate: "Campaign") -> None:
            aggregate.state = CampaignState.CLOSED

        def gist(self) -> str:
            whole, rest = divmod(self.coverage_bp, 100)
            return f"核查率 {whole}.{rest:02d}%：入户 {self.visited} 户，工作人员复查 {self.rechecked} 户"

    @classmethod
    def open(cls, at: datetime, *, year: int, seed_hash: str, division_code: str) -> Self:
        """Announce the campaign of this year."""
        if year != at.year:
            raise RuleViolated(f"只能建立今年（{at.year} 年）的抽样核查。")
        return cls.create(
            cls.Created,
            id=campaign_id(division_code, year),
            at=at,
            cycle_from=cycle_of(year),
            year=year,
            seed_hash=demand_hash(seed_hash),
            division_code=division_code,
        )

    @property
    def earlier_id(self) -> UUID | None:
        """The campaign of the cycle's first year; None for that one itself."""
        return None if self.year == self.cycle_from else campaign_id(self.division_code, self.cycle_from)

    @property
    def visit_ids(self) -> tuple[UUID, ...]:
        """The visits to the households drawn, allocated or not yet."""
        return tuple(visit_id(self.id, household) for household in self.cases)

    def demand_seed(self, seed: str) -> None:
        """Raise RuleViolated where the sample can't be drawn now, or not by this seed."""
        if self.state is not CampaignState.OPENED:
            raise RuleViolated(f"{self.year} 年的样本已经抽取，不能再抽。")
        if len(seed) < SHORTEST_SEED:
            raise RuleViolated(f"种子至少 {SHORTEST_SEED} 个字符。")
        if hash_of(seed) != self.seed_hash:
            raise RuleViolated("种子与已公布的散列不符，不能抽样；请使用公布散列时的那一个种子。")

    def draw(self, at: datetime, *, seed: str, active: ActiveCasesAt, met: Collection[UUID], share_bp: int) -> None:
        """Draw the sample: in the first year a share of the households, in the second all that were not met."""
        self.demand_seed(seed)
        sample = draw(seed, active.cases, met, share_bp if self.earlier_id is None else WHOLE_BP)
        if not sample.households:
            raise RuleViolated("没有可以抽取的在册家庭。")
        self.record(
            self.SampleDrawn,
            at=at,
            seed=seed,
            position=active.position,
            share_bp=share_bp if self.earlier_id is None else WHOLE_BP,
            population_count=len(sample.population),
            population_digest=digest_of(sample.population),
            left_out_count=sample.left_out,
            household_count=len(sample.households),
            list_digest=digest_of(sample.households),
        )
        for start in range(0, len(sample.households), CHUNK):
            chunk = slice(start, start + CHUNK)
            self.record(self.HouseholdsDrawn, at=at, households=sample.households[chunk], cases=sample.cases[chunk])

    def case_of(self, household: UUID) -> UUID:
        """The case of a household drawn; raises RuleViolated where it can't be visited for this campaign."""
        if self.state is not CampaignState.DRAWN:
            raise RuleViolated(f"抽样核查现为“{self.state.label}”，不能分派。")
        if household not in self.cases:
            raise RuleViolated(f"家庭 {household} 不在 {self.year} 年的样本中，不能分派。")
        return self.cases[household]

    def close(
        self,
        at: datetime,
        *,
        active: ActiveCasesAt,
        visits: Mapping[UUID, Visit],
        looked_at: Collection[UUID],
        over: Collection[UUID],
    ) -> None:
        """Give the year's account over the households in force at the draw.

        `looked_at` are households that officials called on in the year, drawn or not; `over` are households without any
        case in force now: where nobody met them before that, they are counted apart. Until the year's last day the
        account has to be complete.
        """
        if self.state is not CampaignState.DRAWN:
            raise RuleViolated(f"抽样核查现为“{self.state.label}”，不能结束。")
        of = {visit.household_id: visit for visit in visits.values()}
        population = {household for household, _ in active.cases}
        visited = {household for household, visit in of.items() if visit.confirmed}
        # Whoever was found to differ counts as looked at only once the recheck of that finding is done.
        pending = {household for household, visit in of.items() if visit.awaits_recheck}
        rechecked = {household for household, visit in of.items() if visit.rechecked} | (set(looked_at) - pending)
        covered = population & (visited | rechecked)
        left = (population & set(over)) - covered
        there = len(population) - len(left)
        if len(covered) < there and at.date() < date(self.year, 12, 31):
            raise RuleViolated(
                f"尚有 {there - len(covered)} 户未入户或未复查，年末（12月31日）前不能结束；请先分派、复查或登记入户。"
            )
        self.record(
            self.Closed,
            at=at,
            population=len(population),
            visited=len(population & visited),
            rechecked=len(covered - visited),
            left=len(left),
            coverage_bp=len(covered) * WHOLE_BP // there if there else WHOLE_BP,
        )
