"""Whether a sample was drawn as it had to be: recomputed from the log alone, without any read model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from domain.assistance import Campaign, Visit
from domain.assistance.drawing import Drawn, digest_of, draw, hash_of
from domain.assistance.sampling import SAMPLED, campaign_id
from domain.errors import NotFound, RuleViolated
from domain.kernel import ActiveCases, Event
from infra.active_cases import active_cases
from infra.log import LogEvent
from infra.store import EventStore

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, in Chinese, and whether it holds."""

    text: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Verified:
    """What came of verifying one campaign's draw."""

    year: int
    checks: tuple[Check, ...]

    @property
    def unaltered(self) -> bool:
        """Whether every check holds."""
        return all(check.holds for check in self.checks)


async def verify_draw(store: EventStore, id: UUID) -> Verified:
    """Recompute a campaign's draw; raises NotFound for an unknown campaign, RuleViolated where nothing is drawn yet."""
    rows = await store.log.stream(id)
    campaign = store.replay(rows)
    if not isinstance(campaign, Campaign):
        raise NotFound(f"日志中没有抽样核查 {id}；请核对标识。")
    events = [(row, store.codec.decode(row)) for row in rows]
    opened, drawing = _only(events, Campaign.Created), _only(events, Campaign.SampleDrawn)
    if opened is None or drawing is None:
        raise RuleViolated(f"{campaign.year} 年的样本尚未抽取，无从核验。")
    (opened_at, published), (drawn_at, recorded) = opened, drawing
    lists = [event for _, event in events if isinstance(event, Campaign.HouseholdsDrawn)]
    met_before = await _met(store, campaign.earlier_id, recorded.position)
    sample = await _recomputed(store, campaign, recorded, met_before)
    listed = tuple(household for each in lists for household in each.households)
    cases = tuple(case for each in lists for case in each.cases)
    before = opened_at.position <= recorded.position < drawn_at.position
    population = (len(sample.population), digest_of(sample.population), sample.left_out)
    twice = len(met_before & set(listed)) + len(await _met(store, id) & await _met(store, _other_year(campaign)))
    checks = (
        Check(f"种子散列先于抽样公布：{published.timestamp.date()}，日志位置 {opened_at.position}", before),
        Check(f"抽样所用种子与已公布的散列相符：{published.seed_hash}", hash_of(recorded.seed) == published.seed_hash),
        Check(
            f"按日志位置 {recorded.position} 重算，在册 {population[0]} 户，其中本轮已核查 {population[2]} 户",
            population == (recorded.population_count, recorded.population_digest, recorded.left_out_count),
        ),
        Check(
            f"按种子重抽 {len(sample.households)} 户，与记录的名单逐户一致",
            (sample.households, sample.cases) == (listed, cases)
            and (recorded.household_count, recorded.list_digest) == (len(listed), digest_of(listed)),
        ),
        Check(f"本轮两年名单重复 {twice} 户", twice == 0),
    )
    return Verified(campaign.year, checks)


async def _recomputed(store: EventStore, campaign: Campaign, recorded: Campaign.SampleDrawn, met: set[UUID]) -> Drawn:
    wish = ActiveCases(tuple(SAMPLED), campaign.division_code, recorded.position)
    active = await active_cases(store, wish)
    return draw(recorded.seed, active.cases, met, recorded.share_bp)


async def _met(store: EventStore, id: UUID | None, upto: int | None = None) -> set[UUID]:
    """Households of a campaign that somebody met, by a position of the log."""
    campaign = None if id is None else (await store.load_many(Campaign, [id], upto)).get(id)
    if campaign is None:
        return set()
    visits = await store.load_many(Visit, campaign.visit_ids, upto, with_personal=False)
    return {visit.household_id for visit in visits.values() if visit.met}


def _other_year(campaign: Campaign) -> UUID:
    other = campaign.cycle_from if campaign.year != campaign.cycle_from else campaign.cycle_from + 1
    return campaign_id(campaign.division_code, other)


def _only(events: Sequence[tuple[LogEvent, Event]], kind: type[E]) -> tuple[LogEvent, E] | None:
    return next(((row, event) for row, event in events if isinstance(event, kind)), None)
