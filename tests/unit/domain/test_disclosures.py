"""Village disclosure: what is due by when, posted, corrected, questioned; nothing missing goes unseen."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from domain.access import Actor, RoleCode
from domain.civic import Disclosure
from domain.civic.commands import (
    AnswerDisclosureQuestion,
    CorrectDisclosure,
    OpenDisclosures,
    OpenMajorMatter,
    PostDisclosure,
    QuestionDisclosure,
    WaiveDisclosure,
)
from domain.civic.disclosure import Span
from domain.codes import DisclosureState, DisclosureTopic
from domain.errors import BadInput
from domain.kernel import personal_fields
from domain.parameters import ParameterVersion, official_parameters
from domain.parameters.versions import Unit
from tests.unit.domain.samples import VILLAGE, on
from tests.unit.domain.specification import CLERK, NOW, given, history

WORKER = Actor("worker", RoleCode.COMMUNITY_WORKER, VILLAGE)
FIRST, SECOND = "ab" * 32, "cd" * 32


def due(topic: DisclosureTopic = DisclosureTopic.FINANCE) -> Disclosure:
    """The village's finance of the third quarter, due on 12 October."""
    return Disclosure.open(
        Disclosure.id_for(VILLAGE, topic, "2015-Q3"),
        on("2015-10-01"),
        topic=topic,
        period="2015-Q3",
        division_code=VILLAGE,
        post_by=date(2015, 10, 12),
        by="worker",
    )


def posted() -> Disclosure:
    """One that was posted in time."""
    made = due()
    made.post(on("2015-10-10"), place="公开栏", content_hash=FIRST, posted_on=date(2015, 10, 9), by="worker")
    return made


@pytest.mark.parametrize(
    ("text", "months", "last"),
    [("2015-Q4", 3, date(2015, 12, 31)), (" 2016-q1", 3, date(2016, 3, 31)), ("2016-02", 1, date(2016, 2, 29))],
)
def test_periods(text: str, months: int, last: date) -> None:
    assert Span.parse(text)[1:] == (months, last)


@pytest.mark.parametrize("text", ["", "2015", "2015-Q5", "2015-13", "第四季度"])
def test_no_periods(text: str) -> None:
    with pytest.raises(BadInput, match="应为季度或月份"):
        Span.parse(text)


class TestOpening:
    def test_a_village_has_six_topics_a_quarter(self) -> None:
        outcome = given().when(OpenDisclosures(period="2015-Q4"), by=WORKER)
        outcome.then(*[Disclosure.Created] * 6, post_by=date(2016, 1, 11), division_code=VILLAGE)
        assert {event.topic for event in outcome.events} == set(DisclosureTopic) - {DisclosureTopic.MAJOR}  # type: ignore[attr-defined]
        again = given(*outcome.aggregates)
        again.when(OpenDisclosures(period="2015-Q4"), by=WORKER).refused("已全部列出")
        half = given(*outcome.aggregates[:4])
        half.when(OpenDisclosures(period="2015-Q4"), by=WORKER).then(*[Disclosure.Created] * 2)

    def test_finance_every_month_where_much_money_moves(self) -> None:
        monthly = official_parameters().with_versions(
            [
                ParameterVersion(
                    "civic.finance_period", "财务", 1, Unit.MONTHS, VILLAGE, date(2015, 1, 1), None, "区定", ""
                )
            ]
        )
        given().when(OpenDisclosures(period="2015-11"), by=WORKER, parameters=monthly).then(
            Disclosure.Created, topic=DisclosureTopic.FINANCE, post_by=date(2015, 12, 10)
        )
        quarter = given().when(OpenDisclosures(period="2015-Q4"), by=WORKER, parameters=monthly)
        quarter.then(*[Disclosure.Created] * 5)
        given().when(OpenDisclosures(period="2015-11"), by=WORKER).refused("财务按季公布的村不按月列出")

    def test_the_district_opens_all_of_its_villages(self) -> None:
        outcome = given().when(OpenDisclosures(period="2015-Q4"), by=CLERK)
        assert len(outcome.events) == 63 * 6
        assert len({aggregate.id for aggregate in outcome.aggregates}) == 63 * 6

    def test_a_major_matter_at_once(self) -> None:
        given().when(OpenMajorMatter(matter="集体土地征收"), by=WORKER).then(
            Disclosure.Created, topic=DisclosureTopic.MAJOR, post_by=date(2015, 12, 15)
        )
        given().when(OpenMajorMatter(matter="征收"), by=CLERK).refused("12 位")


class TestPosting:
    def command(self, made: Disclosure, **fields: Any) -> PostDisclosure:
        return PostDisclosure(disclosure_id=made.id, **{"place": "公开栏", "content_hash": FIRST, **fields})

    def test_posted_even_late(self) -> None:
        made = due()
        given(made).when(self.command(made), by=WORKER).then(
            Disclosure.Posted, content_hash=FIRST, effective_on=NOW.date(), corrects_version=None
        )
        given(made).when(self.command(made), by=WORKER).refused("已公布”，不能公布")

    def test_refusals(self) -> None:
        made = due()
        world = given(made)
        world.when(self.command(made, content_hash="abc"), by=WORKER).refused("64 位十六进制")
        world.when(self.command(made, posted_on=date(2015, 12, 11)), by=WORKER).refused("不能晚于今天")
        world.when(self.command(made, place=" "), by=WORKER).refused("地点或平台")
        world.when(WaiveDisclosure(disclosure_id=made.id, reason="无"), by=WORKER).refused("必须公布")
        other = due(DisclosureTopic.RELIEF_FUNDS)
        given(other).when(WaiveDisclosure(disclosure_id=other.id, reason="本季没有救灾款"), by=WORKER).then(
            Disclosure.Waived
        )
        given(other).when(self.command(other), by=WORKER).then(Disclosure.Posted)

    def test_a_correction_names_the_posting_it_corrects(self) -> None:
        made = posted()
        told: dict[str, Any] = {"disclosure_id": made.id, "place": "公开栏", "reason": "合计有误"}
        given(made).when(CorrectDisclosure(content_hash=FIRST, **told), by=WORKER).refused("无须更正")
        given(made).when(CorrectDisclosure(content_hash=SECOND, **told), by=WORKER).then(
            Disclosure.Posted, corrects_version=2, reason="合计有误"
        )
        given(made).when(CorrectDisclosure(content_hash=FIRST, **told), by=WORKER).then(
            Disclosure.Posted, corrects_version=3
        )

    def test_a_question_is_sealed_and_answered_in_time(self) -> None:
        made = posted()
        assert personal_fields(Disclosure.Questioned) == ("question",)
        ask = QuestionDisclosure(disclosure_id=made.id, question="拟某甲问：工程款给了谁")
        given(made).when(ask, by=WORKER).then(Disclosure.Questioned, answer_by=date(2015, 12, 24))
        assert "拟某甲" not in history(made)[-1].gist()
        told = {"disclosure_id": made.id, "place": "公开栏", "content_hash": SECOND, "reason": "补充明细"}
        given(made).when(CorrectDisclosure(**told), by=WORKER).then(Disclosure.Posted)
        assert made.state is DisclosureState.QUESTIONED
        given(made).when(AnswerDisclosureQuestion(disclosure_id=made.id, answer="见明细表"), by=WORKER).then(
            Disclosure.Answered
        )
        given(made).when(AnswerDisclosureQuestion(disclosure_id=made.id, answer="x"), by=WORKER).refused("不能答复")

    def test_what_a_source_reports_is_said_once_and_corrected_by_name(self) -> None:
        made = Disclosure.open(
            uuid4(), NOW, topic=DisclosureTopic.FINANCE, period="2015-11", division_code=VILLAGE, post_by=None, by=""
        )
        for digest in (FIRST, FIRST, SECOND):
            made.report_posted(NOW, place="平台", content_hash=digest, posted_on=date(2015, 12, 3))
        said = [event.corrects_version for event in history(made) if isinstance(event, Disclosure.Posted)]
        assert said == [None, 2]
