"""Decisions about village disclosure: opened for a period, posted, corrected, questioned, answered."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS
from domain.civic.disclosure import QUARTERLY, Disclosure, Span
from domain.codes import DisclosureTopic
from domain.errors import RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany
from domain.registry.divisions import official_divisions
from domain.workdays import days_after

DisclosureId = Annotated[UUID, Doc("公开事项标识")]
Place = Annotated[str, Doc("公布的地点或平台，例如村务公开栏")]
ContentHash = Annotated[str, Doc("公布内容的摘要，64 位十六进制（SM3 或 SHA-256）")]
PostedOn = Annotated[date | None, Doc("公布日期；不填为今天")]


@dataclass(frozen=True, kw_only=True)
class OpenDisclosures(Command):
    """列出应公布的村（居）务：为辖区内各村、社区列出某季度或某月应公布的事项和期限；已列出的不重复。"""

    ROLES: ClassVar = CASEWORKERS
    period: Annotated[str, Doc("季度或月份，例如 2015-Q4 或 2015-12；财务按月公布的村在月份中列出")]
    division_code: Annotated[str, Doc("区划代码，含全部下级；不填为本人辖区")] = ""

    def decide(self, by: Decision) -> Decided:
        span = Span.parse(self.period)
        subtree = self.division_code or by.actor.division_code
        villages = [
            each.code for each in official_divisions() if len(each.code) == 12 and each.code.startswith(subtree)
        ]
        wanted = {
            Disclosure.id_for(code, topic, span.text): (code, topic)
            for code in villages
            for topic in _topics(by, code, span)
        }
        if not wanted:
            raise RuleViolated(f"{subtree} 内没有在 {span.text} 应公布的事项；财务按季公布的村不按月列出。")
        known: dict[UUID, Disclosure] = yield LoadMany(Disclosure, tuple(wanted))
        made = tuple(
            Disclosure.open(
                id,
                by.now,
                topic=topic,
                period=span.text,
                division_code=code,
                post_by=days_after(span.last, by.parameters.value("civic.disclosure", code, by.today)),
                by=by.actor.name,
            )
            for id, (code, topic) in wanted.items()
            if id not in known
        )
        if not made:
            raise RuleViolated(f"{span.text} 应公布的事项已全部列出。")
        return made


@dataclass(frozen=True, kw_only=True)
class OpenMajorMatter(Command):
    """登记重大事项：涉及村民利益的重大事项应随时公布，限期办理。"""

    ROLES: ClassVar = CASEWORKERS
    matter: Annotated[str, Doc("事项，不写个人信息")]
    division_code: Annotated[str, Doc("村、社区代码；不填为本人辖区")] = ""

    def decide(self, by: Decision) -> Decided:
        code = self.division_code or by.actor.division_code
        if len(code) != 12 or not self.matter.strip():
            raise RuleViolated("请填写 12 位的村、社区代码和重大事项的内容。")
        disclosure = Disclosure.open(
            by.new_id,
            by.now,
            topic=DisclosureTopic.MAJOR,
            period=by.today.isoformat(),
            matter=self.matter,
            division_code=code,
            post_by=by.due("civic.disclosure_major", code),
            by=by.actor.name,
        )
        return (disclosure,)
        yield  # asks for nothing


@dataclass(frozen=True, kw_only=True)
class PostDisclosure(Command):
    """公布村（居）务：登记公布的地点、日期和内容摘要；逾期的也登记。"""

    ROLES: ClassVar = CASEWORKERS
    disclosure_id: DisclosureId
    place: Place
    content_hash: ContentHash
    posted_on: PostedOn = None

    def decide(self, by: Decision) -> Decided:
        disclosure: Disclosure = yield Load(Disclosure, self.disclosure_id)
        on, digest = self.posted_on or by.today, self.content_hash
        disclosure.post(by.now, place=self.place, content_hash=digest, posted_on=on, by=by.actor.name)
        return (disclosure,)


@dataclass(frozen=True, kw_only=True)
class CorrectDisclosure(Command):
    """更正已公布的村（居）务：写明原因，重新公布；原公布记录仍可查。"""

    ROLES: ClassVar = CASEWORKERS
    disclosure_id: DisclosureId
    place: Place
    content_hash: ContentHash
    reason: Annotated[str, Doc("更正原因，不写个人信息")]
    posted_on: PostedOn = None

    def decide(self, by: Decision) -> Decided:
        disclosure: Disclosure = yield Load(Disclosure, self.disclosure_id)
        disclosure.correct(
            by.now,
            place=self.place,
            content_hash=self.content_hash,
            posted_on=self.posted_on or by.today,
            reason=self.reason,
            by=by.actor.name,
        )
        return (disclosure,)


@dataclass(frozen=True, kw_only=True)
class QuestionDisclosure(Command):
    """登记村民对公开事项的疑问：由村（居）委会限期答复。"""

    ROLES: ClassVar = CASEWORKERS
    disclosure_id: DisclosureId
    question: Annotated[str, Doc("何人提出何种疑问，加密保存")]

    def decide(self, by: Decision) -> Decided:
        disclosure: Disclosure = yield Load(Disclosure, self.disclosure_id)
        due = by.due("civic.answer", disclosure.division_code)
        disclosure.question(by.now, question=self.question, by=by.actor.name, answer_by=due)
        return (disclosure,)


@dataclass(frozen=True, kw_only=True)
class AnswerDisclosureQuestion(Command):
    """答复对公开事项的疑问：答复公开，不写个人信息。"""

    ROLES: ClassVar = CASEWORKERS
    disclosure_id: DisclosureId
    answer: Annotated[str, Doc("答复，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        disclosure: Disclosure = yield Load(Disclosure, self.disclosure_id)
        disclosure.answer(by.now, answer=self.answer, by=by.actor.name)
        return (disclosure,)


@dataclass(frozen=True, kw_only=True)
class WaiveDisclosure(Command):
    """登记本期无须公布：没有该类事项的写明原因；财务和重大事项必须公布。"""

    ROLES: ClassVar = CASEWORKERS
    disclosure_id: DisclosureId
    reason: Annotated[str, Doc("本期无须公布的原因")]

    def decide(self, by: Decision) -> Decided:
        disclosure: Disclosure = yield Load(Disclosure, self.disclosure_id)
        disclosure.waive(by.now, reason=self.reason, by=by.actor.name)
        return (disclosure,)


def _topics(by: Decision, code: str, span: Span) -> tuple[DisclosureTopic, ...]:
    """What a village posts for a quarter or a month; finance goes with the one that is its rhythm."""
    finance = (DisclosureTopic.FINANCE,)
    own = finance if by.parameters.value("civic.finance_period", code, span.last) == span.months else ()
    return (*QUARTERLY, *own) if span.months == 3 else own
