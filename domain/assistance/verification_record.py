"""What an economic-status verification is: its state, its events, and what each of them changes.

家庭经济状况核对: 社会救助暂行办法 (order 649/2014; article 58, 待核), 个人信息保护法
articles 24, 28, 34. What may be decided, and what files report, stands in verification.py.
"""

from collections.abc import Iterable
from dataclasses import field
from datetime import date
from typing import ClassVar, NamedTuple
from uuid import UUID

from domain import kernel
from domain.codes import EconConclusion, EconQueryState, EconResult, EconSource, EconState
from domain.formulas import yuan
from domain.kernel import NO_ID, PersonalText

VERIFICATIONS = "verifications:district"
"""Tag of everything that happens to any verification: whoever watches over its limits finds it by that."""


class Authorization(NamedTuple):
    """One person's written consent to be looked up: from a day to a day, both counted, unless taken back."""

    signed_on: date
    valid_to: date
    revoked_on: date | None = None

    def in_force(self, on: date) -> bool:
        """Whether it allows a query on that day."""
        return self.revoked_on is None and self.signed_on <= on <= self.valid_to


class Answer(NamedTuple):
    """What a source said of a person, or (None) of the household as a whole; fen."""

    person_id: UUID | None
    result: EconResult
    value_fen: int
    detail: str | None


class Query(NamedTuple):
    """What one source was asked, for the `round`-th time (0: it answered without being asked), and what it said."""

    round: int
    member_ids: tuple[UUID, ...]
    sent_on: date | None
    answer_by: date | None
    state: EconQueryState
    answers: tuple[Answer, ...] = ()

    def answer_of(self, person_id: UUID | None) -> Answer | None:
        """What was said of this person, if anything."""
        return next((answer for answer in self.answers if answer.person_id == person_id), None)

    def with_answer(self, answer: Answer) -> "Query":
        """The query with this answer in the place of an earlier one of the same person."""
        others = tuple(known for known in self.answers if known.person_id != answer.person_id)
        return self._replace(answers=(*others, answer))

    @property
    def complete(self) -> bool:
        """Whether the source has spoken of the household, or of everyone it was asked about."""
        spoken_of = {answer.person_id for answer in self.answers}
        return None in spoken_of or spoken_of.issuperset(self.member_ids)


UNASKED = Query(0, (), None, None, EconQueryState.ANSWERED)


class EconVerificationRecord(kernel.Timed):
    """State and events of a verification; always used as `EconVerification`."""

    SUBJECT: ClassVar[str] = "verification"
    division_code: str = ""
    sequence: int = 0
    request_no: str = ""
    case_id: UUID = NO_ID
    household_id: UUID = NO_ID
    member_ids: tuple[UUID, ...] = ()
    state: EconState = EconState.AUTHORISING
    authorizations: dict[UUID, Authorization] = field(default_factory=dict)
    queries: dict[EconSource, Query] = field(default_factory=dict)
    monthly_income_fen: int | None = None
    reported_by: str = ""
    valid_to: date | None = None

    class Created(kernel.Created):
        """A case's household is to be verified; everyone in `member_ids` has to authorise it first.

        `sequence` counts the verifications of the case from 1. `request_no` is what the sources know it by.
        """

        TOPIC = "assistance.EconVerificationOpened"
        TITLE = "启动经济状况核对"
        sequence: int
        request_no: str
        case_id: UUID
        household_id: UUID
        member_ids: tuple[UUID, ...]
        division_code: str
        by: str
        authorise_by: date | None

        def gist(self) -> str:
            return f"{self.request_no}，须 {len(self.member_ids)} 人授权"

    class AuthorizationSigned(kernel.Event):
        """A member consents, up to `valid_to`; `complete` where everyone has now, and `send_by` is the next limit."""

        TOPIC = "assistance.EconAuthorizationSigned"
        TITLE = "签署核对授权"
        case_id: UUID
        person_id: UUID
        valid_to: date
        complete: bool
        send_by: date | None
        effective_on: date

        def apply(self, aggregate: "EconVerificationRecord") -> None:
            aggregate.authorizations[self.person_id] = Authorization(self.effective_on, self.valid_to)
            if self.complete and aggregate.state is EconState.AUTHORISING:
                aggregate.state = EconState.AUTHORISED

        def gist(self) -> str:
            return f"有效期至 {self.valid_to}"

    class AuthorizationRevoked(kernel.Event):
        """A member takes the consent back: nobody is asked any more until it is given again by `authorise_by`."""

        TOPIC = "assistance.EconAuthorizationRevoked"
        TITLE = "撤回核对授权"
        case_id: UUID
        person_id: UUID
        authorise_by: date | None
        effective_on: date

        def apply(self, aggregate: "EconVerificationRecord") -> None:
            given = aggregate.authorizations[self.person_id]
            aggregate.authorizations[self.person_id] = given._replace(revoked_on=self.effective_on)
            if aggregate.state is EconState.AUTHORISED:
                aggregate.state = EconState.AUTHORISING

    class QuerySent(kernel.Event):
        """A source is asked about these members, for a purpose that is told to it; `report_by` with the first ones."""

        TOPIC = "assistance.EconQuerySent"
        TITLE = "发出核对查询"
        case_id: UUID
        source: EconSource
        round: int
        member_ids: tuple[UUID, ...]
        purpose: str
        by: str
        answer_by: date
        report_by: date | None
        effective_on: date

        def apply(self, aggregate: "EconVerificationRecord") -> None:
            earlier = aggregate.queries.get(self.source)
            kept = earlier.answers if earlier is not None and earlier.state is not EconQueryState.ANSWERED else ()
            aggregate.queries[self.source] = Query(
                self.round, self.member_ids, self.effective_on, self.answer_by, EconQueryState.WAITING, kept
            )
            if aggregate.state in (EconState.AUTHORISING, EconState.AUTHORISED):
                aggregate.state = EconState.SENT

        def gist(self) -> str:
            return f"{self.source.label}，{self.purpose}，答复期限 {self.answer_by}"

    class QueryAnswered(kernel.Event):
        """A source answers of one member, or (`person_id` None) of the household; particulars are sealed.

        `round` is 0 where it was not asked. `complete`: nothing more is to come from it; `waiting` more sources are
        still expected to answer.
        """

        TOPIC = "assistance.EconQueryAnswered"
        TITLE = "收到核对答复"
        KEY_HOLDER: ClassVar[str] = "household_id"
        case_id: UUID
        household_id: UUID
        source: EconSource
        round: int
        person_id: UUID | None
        result: EconResult
        value_fen: int
        detail: PersonalText | None
        complete: bool
        waiting: int
        effective_on: date

        def apply(self, aggregate: "EconVerificationRecord") -> None:
            said = Answer(self.person_id, self.result, self.value_fen, self.detail)
            query = aggregate.queries.get(self.source, UNASKED).with_answer(said)
            state = EconQueryState.ANSWERED if self.complete else query.state
            aggregate.queries[self.source] = query._replace(state=state)
            if aggregate.state is EconState.SENT:
                aggregate.state = EconState.PARTIAL

        def gist(self) -> str:
            return self.source.label

    class QueryTimedOut(kernel.Event):
        """A source has not answered by its limit; it can be asked again, or the report says that it did not."""

        TOPIC = "assistance.EconQueryTimedOut"
        TITLE = "核对查询逾期未答复"
        case_id: UUID
        source: EconSource
        round: int
        waiting: int
        effective_on: date

        def apply(self, aggregate: "EconVerificationRecord") -> None:
            query = aggregate.queries[self.source]
            aggregate.queries[self.source] = query._replace(state=EconQueryState.TIMED_OUT)

        def gist(self) -> str:
            return self.source.label

    class EconReported(kernel.Event):
        """What the sources' answers come to, for people to decide with; `unanswered` were asked and did not answer."""

        TOPIC = "assistance.EconReported"
        TITLE = "出具核对报告"
        KEY_HOLDER: ClassVar[str] = "household_id"
        case_id: UUID
        household_id: UUID
        conclusion: EconConclusion
        monthly_income_fen: int
        property_within_limits: bool
        unanswered: tuple[EconSource, ...]
        note: PersonalText | None
        by: str
        valid_to: date

        def apply(self, aggregate: "EconVerificationRecord") -> None:
            aggregate.state = EconState.REPORTED
            aggregate.monthly_income_fen = self.monthly_income_fen
            aggregate.reported_by = self.by
            aggregate.valid_to = self.valid_to

        def gist(self) -> str:
            return _told(self.conclusion, self.monthly_income_fen, self.unanswered)

    class IncomeAboveFound(kernel.Event):
        """The reported income is not below the standard, by `excess_fen` a month: people look into it by `recheck_by`.

        It changes nothing of the case (个人信息保护法 article 24).
        """

        TOPIC = "assistance.IncomeAboveStandardFound"
        TITLE = "核对收入不低于保障标准"
        case_id: UUID
        household_id: UUID
        excess_fen: int
        recheck_by: date

        def apply(self, aggregate: "EconVerificationRecord") -> None:
            """It changes nothing."""

        def gist(self) -> str:
            return f"每月超出 {yuan(self.excess_fen)}，由人工核实"

    class Contested(kernel.Event):
        """The household contests the report; why is sealed under its key. Someone else verifies it again."""

        TOPIC = "assistance.EconContested"
        TITLE = "对核对结果提出异议"
        KEY_HOLDER: ClassVar[str] = "household_id"
        case_id: UUID
        household_id: UUID
        reason: PersonalText
        reverify_by: date

        def apply(self, aggregate: "EconVerificationRecord") -> None:
            aggregate.state = EconState.CONTESTED

    class Reverified(kernel.Event):
        """Another hand verified again what was contested; its result takes the report's place."""

        TOPIC = "assistance.EconReverified"
        TITLE = "复核核对结果"
        KEY_HOLDER: ClassVar[str] = "household_id"
        case_id: UUID
        household_id: UUID
        upheld: bool
        conclusion: EconConclusion
        monthly_income_fen: int
        property_within_limits: bool
        unanswered: tuple[EconSource, ...]
        note: PersonalText | None
        by: str
        valid_to: date

        def apply(self, aggregate: "EconVerificationRecord") -> None:
            aggregate.state = EconState.REVERIFIED
            aggregate.monthly_income_fen = self.monthly_income_fen
            aggregate.valid_to = self.valid_to

        def gist(self) -> str:
            told = _told(self.conclusion, self.monthly_income_fen, self.unanswered)
            return f"异议{'成立' if self.upheld else '不成立'}：{told}"

    class Cancelled(kernel.Event):
        """Ended before its report, with the reason in writing."""

        TOPIC = "assistance.EconCancelled"
        TITLE = "终止经济状况核对"
        case_id: UUID
        reason: str

        def apply(self, aggregate: "EconVerificationRecord") -> None:
            aggregate.state = EconState.CANCELLED

        def gist(self) -> str:
            return self.reason

    class Expired(kernel.Event):
        """The report is older than it may be relied on."""

        TOPIC = "assistance.EconExpired"
        TITLE = "核对报告过期"
        case_id: UUID
        effective_on: date

        def apply(self, aggregate: "EconVerificationRecord") -> None:
            aggregate.state = EconState.EXPIRED

    class Followed(kernel.Event):
        """The case went to another street or community, and its verification with it."""

        TOPIC = "assistance.EconTransferred"
        TITLE = "核对随个案移交"
        case_id: UUID
        from_division_code: str
        to_division_code: str

        def apply(self, aggregate: "EconVerificationRecord") -> None:
            aggregate.division_code = self.to_division_code

        def gist(self) -> str:
            return f"{self.from_division_code} → {self.to_division_code}"

    def subjects(self) -> Iterable[str]:
        """A verification's events stand on its case's and household's timelines."""
        yield f"case:{self.case_id}"
        yield f"household:{self.household_id}"
        yield VERIFICATIONS


def _told(conclusion: EconConclusion, monthly_income_fen: int, unanswered: tuple[EconSource, ...]) -> str:
    missing = f"，未答复：{'、'.join(source.label for source in unanswered)}" if unanswered else ""
    return f"{conclusion.label}，家庭月收入 {yuan(monthly_income_fen)}{missing}"
