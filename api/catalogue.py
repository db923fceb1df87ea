"""What stands in the log and what people may decide, one line each: the reviewed snapshot docs/catalogue.txt.

Stored events never change: a topic or field that goes missing here would make old history unreadable, and one that is
no longer sealed would put personal data into the log in clear.
"""

from collections.abc import Iterator
from dataclasses import fields

import domain.contexts  # noqa: F401 - imports every context
from domain import kernel

_ENVELOPE = frozenset({"originator_id", "originator_version", "timestamp", "originator_topic"})


def catalogue() -> Iterator[str]:
    """Aggregates with their subjects, events with their fields (sealed ones in brackets), commands with their roles."""
    for topic, aggregate in sorted(kernel.aggregate_classes().items()):
        yield f"aggregate {topic}: {aggregate.SUBJECT}"
    for topic, event in sorted(kernel.event_classes().items()):
        sealed = kernel.personal_fields(event)
        names = (f"[{f.name}]" if f.name in sealed else f.name for f in fields(event) if f.name not in _ENVELOPE)
        yield " ".join((f"event {topic}:", *names))
    for name, command in sorted(kernel.command_classes().items()):
        yield f"command {name}: {' '.join(sorted(role.value for role in command.ROLES))}"


if __name__ == "__main__":
    for line in catalogue():
        print(line)
