"""Sources are told what of theirs waits in quarantine, and when it waits no longer."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.kafka.administration import make_topics
from connectors.kafka.inbound import Inbound
from connectors.kafka.notices import Notices
from connectors.kafka.topics import quarantine_topic, source_topic
from connectors.public.schemas import asyncapi
from tests.files.installation import Installation, installed
from tests.files.make import citizen_id, person, write_csv
from tests.fixtures.kafka import Topics, cloud_event
from tests.integration.messages_support import read, running, until


@pytest.fixture
async def it(admin_url: str, database_url: str, tmp_path: Path, kafka: Topics) -> AsyncIterator[Installation]:
    async with installed(admin_url, database_url, tmp_path) as installation:
        kafka.make(installation.importer.settings)
        installation.importer.settings = kafka.settings(installation.importer.settings)
        make_topics(installation.importer.settings, [quarantine_topic(kafka.prefix)])
        yield installation


@asynccontextmanager
async def working(it: Installation) -> AsyncIterator[Inbound]:
    """Messages come in, and notices go out."""
    inbound, sending = Inbound(it.importer), Notices(it.importer.settings, it.importer.tables)
    async with running(inbound.run, sending.run):
        yield inbound


async def told(it: Installation, state: str, count: int) -> bool:
    async with it.importer.tables.transaction() as connection:
        found = await connection.fetchval("SELECT count(*) FROM connectors.quarantine WHERE noticed = $1", state)
    return bool(found == count)


def notices(it: Installation, kafka: Topics) -> list[dict[str, Any]]:
    """What was sent, in the order of each partition."""
    found = read(it.importer.settings, [quarantine_topic(kafka.prefix).name])
    assert {message.key() for message in found} <= {b"population"}
    return [json.loads(message.value()) for message in found]


async def test_a_source_is_told_where_and_why_and_never_what(it: Installation, kafka: Topics, tmp_path: Path) -> None:
    wrong = cloud_event("persons", person(1, 性别="外星人"), "n-1")
    kafka.send("population", [(citizen_id(1), wrong, {"content-type": "application/cloudevents+json"})], partition=2)
    async with working(it) as inbound:
        await until(lambda: inbound.taken.quarantined == 1)
        await until(lambda: told(it, "open", 1))
        right = cloud_event("persons", person(1), "n-2")
        sent = [(citizen_id(1), right, {"content-type": "application/cloudevents+json"})]
        kafka.send("population", sent, partition=2)
        await until(lambda: told(it, "mended", 1))
    await it.take(write_csv(tmp_path / "p.csv", [person(2, 性别="外星人")]), "population", "2015-12-30")
    async with working(it):
        await until(lambda: told(it, "open", 1))
    first, mended, of_file = notices(it, kafka)
    topic = source_topic("population", kafka.prefix)
    assert (first["data"]["place"], first["data"]["row"], first["data"]["state"]) == (f"kafka:{topic}/2", 0, "open")
    assert (first["data"]["reason"], first["data"]["columns"]) == ("unreadable", ["性别"])
    assert mended["subject"] == first["subject"]
    assert (mended["data"]["state"], mended["id"]) == ("mended", first["id"].replace("@open", "@mended"))
    assert (of_file["data"]["place"].partition(":")[0], of_file["data"]["columns"]) == ("file", ["性别"])
    said = json.dumps([first, mended, of_file], ensure_ascii=False)
    for number in (1, 2):
        assert not any(str(value) in said for value in (citizen_id(number), person(number)["姓名"]))


async def test_a_notice_is_as_the_interface_says(it: Installation, kafka: Topics) -> None:
    kafka.send("population", [("k", b"not json", {})])
    async with working(it):
        await until(lambda: told(it, "open", 1))
    (notice,) = notices(it, kafka)
    declared = asyncapi(kafka.prefix, "1")["components"]["messages"]["RowQuarantined"]["payload"]["properties"]
    assert notice["type"] == declared["type"]["const"]
    assert set(notice["data"]) == set(declared["data"]["properties"])
