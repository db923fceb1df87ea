"""Platforms by every way while everything dies, and what must hold of each of them afterwards."""

import csv
import hashlib
import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import asyncpg

from connectors.platforms.answers import SOURCE
from infra.log import LogEvent
from tests.chaos.checker import Verdict, read_topic
from tests.chaos.receivers import REFUSED

DISTRICT = "440704"
ONE_COMMUNITY = "440704001015"
"""The platform that gets one message a request is told of one community only."""
TOPICS = ("registry.PersonRegistered", "registry.PersonMoved")
_EVENTS = """events:
  registry.PersonRegistered: {fields: [division_code], person: [citizen_id]}
  registry.PersonMoved: {fields: [to_division_code, moved_on], person: [citizen_id]}
"""
TABLE = "exchange.people"


def declare(folder: Path, port: int, nobody: int, database: str) -> tuple[Path, Path]:
    """Write declarations and secrets: a platform a way, and one that never answers. Their folders."""
    declarations, secrets = folder / "platforms", folder / "secrets"
    declarations.mkdir()
    secrets.mkdir()
    ways = {
        "topic": (DISTRICT, "way: kafka"),
        "https": (ONE_COMMUNITY, f"way: https\nurl: http://127.0.0.1:{port}/"),
        "files": (DISTRICT, "way: files\nevery: 0.05"),
        "tables": (DISTRICT, f"way: tables\ntable: {TABLE}"),
        "nobody": (DISTRICT, f"way: https\nurl: http://127.0.0.1:{nobody}/"),
    }
    for name, (division, way) in ways.items():
        text = f'name: {name}\ntitle: {name}\ndivision: "{division}"\n{way}\n{_EVENTS}'
        (declarations / f"{name}.yaml").write_text(text, encoding="utf-8")
        (secrets / f"{name}.key").write_text("agreed upon", encoding="utf-8")
    (secrets / "tables.database").write_text(database, encoding="utf-8")
    return declarations, secrets


def followers(prefix: str) -> tuple[str, ...]:
    """Under which names the log keeps how far each is that answers."""
    return (f"relay:{prefix}:topic", *(f"platform:{name}" for name in ("https", "files", "tables")))


async def check_platforms(
    verdict: Verdict, rows: Sequence[LogEvent], bootstrap: str, prefix: str, folder: Path, database: str
) -> None:
    """Each platform has each message once, in order, with the one before it named."""
    everything = _told(rows, DISTRICT)
    _same(verdict, "topic", everything, _in_topic(bootstrap, f"{prefix}.out.topic.v1"))
    _same(verdict, "https", _told(rows, ONE_COMMUNITY), _by_https(folder / "https.db"))
    _same(verdict, "files", everything, _in_files(verdict, folder / "exchange" / "files" / "out"))
    _same(verdict, "tables", everything, await _in_table(database))
    refused = [id for position, id in _told(rows, ONE_COMMUNITY) if position % REFUSED == 0]
    found = [row for row in rows if row.topic == "findings.FindingRaised" and row.source == SOURCE]
    verdict.told["refused"] = len(refused)
    verdict.demand(len(found) == len(refused), f"{len(refused)} messages refused, {len(found)} findings")
    told = {evidence for row in found for evidence in json.loads(row.payload)["evidence"]}
    verdict.demand(told == {f"person:{id}" for id in refused}, "a refusal was noted of another record")


def check_receiver(verdict: Verdict, rows: Sequence[LogEvent], file: Path) -> None:
    """The receiver that was killed again and again knows where everybody lives."""
    theirs = dict(sqlite3.connect(file).execute("SELECT subject, division FROM state"))
    ours = {}
    for row in rows:
        if row.topic in TOPICS:
            payload = json.loads(row.payload)
            ours[f"person:{row.stream_id}"] = payload.get("to_division_code") or payload["division_code"]
    verdict.demand(theirs == ours, "the receiver of the public topic has another state than the log")


Had = list[tuple[int, str, int]]
"""Position, id, and the position of the message before."""


def _told(rows: Sequence[LogEvent], division: str) -> list[tuple[int, str]]:
    return [
        (row.position, f"{row.stream_id}@{row.version}")
        for row in rows
        if row.topic in TOPICS and row.division.startswith(division)
    ]


def _same(verdict: Verdict, name: str, wanted: list[tuple[int, str]], had: Had) -> None:
    messages = [(sequence, id) for sequence, id, _ in had]
    verdict.told[name] = len(messages)
    verdict.demand(len(set(messages)) == len(messages), f"platform {name} has messages twice")
    verdict.demand(messages == sorted(messages), f"platform {name} has them out of order")
    missing = sorted(set(wanted) - set(messages))
    verdict.demand(not missing, f"platform {name} lacks {len(missing)}: {missing[:5]}")
    verdict.demand(not set(messages) - set(wanted), f"platform {name} has what it should not")
    chain = [0, *(sequence for sequence, _, _ in had)][: len(had)]
    verdict.demand([previous for _, _, previous in had] == chain, f"platform {name}: a message names another before it")


def _in_topic(bootstrap: str, topic: str) -> Had:
    return [
        (int(event["sequence"]), event["id"], int(event["previous"])) for _, _, _, event in read_topic(bootstrap, topic)
    ]


def _by_https(file: Path) -> Had:
    return list(sqlite3.connect(file).execute("SELECT sequence, id, previous FROM had ORDER BY arrived"))


def _in_files(verdict: Verdict, out: Path) -> Had:
    found: Had = []
    descriptions = [json.loads(path.read_text("utf-8")) for path in sorted(out.glob("*.json"))]
    numbers = [described["number"] for described in descriptions]
    verdict.demand(numbers == list(range(1, len(numbers) + 1)), f"files are numbered {numbers}")
    for described in descriptions:
        content = (out / described["file"]).read_bytes()
        verdict.demand(
            hashlib.sha256(content).hexdigest() == described["sha256"], f"file {described['file']} is not as described"
        )
        lines = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
        verdict.demand(len(lines) == described["count"], f"file {described['file']} has another count")
        found += [(int(line["日志位置"]), line["消息标识"], int(line["上一条"])) for line in lines]
    return found


async def _in_table(database: str) -> Had:
    connection = await asyncpg.connect(database)
    try:
        rows = await connection.fetch(f"SELECT sequence, id, previous FROM {TABLE} ORDER BY sequence")
        return [tuple(row) for row in rows]
    finally:
        await connection.close()
