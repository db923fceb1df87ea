"""Every event class has a title on timelines, and every projection says what it does with every event it wants."""

import domain.contexts
from domain.kernel import event_classes
from projections.timeline import TITLES

assert domain.contexts


def test_every_event_has_a_title_and_every_title_an_event() -> None:
    assert set(TITLES) == set(event_classes())
