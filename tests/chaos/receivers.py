"""Receivers as processes of their own, which keep what they have had in SQLite and may be killed at any moment.

`python -m tests.chaos.receivers https PORT FILE` takes a platform's messages by HTTPS, refuses some for good, and knows
a repetition by its key. `… topic SERVERS TOPIC FILE` folds a public topic, its place in the transaction with its state.
"""

import http.server
import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from api.cli.children import end_with_parent

REFUSED = 50
"""Every so manieth position is refused."""


def https(port: int, file: Path) -> None:
    """Serve until killed."""
    known = _open(file)
    known.execute(
        "CREATE TABLE IF NOT EXISTS had (arrived INTEGER PRIMARY KEY, id TEXT UNIQUE, sequence INT, previous INT)"
    )

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            sequence = int(event["sequence"])
            with known:
                known.execute(
                    "INSERT INTO had (id, sequence, previous) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
                    (self.headers["Idempotency-Key"], sequence, int(event["previous"])),
                )
            self.send_response(422 if sequence % REFUSED == 0 else 202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nobody listens."""

    http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()


def topic(servers: str, name: str, file: Path) -> None:
    """Follow the topic until killed."""
    known = _open(file)
    known.execute("CREATE TABLE IF NOT EXISTS place (number INTEGER PRIMARY KEY, next INT)")
    known.execute("CREATE TABLE IF NOT EXISTS state (subject TEXT PRIMARY KEY, division TEXT)")
    reader = Consumer(
        {
            **{"bootstrap.servers": servers, "group.id": "receiver", "isolation.level": "read_committed"},
            **{"auto.offset.reset": "earliest", "enable.auto.commit": False, "log_level": 0},
        }
    )
    numbers = list(reader.list_topics(name, timeout=60).topics[name].partitions)
    places = dict(known.execute("SELECT number, next FROM place"))
    reader.assign([TopicPartition(name, number, places.get(number, 0)) for number in numbers])
    while True:
        message = reader.poll(1)
        if message is None or message.error() is not None:
            continue
        event = json.loads(message.value())
        with known:
            fold(known, event)
            known.execute(
                "INSERT INTO place VALUES (?, ?) ON CONFLICT (number) DO UPDATE SET next = excluded.next",
                (message.partition(), message.offset() + 1),
            )


def fold(known: sqlite3.Connection, event: dict[str, Any]) -> None:
    """Where each person lives, by what the messages say."""
    field = {"PersonRegistered": "divisionCode", "PersonMoved": "toDivisionCode"}.get(event["type"].split(".")[-2])
    if field is not None:
        known.execute(
            "INSERT INTO state VALUES (?, ?) ON CONFLICT (subject) DO UPDATE SET division = excluded.division",
            (event["subject"], event["data"][field]),
        )


def _open(file: Path) -> sqlite3.Connection:
    known = sqlite3.connect(file)
    known.execute("PRAGMA journal_mode = WAL")
    return known


if __name__ == "__main__":
    end_with_parent()
    what, *rest = sys.argv[1:]
    if what == "https":
        https(int(rest[0]), Path(rest[1]))
    else:
        topic(rest[0], rest[1], Path(rest[2]))
