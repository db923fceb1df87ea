"""Complaints (投诉): about how a case was handled, or about an office; looked into by somebody else than who did it.

A complaint belongs to the office that took it. The case's street doesn't learn of it by the case: it stands on no
timeline, so that nobody has to fear complaining.
"""

from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

from domain import kernel
from domain.codes import ComplaintState
from domain.errors import RuleViolated
from domain.kernel import PersonalText
from domain.wording import written


class Complaint(kernel.Aggregate):
    """One complaint and its answer."""

    TOPIC: ClassVar[str] = "assistance.Complaint"
    SUBJECT: ClassVar[str] = "complaint"
    division_code: str = ""
    about_case: UUID | None = None
    about_division: str = ""
    state: ComplaintState = ComplaintState.FILED

    class Created(kernel.Created):
        """Somebody complains. Who (empty: nobody said) and about what is sealed under the complaint's own key."""

        TOPIC = "assistance.ComplaintFiled"
        TITLE = "投诉"
        about_case: UUID | None
        about_division: str
        complainant: PersonalText | None
        text: PersonalText
        taken_by: str
        accept_by: date
        division_code: str

        def gist(self) -> str:
            return f"{'实名' if self.complainant else '匿名'}投诉 {self.about_division}"

    class Accepted(kernel.Event):
        """It is looked into and answered by `answer_by`."""

        TOPIC = "assistance.ComplaintAccepted"
        TITLE = "受理投诉"
        by: str
        answer_by: date

        def apply(self, aggregate: "Complaint") -> None:
            aggregate.state = ComplaintState.ACCEPTED

        def gist(self) -> str:
            return f"答复期限 {self.answer_by}"

    class Answered(kernel.Event):
        """Upheld or not; the text is for whoever complained."""

        TOPIC = "assistance.ComplaintAnswered"
        TITLE = "答复投诉"
        upheld: bool
        answer: PersonalText
        by: str

        def apply(self, aggregate: "Complaint") -> None:
            aggregate.state = ComplaintState.ANSWERED

        def gist(self) -> str:
            return "投诉属实" if self.upheld else "投诉不属实"

    @classmethod
    def file(
        cls,
        id: UUID,
        at: datetime,
        *,
        about_case: UUID | None,
        about_division: str,
        complainant: str,
        text: str,
        taken_by: str,
        accept_by: date,
        division_code: str,
    ) -> Self:
        """Take a complaint; without a `complainant` it is anonymous."""
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            about_case=about_case,
            about_division=about_division,
            complainant=complainant.strip() or None,
            text=written(text, "请写明投诉内容。"),
            taken_by=taken_by,
            accept_by=accept_by,
            division_code=division_code,
        )

    def accept(self, at: datetime, *, by: str, answer_by: date) -> None:
        """Look into it."""
        self._demand("受理", ComplaintState.FILED)
        self.record(self.Accepted, at=at, by=by, answer_by=answer_by)

    def answer(
        self, at: datetime, *, upheld: bool, answer: str, by: str, handlers: tuple[str, ...], office: str
    ) -> None:
        """Answer it. `handlers` are the accounts that worked on the case, `office` the division of who answers.

        Nobody answers a complaint about a case they worked on, or about the office they belong to.
        """
        self._demand("答复", ComplaintState.ACCEPTED)
        if by in handlers:
            raise RuleViolated("您经办过被投诉的个案，不能答复此投诉；请由其他人员办理。")
        if self.about_case is None and len(office) > _DISTRICT and office == self.about_division:
            raise RuleViolated("被投诉的单位不能答复对自己的投诉，请由上级单位办理。")
        self.record(
            self.Answered,
            at=at,
            upheld=upheld,
            answer=written(answer, "请写明核查情况和处理结果。"),
            by=by,
        )

    def _demand(self, what: str, state: ComplaintState) -> None:
        if self.state is not state:
            raise RuleViolated(f"投诉现为“{self.state.label}”，不能{what}；须为：{state.label}。")


_DISTRICT = 6
"""Length of a district's code: above it nobody in the district could answer."""
