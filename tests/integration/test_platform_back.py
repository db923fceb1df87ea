"""What platforms send back: refusals and corrections become findings, records go the way of every source's."""

import asyncio
import json
import os
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from connectors.database import Tables
from connectors.importer import Importer, opened_importer
from connectors.kafka.administration import make_topics
from connectors.kafka.client import producer
from connectors.kafka.topics import Partition, back_topic, platform_topic, relay_topic
from connectors.platforms.deliveries import Deliveries
from connectors.platforms.inbox import Inbox, answer_said, kept
from connectors.platforms.standing import standings
from connectors.quarantine import Quarantine
from domain.clock import CHINA
from domain.codes import FindingRule
from domain.errors import BadSetting
from domain.findings import Finding
from domain.registry import Person
from infra.log import PostgresLog
from infra.settings import Settings
from tests.fixtures.kafka import Topics
from tests.integration.messages_support import people, until
from tests.integration.platforms_support import Receiver, caught_up, declared, installed, working

DEATH = {"姓名": "幻某甲", "公民身份号码": "", "死亡日期": "2015-12-20", "是否死亡": "是"}


def answer(id: str, outcome: str = "退回", reason: str = "号码与姓名不符：张三", **more: Any) -> dict[str, Any]:
    """A platform's answer to a message, as a CloudEvent."""
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "/population",
        "type": "cn.example.answers.v1",
        "data": {"消息标识": id, "处理结果": outcome, "说明": reason, **more},
    }


async def found(importer: Importer) -> list[Finding.Created]:
    """Every finding there is."""
    rows = await importer.log.read(0, 10_000, topics=["findings.FindingRaised"])
    events = [importer.store.codec.decode(row) for row in rows]
    return [event for event in events if isinstance(event, Finding.Created)]


async def some_found(importer: Importer, count: int = 1) -> bool:
    return len(await found(importer)) >= count


async def test_a_message_refused_at_once_is_a_finding_of_its_subject_s_street(
    log: PostgresLog, tables: Tables, database_url: str, receiver: Receiver, tmp_path: Path
) -> None:
    settings = installed(tmp_path, receiver.way)
    receiver.answers = [202, 422]
    async with opened_importer(log, database_url, settings) as importer:
        made = await people(importer.store, 2)
        async with working(importer.store, settings, importer):
            await until(lambda: some_found(importer))
        (finding,) = await found(importer)
        assert (finding.rule, finding.owner.value) == (FindingRule.PLATFORM_REFUSED, "street_officer")
        refused = receiver.had[-1]
        assert finding.evidence == (f"person:{refused[0]}",)
        assert (finding.person_id, finding.division_code) == (made[1].id, "440704004209")
        assert "号码与姓名不符" in finding.detail
        (state,) = await standings(log, settings, tables)
        assert (state.refused, state.waiting) == (1, 0)


async def test_answers_come_once_and_what_is_none_waits_in_quarantine(
    log: PostgresLog, tables: Tables, database_url: str, receiver: Receiver, tmp_path: Path
) -> None:
    settings = installed(tmp_path, receiver.way)
    async with opened_importer(log, database_url, settings) as importer:
        (one,) = await people(importer.store, 1)
        inbox = Inbox(tables, importer.store)
        moment = datetime(2015, 12, 30, 9, tzinfo=CHINA)
        said = [
            answer(f"{one.id}@2", 平台="另一平台"),
            answer(f"{one.id}@3", "数据不同", "金额不符"),
            answer(f"{one.id}@3", "已接收", ""),
            answer(f"{one.id}@99"),
            answer(f"{uuid4()}@1"),
            answer("张三"),
        ]
        messages = [kept(json.dumps(each).encode(), moment, f"x/{number}") for number, each in enumerate(said)]
        messages.append(kept(b"not json", moment, "x/9"))
        assert await inbox.put_all("population", messages) == 7
        assert await inbox.put_all("population", messages) == 0, "the same again is known"
        async with working(importer.store, settings, importer):
            await until(lambda: none_waits(log, settings, tables))
        rules = [(each.rule, each.evidence) for each in await found(importer)]
        assert rules == [
            (FindingRule.PLATFORM_REFUSED, (f"person:{one.id}@2",)),
            (FindingRule.PLATFORM_CORRECTED, (f"person:{one.id}@3",)),
        ]
        assert all("population" in each.detail for each in await found(importer)), "whatever it calls itself"
        waiting = await Quarantine(tables).rows(source="platforms")
        assert sorted(row.reason.value for row in waiting) == [
            "unknown_message",
            "unknown_message",
            "unreadable",
            "unreadable",
        ]
        assert not any("张三" in text for row in waiting for text in (row.message, *row.columns))


async def none_waits(log: PostgresLog, settings: Settings, tables: Tables) -> bool:
    (state,) = await standings(log, settings, tables)
    return state.waiting == 0


async def test_a_table_s_refusals_and_records_are_taken_once(
    log: PostgresLog,
    tables: Tables,
    database_url: str,
    outside: "asyncpg.Connection[Any]",
    tmp_path: Path,
) -> None:
    way = "way: tables\ntable: outside.jianghai"
    settings = installed(tmp_path, way)
    (tmp_path / "secrets" / "population.database").write_text(database_url, encoding="utf-8")
    async with opened_importer(log, database_url, settings) as importer:
        one, two = await people(importer.store, 2)
        async with working(importer.store, settings, importer):
            await until(lambda: caught_up(log, declared(way)))
            await outside.execute(
                "UPDATE outside.jianghai SET state = 2, reason = '重复报送' WHERE id = $1", f"{one.id}@2"
            )
            record = {
                "specversion": "1.0",
                "id": "r1",
                "source": "/population",
                "type": "cn.example.population.deaths.v1",
                "time": "2015-12-21T09:00:00+08:00",
                "data": {**DEATH, "公民身份号码": two.citizen_id},
            }
            await outside.execute("INSERT INTO outside.jianghai_back (message) VALUES ($1)", json.dumps(record))
            await outside.execute("INSERT INTO outside.jianghai_back (message) VALUES ($1)", json.dumps(record))
            await until(lambda: some_found(importer))
            await until(lambda: is_dead(importer, two))
        (finding,) = await found(importer)
        assert (finding.rule, finding.evidence) == (FindingRule.PLATFORM_REFUSED, (f"person:{one.id}@2",))
        states = await outside.fetch("SELECT state FROM outside.jianghai ORDER BY sequence")
        assert [row["state"] for row in states][:2] == [3, 0]
        rows = await log.read(0, 1_000, topics=["registry.DeathReported", "registry.DeathConfirmed"])
        assert len(rows) == 1, "the same record twice is one"
        assert rows[0].basis.startswith("inbox:inbox.population/0#")
        assert rows[0].source == "population"


async def is_dead(importer: Importer, one: Person) -> bool:
    person = await importer.store.load(Person, one.id)
    return person is not None and person.died_on is not None


async def test_files_that_come_back_are_answers_records_or_put_aside(
    log: PostgresLog, tables: Tables, database_url: str, tmp_path: Path
) -> None:
    way = "way: files\nevery: 60"
    settings = installed(tmp_path, way)
    assert settings.platform_files is not None
    back = settings.platform_files / "population" / "back"
    back.mkdir(parents=True)
    async with opened_importer(log, database_url, settings) as importer:
        one, two = await people(importer.store, 2)
        gbk = f"消息标识,处理结果,退回原因\n{one.id}@2,校验失败,区划不符\n".encode("gb18030")
        (back / "退回清单.csv").write_bytes(gbk)
        line = f"幻某甲,{two.citizen_id},2015-12-20,是\n"
        (back / "死亡登记20151222.csv").write_text("姓名,公民身份号码,死亡日期,是否死亡\n" + line, encoding="utf-8")
        (back / "照片.txt").write_text("什么都不是", encoding="utf-8")
        (back / "还在写.csv.part").write_text("消息标识", encoding="utf-8")
        for path in back.iterdir():
            os.utime(path, (time.time() - 60, time.time() - 60))
        async with working(importer.store, settings, importer):
            await until(lambda: some_found(importer))
            await until(lambda: is_dead(importer, two))
            await until(lambda: (back / "failed").exists())
        (finding,) = await found(importer)
        assert finding.rule is FindingRule.PLATFORM_REFUSED
        assert "不属于该区划" in finding.detail
        assert sorted(path.name for path in (back / "done").iterdir()) == ["死亡登记20151222.csv", "退回清单.csv"]
        assert sorted(path.name for path in (back / "failed").iterdir()) == ["照片.txt", "照片.txt.txt"]
        assert [path.name for path in back.iterdir() if path.is_file()] == ["还在写.csv.part"]


async def test_a_topic_s_way_back_is_read_to_its_place(
    log: PostgresLog, tables: Tables, database_url: str, tmp_path: Path, kafka: Topics
) -> None:
    settings = kafka.settings(installed(tmp_path, "way: kafka"))
    back = back_topic("population", kafka.prefix).name
    make_topics(
        settings,
        [platform_topic("population", kafka.prefix), back_topic("population", kafka.prefix), relay_topic(kafka.prefix)],
    )
    async with opened_importer(log, database_url, settings) as importer:
        one, two = await people(importer.store, 2)
        async with working(importer.store, settings, importer):
            send(settings, back, [answer(f"{one.id}@2"), None, {"什么": "都不是"}])
            await until(lambda: some_found(importer))
        send(settings, back, [answer(f"{two.id}@2", reason="查无此人")])
        async with working(importer.store, settings, importer):
            await until(lambda: some_found(importer, 2))
        assert [each.person_id for each in await found(importer)] == [one.id, two.id]
        assert len(await Quarantine(tables).rows(source="platforms")) == 1
        assert await log.place(f"kafka:{back}/0") == 4


def send(settings: Settings, topic: str, messages: list[Any]) -> None:
    made = producer(settings)
    try:
        for message in messages:
            value = None if message is None else json.dumps(message, ensure_ascii=False).encode()
            made.send(topic, key=b"k", value=value, partition=0)
        made.flush(30)
    finally:
        made.close()


async def test_what_a_topic_lost_before_it_was_read_is_not_passed_by(
    log: PostgresLog, tables: Tables, database_url: str, tmp_path: Path, kafka: Topics
) -> None:
    settings = kafka.settings(installed(tmp_path, "way: kafka"))
    topics = [platform_topic("population", kafka.prefix), back_topic("population", kafka.prefix)]
    make_topics(settings, [*topics, relay_topic(kafka.prefix)])
    back = Partition(topics[1].name, 0)
    assert await log.move(back.follower, 0, 40)
    async with opened_importer(log, database_url, settings) as importer:
        (one,) = await people(importer.store, 1)
        send(settings, back.topic, [answer(f"{one.id}@2")])
        async with working(importer.store, settings, importer):
            await until(lambda: said_back(importer, str(back)))
        assert await log.place(back.follower) == 40
        assert await found(importer) == []
        assert await log.move(back.follower, 40, 0)  # as `minzheng topics --accept-gap` does
        async with working(importer.store, settings, importer):
            await until(lambda: some_found(importer))


async def said_back(importer: Importer, text: str) -> bool:
    """Whether this stands where operators look for why nothing comes back."""
    (state,) = await standings(importer.log, importer.settings, importer.tables)
    return text in (state.back_error or "")


async def test_a_topic_needs_kafka(log: PostgresLog, database_url: str, tmp_path: Path) -> None:
    settings = installed(tmp_path, "way: kafka")
    async with opened_importer(log, database_url, settings) as importer, httpx.AsyncClient() as client:
        with pytest.raises(BadSetting, match="MINZHENG_KAFKA"):
            list(Deliveries(importer.store, settings, importer, client, print).works(asyncio.Event()))


async def test_what_came_back_cannot_be_read_once_its_time_has_come(
    log: PostgresLog, tables: Tables, database_url: str, tmp_path: Path
) -> None:
    settings = installed(tmp_path, "way: files")
    async with opened_importer(log, database_url, settings) as importer:
        inbox = Inbox(tables, importer.store)
        await inbox.put_all("population", [answer_said("x@1", reason="张三")])
        (before,) = await inbox.read("population", 0, 10)
        assert before.said is not None
        assert before.said.cells[2] == "张三"
        async with tables.transaction() as connection:
            stored = await connection.fetchval("SELECT sealed FROM connectors.inbox")
            assert "张三".encode() not in stored
            await connection.execute("UPDATE connectors.inbox SET received_at = now() - interval '181 days'")
        assert await inbox.forget_expired() == 1
        assert await inbox.forget_expired() == 0
        (after,) = await inbox.read("population", 0, 10)
        assert after.said is None
        assert await inbox.put_all("population", [answer_said("x@1", reason="张三")]) == 0, "still known"
