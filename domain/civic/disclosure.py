"""Village disclosure (村务公开): what a village or community has to post, by when, and whether it did.

村民委员会组织法 (2010 revision) article 30 `[law*]`: at least every quarter, finance every month where much money
moves, major matters at once. A disclosure that is due exists before it is posted, so that a missing one can be seen.
"""

import re
from datetime import date, datetime, timedelta
from typing import ClassVar, NamedTuple, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.clock import first_day, next_month
from domain.codes import DisclosureState, DisclosureTopic
from domain.errors import BadInput, RuleViolated
from domain.kernel import PersonalText
from domain.wording import written

_DISCLOSURES = UUID("2e6a7d10-3c58-5b43-9f0c-7d1e8a4b6c92")
_QUARTER = re.compile(r"(?P<year>\d{4})-Q(?P<quarter>[1-4])")
_HASH = re.compile(r"[0-9a-f]{64}")
QUARTERLY = (
    DisclosureTopic.DECISIONS,
    DisclosureTopic.FAMILY_PLANNING,
    DisclosureTopic.RELIEF_FUNDS,
    DisclosureTopic.GOVERNMENT_TASKS,
    DisclosureTopic.OTHER,
)
"""What is posted every quarter; finance has a rhythm of its own."""


class Span(NamedTuple):
    """A quarter (`2015-Q4`) or month (`2015-12`) that is disclosed."""

    text: str
    months: int
    last: date

    @classmethod
    def parse(cls, text: str) -> "Span":
        """The period; raises BadInput where it is neither."""
        plain = text.strip().upper()
        found = _QUARTER.fullmatch(plain)
        begin = f"{found['year']}-{int(found['quarter']) * 3 - 2:02d}" if found else plain
        months = 3 if found else 1
        try:
            end = first_day(next_month(begin, months)) - timedelta(days=1)
        except BadInput:
            raise BadInput(f"期间“{text[:20]}”应为季度或月份，例如 2015-Q4 或 2015-12。", "period") from None
        return cls(plain, months, end)


class Disclosure(kernel.Aggregate):
    """One topic of one village for one period, or one major matter."""

    TOPIC: ClassVar[str] = "civic.Disclosure"
    SUBJECT: ClassVar[str] = "disclosure"
    division_code: str = ""
    topic: DisclosureTopic = DisclosureTopic.OTHER
    period: str = ""
    state: DisclosureState = DisclosureState.DUE
    content_hash: str = ""
    posted_version: int | None = None

    class Created(kernel.Created):
        """It is to be posted by `post_by`; a source that reports what was posted gives no day."""

        TOPIC = "civic.DisclosureDue"
        TITLE = "应公布村（居）务"
        topic: DisclosureTopic
        period: str
        matter: str
        post_by: date | None
        division_code: str
        by: str

        def gist(self) -> str:
            return f"{self.topic.label} {self.matter or self.period}"

    class Posted(kernel.Event):
        """Posted, where, and the hash of what was; with `corrects_version` it takes the place of an earlier posting."""

        TOPIC = "civic.DisclosurePosted"
        TITLE = "公布村（居）务"
        topic: DisclosureTopic
        period: str
        place: str
        content_hash: str
        corrects_version: int | None
        reason: str
        by: str
        effective_on: date

        def apply(self, aggregate: "Disclosure") -> None:
            if aggregate.state is not DisclosureState.QUESTIONED:
                aggregate.state = DisclosureState.POSTED
            aggregate.content_hash = self.content_hash
            aggregate.posted_version = self.originator_version

        def gist(self) -> str:
            corrected = f"，更正：{self.reason}" if self.corrects_version is not None else ""
            return f"{self.topic.label} {self.period}{corrected}"

    class Questioned(kernel.Event):
        """A villager asks about it; who and what is sealed under the disclosure's own key. Answered by `answer_by`."""

        TOPIC = "civic.DisclosureQuestioned"
        TITLE = "对公开事项提出疑问"
        question: PersonalText
        by: str
        answer_by: date

        def apply(self, aggregate: "Disclosure") -> None:
            aggregate.state = DisclosureState.QUESTIONED

    class Answered(kernel.Event):
        """The committee's answer, for everybody."""

        TOPIC = "civic.DisclosureAnswered"
        TITLE = "答复公开事项疑问"
        answer: str
        by: str

        def apply(self, aggregate: "Disclosure") -> None:
            aggregate.state = DisclosureState.POSTED

        def gist(self) -> str:
            return self.answer

    class Waived(kernel.Event):
        """There is nothing of this kind to post for the period."""

        TOPIC = "civic.DisclosureWaived"
        TITLE = "本期无须公布"
        reason: str
        by: str

        def apply(self, aggregate: "Disclosure") -> None:
            aggregate.state = DisclosureState.WAIVED

        def gist(self) -> str:
            return self.reason

    @staticmethod
    def id_for(division_code: str, topic: DisclosureTopic, period: str) -> UUID:
        """The id of a topic of a period: it is due once."""
        return uuid5(_DISCLOSURES, f"{division_code} {topic.value} {period}")

    @classmethod
    def open(
        cls,
        id: UUID,
        at: datetime,
        *,
        topic: DisclosureTopic,
        period: str,
        division_code: str,
        post_by: date | None,
        by: str,
        matter: str = "",
    ) -> Self:
        """Something is to be posted."""
        fields = {"topic": topic, "period": period, "matter": matter.strip(), "post_by": post_by}
        return cls.create(cls.Created, id=id, at=at, division_code=division_code, by=by, **fields)

    def post(self, at: datetime, *, place: str, content_hash: str, posted_on: date, by: str) -> None:
        """It was posted on that day; late postings are taken too."""
        self._demand("公布", DisclosureState.DUE, DisclosureState.WAIVED)
        self._posted(at, place, content_hash, posted_on, by, None, "")

    def correct(self, at: datetime, *, place: str, content_hash: str, posted_on: date, reason: str, by: str) -> None:
        """Post it anew because what was posted was wrong; the event names the posting that it corrects."""
        self._demand("更正", DisclosureState.POSTED, DisclosureState.QUESTIONED)
        if content_hash.strip().lower() == self.content_hash:
            raise RuleViolated("更正后的内容与原公布内容相同，无须更正。")
        text = written(reason, "更正须写明原因。")
        self._posted(at, place, content_hash, posted_on, by, self.posted_version, text)

    def question(self, at: datetime, *, question: str, by: str, answer_by: date) -> None:
        """A villager asks."""
        self._demand("提出疑问", DisclosureState.POSTED)
        text = written(question, "请写明疑问。")
        self.record(self.Questioned, at=at, question=text, by=by, answer_by=answer_by)

    def answer(self, at: datetime, *, answer: str, by: str) -> None:
        """Answer the question."""
        self._demand("答复", DisclosureState.QUESTIONED)
        self.record(self.Answered, at=at, answer=written(answer, "请写明答复，不写个人信息。"), by=by)

    def waive(self, at: datetime, *, reason: str, by: str) -> None:
        """Nothing to post; finance and major matters are never waived."""
        self._demand("登记无须公布", DisclosureState.DUE)
        if self.topic in (DisclosureTopic.FINANCE, DisclosureTopic.MAJOR):
            raise RuleViolated(f"{self.topic.label}必须公布，没有发生额的也应公布为零。")
        self.record(self.Waived, at=at, reason=written(reason, "请写明本期无须公布的原因。"), by=by)

    def report_posted(self, at: datetime, *, place: str, content_hash: str, posted_on: date) -> None:
        """A source says it was posted; another hash than before corrects that, the same one is nothing new."""
        if content_hash != self.content_hash or self.posted_version is None:
            fields = {"place": place, "content_hash": content_hash, "corrects_version": self.posted_version}
            self._record_posted(at, posted_on, "", "", **fields)

    def _posted(
        self,
        at: datetime,
        place: str,
        content_hash: str,
        posted_on: date,
        by: str,
        corrects: int | None,
        reason: str,
    ) -> None:
        if posted_on > at.date():
            raise RuleViolated("公布日期不能晚于今天。")
        digest = content_hash.strip().lower()
        if not _HASH.fullmatch(digest):
            raise RuleViolated("公布内容的摘要应为 64 位十六进制（SM3 或 SHA-256），请由公开平台或附件工具生成。")
        where = written(place, "请填写公布的地点或平台。")
        self._record_posted(at, posted_on, by, reason, place=where, content_hash=digest, corrects_version=corrects)

    def _record_posted(self, at: datetime, posted_on: date, by: str, reason: str, **fields: object) -> None:
        self.record(
            self.Posted,
            at=at,
            topic=self.topic,
            period=self.period,
            reason=reason,
            by=by,
            effective_on=posted_on,
            **fields,
        )

    def _demand(self, what: str, *states: DisclosureState) -> None:
        if self.state not in states:
            allowed = "、".join(state.label for state in states)
            raise RuleViolated(f"此公开事项现为“{self.state.label}”，不能{what}；须为：{allowed}。")
