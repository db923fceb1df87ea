"""Amounts and rosters by month, against a plain dictionary of months."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.clock import next_month
from domain.entitlement import Entitlement, Rosters

FIRST = "2011-01"
MONTHS = [next_month(FIRST, n) for n in range(72)]
month = st.sampled_from(MONTHS[6:60])
amount = st.integers(1, 9).map(lambda n: n * 10_000)


class TestAgainstAPlainDictionary:
    """`Entitlement` keeps steps; the dictionary keeps every month. Both must say the same."""

    @given(st.data())
    def test_grant_changes_stop_resume_end(self, data: st.DataObject) -> None:
        start = data.draw(st.sampled_from(MONTHS[:6]))
        fen = data.draw(amount)
        steps = Entitlement().granted(start, "", fen, 1)
        amounts = {m: fen for m in MONTHS if m >= start}
        paid = dict.fromkeys(amounts, True)
        last = start
        for version in range(2, data.draw(st.integers(2, 8))):
            last = data.draw(st.sampled_from([m for m in MONTHS if m >= last]))
            match data.draw(st.sampled_from(["change", "stop", "resume"])):
                case "change":
                    fen = data.draw(amount)
                    steps = steps.changed(last, fen, version)
                    amounts.update({m: fen for m in MONTHS if m >= last})
                case "stop":
                    steps = steps.stopped(last, version)
                    paid.update({m: False for m in MONTHS if m >= last})
                case _:
                    steps = steps.resumed(last, version)
                    paid.update({m: True for m in MONTHS if m >= last})
        end = data.draw(st.sampled_from([m for m in MONTHS if m >= last]))
        steps = steps.ended(end, 99)
        plain = {m: f for m, f in amounts.items() if m <= end and paid[m]}
        assert {m: f for m in MONTHS if (f := steps.at(m)) is not None} == plain
        assert steps.months(MONTHS[-1]) == tuple(plain)

    @given(month, month, amount, amount)
    def test_a_late_change_holds_until_the_later_one(self, one: str, other: str, low: int, high: int) -> None:
        early, late = sorted((one, other))
        steps = Entitlement().granted(FIRST, "", 1, 1).changed(late, high, 2).changed(early, low, 3)
        assert steps.at(late) == (low if early == late else high)
        assert steps.at(early) == low
        assert steps.at(FIRST) == 1


class TestEntitlement:
    def test_a_later_end_brings_months_back(self) -> None:
        steps = Entitlement().granted("2015-01", "", 100, 1).ended("2015-03", 2).ended("2015-05", 3)
        assert [steps.at(m) for m in ("2015-03", "2015-05", "2015-06")] == [100, 100, None]

    def test_an_end_leaves_a_suspension_alone(self) -> None:
        steps = Entitlement().granted("2015-01", "", 100, 1).stopped("2015-03", 2).ended("2015-05", 3)
        assert steps.months("2015-12") == ("2015-01", "2015-02")

    def test_a_new_grant_after_the_end(self) -> None:
        steps = Entitlement().granted("2015-01", "2015-03", 100, 1).granted("2015-08", "", 120, 5)
        assert [steps.at(m) for m in ("2015-03", "2015-04", "2015-08")] == [100, None, 120]
        assert steps.changed("2015-05", 7, 6).months("2015-08") == steps.months("2015-08"), "nothing is due in May"

    def test_correcting_reaches_a_resumption_too(self) -> None:
        steps = Entitlement().granted("2015-01", "", 100, 1).stopped("2015-03", 2).resumed("2015-05", 3)
        assert steps.corrected(1, 90).at("2015-05") == 90

    def test_a_suspension_forgets_no_amount_decided_for_later(self) -> None:
        steps = Entitlement().granted("2015-01", "", 100, 1).changed("2015-06", 120, 2).stopped("2015-03", 3)
        assert [steps.resumed(m, 4).at("2015-07") for m in ("2015-05", "2015-07")] == [120, 120]
        assert steps.resumed("2015-02", 4).at("2015-03") == 100

    def test_covering(self) -> None:
        steps = Entitlement().granted("2015-01", "2015-06", 100, 1)
        assert steps.covers("2015-02", "2015-06", 100)
        assert not steps.covers("2015-02", "", 100)
        assert not steps.covers("2015-02", "2015-07", 100)
        assert not steps.covers("2015-02", "2015-06", 90)
        assert not Entitlement().covers("2015-02", "", 100)

    def test_nothing_granted(self) -> None:
        assert Entitlement().at("2015-01") is None
        assert Entitlement().months("2015-12") == ()
        assert Entitlement().latest() is None
        assert Entitlement().latest_month() is None


@given(st.lists(st.tuples(month, st.integers(1, 5)), min_size=1, max_size=6))
def test_rosters_hold_until_the_next_later_change(changes: list[tuple[str, int]]) -> None:
    rosters, plain = Rosters().changed("", (UUID(int=9),)), {"": (UUID(int=9),)}
    for when, who in changes:
        rosters, plain[when] = rosters.changed(when, (UUID(int=who),)), (UUID(int=who),)
    for m in MONTHS:
        assert rosters.at(m) == plain[max(key for key in plain if key <= m)]
    assert Rosters().at("2015-01") == ()
