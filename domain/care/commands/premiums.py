"""Decisions about premiums and elders' cards: a whole division is enrolled for a year with one of them."""

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS, DISTRICT, OFFICIALS
from domain.care.benefits.amounts import Known, Refusal
from domain.care.benefits.basis import Basis
from domain.care.benefits.premiums import premium
from domain.care.elder_card import ElderCard
from domain.care.premium import Candidate, Candidates, Premium, PremiumCandidates
from domain.clock import completed_years
from domain.codes import (
    DisabilityCategory,
    DisabilityGrade,
    ElderCardKind,
    FundSource,
    Guarantee,
    PopulationKind,
    PremiumKind,
)
from domain.errors import BadInput, RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany
from domain.registry.person import Person, PersonState

MOST = 2_000
"""Persons enrolled by one decision: what one append holds without keeping others waiting."""


@dataclass(frozen=True, kw_only=True)
class EnrolPremiums(Command):
    """批量投保：将辖区内当年应由政府代缴保费的人员全部列入，每次至多 2000 人；人多时再次办理即可，不会重复。"""

    ROLES: ClassVar = DISTRICT
    kind: Annotated[PremiumKind, Doc("保险种类")]
    year: Annotated[int, Doc("保险年度")]
    fund_source: Annotated[FundSource, Doc("资金来源")]
    division_code: Annotated[str, Doc("区划代码；不填为本人辖区")] = ""

    def decide(self, by: Decision) -> Decided:
        if not by.today.year - 1 <= self.year <= by.today.year + 1:
            raise BadInput("保险年度应为上年、当年或次年。", "year")
        division = self.division_code or by.actor.division_code
        found: Candidates = yield PremiumCandidates(kind=self.kind, year=self.year, division_code=division)
        enrolled = []
        for each in found.persons:
            computed = premium(self.kind, _known(each), by.parameters, self.year)
            if isinstance(computed, Refusal):
                continue
            enrolled.append(
                Premium.enrol(
                    by.now,
                    person_id=each.person_id,
                    kind=self.kind,
                    year=self.year,
                    computed=computed,
                    fund_source=self.fund_source,
                    division_code=each.division_code,
                    by=by.actor.name,
                )
            )
            if len(enrolled) == MOST:
                break
        if not enrolled:
            raise RuleViolated(f"{self.year} 年没有尚未列入的{self.kind.label}应保人员。")
        return tuple(enrolled)


@dataclass(frozen=True, kw_only=True)
class CancelPremium(Command):
    """撤销政府代缴保费：错保、死亡退保等。"""

    ROLES: ClassVar = DISTRICT
    premium_id: Annotated[UUID, Doc("代缴标识")]
    reason: Annotated[str, Doc("原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        found: Premium = yield Load(Premium, self.premium_id)
        found.cancel(by.now, reason=self.reason, by=by.actor.name)
        return (found,)


@dataclass(frozen=True, kw_only=True)
class IssueElderCard(Command):
    """发放或补发老年人优待证、长者卡。"""

    ROLES: ClassVar = CASEWORKERS
    person_id: Annotated[UUID, Doc("人员标识")]
    kind: Annotated[ElderCardKind, Doc("证件种类")]
    card_no: Annotated[str, Doc("证件编号，加密保存")]

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        if person.state in (PersonState.DECEASED, PersonState.MOVED_OUT, PersonState.MERGED):
            raise RuleViolated(f"此人现为“{person.state.label}”，不能发放老年人证件。")
        least = by.parameters.value("benefits.elder_card.age", person.division_code, by.today)
        if person.birth_on is None or completed_years(person.birth_on, by.today) < least:
            raise RuleViolated(f"未满 {least} 周岁或出生日期不详，不能发放老年人证件。")
        if person.kind is not PopulationKind.REGISTERED and self.kind is ElderCardKind.ELDER:
            raise RuleViolated(f"{self.kind.label}只发给本地户籍老年人。")
        id = ElderCard.id_for(person.id, self.kind)
        known: ElderCard | None = (yield LoadMany(ElderCard, (id,))).get(id)
        if known is not None:
            known.replace(by.now, card_no=self.card_no, by=by.actor.name)
            return (known,)
        card = ElderCard.issue(
            by.now,
            person_id=person.id,
            kind=self.kind,
            card_no=self.card_no,
            division_code=person.division_code,
            by=by.actor.name,
        )
        return (card,)


@dataclass(frozen=True, kw_only=True)
class CancelElderCard(Command):
    """注销老年人证件。"""

    ROLES: ClassVar = OFFICIALS
    card_id: Annotated[UUID, Doc("证件标识")]
    reason: Annotated[str, Doc("原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        card: ElderCard = yield Load(ElderCard, self.card_id)
        if card.cancelled:
            raise RuleViolated("此证件已注销。")
        card.cancel(by.now, reason=self.reason, by=by.actor.name)
        return (card,)


def _known(each: Candidate) -> Known:
    basis = Basis(
        guarantee=Guarantee(each.guarantee) if each.guarantee else None,
        category=DisabilityCategory(each.category) if each.category in _CATEGORIES else None,
        grade=DisabilityGrade(each.grade) if each.grade in _GRADES else None,
        valid_to=each.valid_to,
    )
    return Known(each.division_code, each.birth_on, each.registered, basis)


_CATEGORIES, _GRADES = frozenset(DisabilityCategory), frozenset(DisabilityGrade)
"""Erased data are none of these: nothing is known of them any more."""
