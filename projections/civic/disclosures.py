"""Village disclosures in the read models: what is due, what was posted, what is missing."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass
from domain.civic import Disclosure
from domain.codes import DisclosureState, DisclosureTopic
from domain.kernel import Event
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import Doc, Figures, Limit, Masked, One, Relations, view


@view(
    "disclosure",
    area=Area.CIVIC,
    scope_from="division_code",
    order=("period", "topic", "id"),
    indexes=(("open", "due_on", "id", "scope"),),
    figures=Figures(("post_by", "posted_on", "state")),
)
@dataclass
class DisclosureRow:
    """村（居）务公开事项"""

    id: Annotated[UUID, Doc("公开事项标识")]
    division_code: Annotated[str, Doc("村、社区代码")]
    topic: Annotated[DisclosureTopic, Doc("公开事项")]
    period: Annotated[str, Doc("季度或月份；重大事项为发生日期")]
    matter: Annotated[str | None, Doc("重大事项的内容")]
    state: Annotated[DisclosureState, Doc("状态")]
    open: Annotated[bool, Doc("是否待公布或待答复")]
    due_on: Annotated[date | None, Doc("现办环节的期限：公布或答复疑问"), Limit("open")]
    post_by: Annotated[date | None, Doc("公布的期限")]
    posted_on: Annotated[date | None, Doc("公布日期")]
    place: Annotated[str | None, Doc("公布的地点或平台")]
    content_hash: Annotated[str | None, Doc("公布内容的摘要")]
    corrected: Annotated[bool, Doc("公布内容是否更正过")]
    correction: Annotated[str | None, Doc("最近一次更正的原因")]
    question: Annotated[str | None, Doc("最近一次疑问"), Masked(PersonalClass.CIRCUMSTANCES)]
    answer: Annotated[str | None, Doc("最近一次答复")]
    waived_reason: Annotated[str | None, Doc("本期无须公布的原因")]

    RELATIONS: ClassVar[Relations] = {"division": One("division", local="division_code")}
    FILTERS: ClassVar[tuple[str, ...]] = (
        *("open", "state", "topic", "period", "due_on"),
        *("post_by", "posted_on", "division_code", "corrected"),
    )


class Disclosures(Projection):
    """What happens to disclosures. A part of the projection `Civic`, never run by itself."""

    @handles(Disclosure.Created)
    def disclosure_due(self, event: Disclosure.Created, at: LogEvent, to: Changes) -> None:
        """It is to be posted."""
        to.insert(
            DisclosureRow,
            event.originator_id,
            on=event.timestamp.date(),
            division_code=event.division_code,
            topic=event.topic,
            period=event.period,
            matter=event.matter or None,
            state=DisclosureState.DUE,
            open=event.post_by is not None,
            due_on=event.post_by,
            post_by=event.post_by,
        )

    @handles(Disclosure.Posted)
    def disclosure_posted(self, event: Disclosure.Posted, at: LogEvent, to: Changes) -> None:
        """It hangs; a correction keeps the day of the first posting, which is what was due."""
        said: dict[str, Any] = {"place": event.place, "content_hash": event.content_hash}
        if event.corrects_version is None:
            said |= {"posted_on": event.effective_on, "waived_reason": None}
            said |= {"state": DisclosureState.POSTED, "open": False}
        else:
            said |= {"corrected": True, "correction": event.reason or None}
        _change(to, event, **said)

    @handles(Disclosure.Questioned)
    def disclosure_questioned(self, event: Disclosure.Questioned, at: LogEvent, to: Changes) -> None:
        """To be answered."""
        said: dict[str, Any] = {"question": event.question, "answer": None, "due_on": event.answer_by, "open": True}
        _change(to, event, state=DisclosureState.QUESTIONED, **said)

    @handles(Disclosure.Answered)
    def disclosure_answered(self, event: Disclosure.Answered, at: LogEvent, to: Changes) -> None:
        """Answered."""
        _change(to, event, state=DisclosureState.POSTED, answer=event.answer, open=False)

    @handles(Disclosure.Waived)
    def disclosure_waived(self, event: Disclosure.Waived, at: LogEvent, to: Changes) -> None:
        """Nothing to post."""
        _change(to, event, state=DisclosureState.WAIVED, waived_reason=event.reason, open=False)


def _change(to: Changes, event: Event, **columns: Any) -> None:
    to.patch(DisclosureRow, event.originator_id, on=event.timestamp.date(), decided=True, **columns)
