"""Every event says in Chinese what it is called."""

import domain.contexts
from domain.kernel import event_classes

assert domain.contexts.CONTEXTS


def test_every_event_class_has_a_title_of_its_own_in_chinese() -> None:
    titles = {topic: cls.TITLE for topic, cls in event_classes().items()}
    assert [topic for topic, title in titles.items() if not title or title.isascii()] == []
    assert len(set(titles.values())) == len(titles)
