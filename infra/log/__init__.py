"""The event log: one order of everything that happened, appended in group commits, never changed."""

from infra.log.memory import MemoryLog
from infra.log.postgres import MOVE, PostgresLog
from infra.log.types import (
    Append,
    Appended,
    EventLog,
    HolderKey,
    Identifier,
    LogEvent,
    Move,
    NewEvent,
    RecordState,
    SourceMessage,
    StreamHead,
    pages,
)

__all__ = [
    "MOVE",
    "Append",
    "Appended",
    "EventLog",
    "HolderKey",
    "Identifier",
    "LogEvent",
    "MemoryLog",
    "Move",
    "NewEvent",
    "PostgresLog",
    "RecordState",
    "SourceMessage",
    "StreamHead",
    "pages",
]
