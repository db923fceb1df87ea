"""What sources report against the rules of care, found once and said without personal data."""

from datetime import date
from typing import Any
from uuid import uuid4

from hypothesis import given as examples
from hypothesis import strategies as st

from domain.care import Assessment, Stay
from domain.care.contradictions import (
    Away,
    bed_given_twice,
    days_in,
    of_assessment,
    services_while_away,
    stay_after_death,
    two_stays,
)
from domain.care.stay import stay_id
from domain.codes import AssessmentReason, DischargeReason, FindingRule, Payer, Scale, StayKind, StayState
from domain.findings import Finding
from tests.unit.domain.care_samples import TODAY, bed, elder, facility, order
from tests.unit.domain.samples import VILLAGE, on


def stay(number: str, first: date, last: date | None, who: Any, home: Any = None, **fields: Any) -> Stay:
    home = home or facility(name=f"院{number}")
    made = Stay.admit(
        stay_id(home.id, number),
        on(str(first)),
        person_id=who,
        facility_id=home.id,
        admission_no=number,
        division_code=VILLAGE,
        effective_on=first,
        **{"kind": StayKind.RESIDENT, "payer": Payer.SELF, **fields},
    )
    if last is not None:
        made.report_state(on(str(last)), state=StayState.DISCHARGED, effective_on=last, reason=DischargeReason.TRANSFER)
    return made


def test_a_bed_that_two_persons_have() -> None:
    known = bed(facility())
    known.report_occupied(on("2015-12-01"), person_id=uuid4(), effective_on=TODAY)
    assert bed_given_twice(known, TODAY) == ()
    known.report_occupied(on("2015-12-01"), person_id=uuid4(), effective_on=TODAY)
    (found,) = bed_given_twice(known, TODAY)
    assert (found.rule, found.subject) == (FindingRule.BED_GIVEN_TWICE, f"bed:{known.id}")
    assert found.detail == "床位 201-1 同时登记为 2 人的床位。"
    assert bed_given_twice(known, TODAY)[0].key == found.key
    raised = Finding.raise_for(uuid4(), on("2015-12-10"), **found.fields())
    assert raised.subject == found.subject


def test_two_houses_at_once_are_found_from_either_side_and_a_change_of_house_is_not() -> None:
    who = uuid4()
    one = stay("1", date(2015, 1, 5), date(2015, 6, 1), who)
    two = stay("2", date(2015, 5, 31), None, who)
    (found,) = two_stays(one, [two])
    (same,) = two_stays(two, [one, two])
    assert found.key == same.key
    assert "自 2015-05-31 起" in found.detail
    assert not [*two_stays(one, [stay("3", date(2015, 6, 1), None, who)])]
    assert not [*two_stays(one, [stay("4", date(2015, 2, 1), None, who, kind=StayKind.DAY_CARE)])]


def test_a_stay_that_goes_on_after_death() -> None:
    who, died = uuid4(), date(2015, 6, 1)
    assert len(stay_after_death(stay("1", date(2015, 1, 5), None, who), died, TODAY)) == 1
    assert len(stay_after_death(stay("1", date(2015, 1, 5), date(2015, 6, 2), who), died, TODAY)) == 1
    assert stay_after_death(stay("1", date(2015, 1, 5), died, who), died, TODAY) == ()
    assert stay_after_death(stay("1", date(2015, 1, 5), None, who), None, TODAY) == ()


def test_an_assessment_by_one_who_also_reviewed() -> None:
    made = Assessment.request(
        uuid4(), on("2015-01-05"), person_id=uuid4(), reason=AssessmentReason.SUBSIDY, division_code=VILLAGE
    )
    assert [*of_assessment(made, 2)] == []
    result: dict[str, Any] = {"scale": Scale.GBT_42195, "grade": 3, "assessed_on": TODAY, "valid_to": TODAY}
    made.report_result(on("2015-12-10"), assessors=("甲",), reviewer="甲", **result)
    found = [*of_assessment(made, 2)]
    assert [each.rule for each in found] == [FindingRule.TOO_FEW_ASSESSORS, FindingRule.ASSESSOR_REVIEWED]
    assert not any("3" in each.detail for each in found), "a grade is nobody's business in a finding"


def test_a_service_given_while_the_person_was_in_hospital_all_day() -> None:
    who, station = elder(), facility(name="站")
    given_ = order(who, station)
    given_.report_given(on("2015-12-10"), minutes=120, served_on=TODAY, amount_fen=6_000)
    hospital = Away(date(2015, 12, 8), date(2015, 12, 12), "encounter:x@1")
    (found,) = services_while_away([given_], [hospital])
    assert (found.amount_fen, found.evidence[0]) == (6_000, "encounter:x@1")
    going = Away(TODAY, None, "encounter:x@1")
    assert not [*services_while_away([given_], [going])], "on the day of admission a service is possible"
    assert not [*services_while_away([order(who, station)], [hospital])], "a draft is no service"


@examples(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), max_size=4))
def test_days_in_a_house_are_the_same_said_either_way(leaves: list[tuple[int, int]]) -> None:
    made, day = stay("1", date(2015, 1, 5), None, uuid4()), 5
    for gap, length in leaves:
        day += gap
        made.report_state(on("2015-12-01"), state=StayState.AWAY, effective_on=_january(day))
        day += length
        made.report_state(on("2015-12-01"), state=StayState.ADMITTED, effective_on=_january(day))
    made.report_state(on("2015-12-01"), state=StayState.DISCHARGED, effective_on=_january(day + 4))
    spans = days_in(made)
    for number in range(1, day + 8):
        assert any(span.whole(_january(number)) for span in spans) == made.there_on(_january(number))


def _january(day: int) -> date:
    return date.fromordinal(date(2014, 12, 31).toordinal() + day)
