"""Everything that can die dies once while messages go in and out; the long form is `python -m tests.chaos`."""

import pytest

from tests.chaos.harness import chaos
from tests.fixtures.kafka import Topics

SEED = 20151231


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_nothing_is_lost_doubled_or_out_of_order(kafka: Topics) -> None:
    """Each kind of fault once, and one more; `kafka` says whether there is a broker to be had at all."""
    report = chaos(SEED, faults=12)
    assert report.verdict.wrong == [], report.as_json()
    assert len(report.faults) == 11
    assert report.verdict.events > report.produced > 500
    assert report.verdict.messages > report.produced // 2
    assert min(report.verdict.told.values()) > 5, "every platform was told something, and some of it was refused"
