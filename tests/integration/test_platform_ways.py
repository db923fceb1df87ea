"""Ways to platforms by files and by exchange tables: each message once, whatever dies in between."""

import asyncio
import csv
import hashlib
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import openpyxl
import pytest

from connectors.database import Tables
from connectors.platforms.declaration import Platform, read_platform
from connectors.platforms.delivery import Delivery
from connectors.platforms.files import Files
from connectors.platforms.inbox import Inbox
from connectors.platforms.parcels import write_parcel
from connectors.platforms.shape import Shape
from connectors.platforms.snapshot import write_snapshot
from connectors.platforms.standing import replay_from, standings
from connectors.platforms.tables import Tables as ExchangeTables
from connectors.platforms.ways import Delivered, NotDelivered, Parcel
from domain.assistance import Payment
from domain.clock import at
from domain.codes import PaymentKind
from domain.errors import BadSetting
from infra.codec import Envelope, EventCodec
from infra.keys import FileMasterKey, KeyRing
from infra.log import PostgresLog
from infra.settings import Settings
from infra.store import EventStore
from tests.integration.messages_support import people, until
from tests.integration.platforms_support import caught_up, declared, delivering, dies, failed, installed

FILES = "way: files\nevery: 1"
TABLES = "way: tables\ntable: outside.jianghai_population"


def exchanging(folder: Path, database_url: str) -> tuple[Platform, Settings]:
    """The platform by an exchange table, and an installation that knows where its database is."""
    settings = installed(folder, TABLES)
    (folder / "secrets" / "population.database").write_text(database_url + "\n", encoding="utf-8")
    return declared(TABLES), settings


class Now(Files):
    """Files without the wait between them."""

    def __init__(self, platform: Platform, settings: Settings) -> None:
        super().__init__(platform, settings)
        self.every = 0.2


def rows_of(path: Path) -> list[dict[str, str]]:
    """A file's lines."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def parcels_in(settings: Settings) -> list[Path]:
    """Whole files, as the receiver finds them: by their descriptions."""
    assert settings.platform_files is not None
    found = []
    for told in sorted((settings.platform_files / "population" / "out").glob("*.json")):
        description = json.loads(told.read_text("utf-8"))
        path = told.with_name(description["file"])
        assert hashlib.sha256(path.read_bytes()).hexdigest() == description["sha256"]
        rows = rows_of(path)
        assert (len(rows), int(rows[0]["日志位置"]), int(rows[-1]["日志位置"])) == (
            description["count"],
            description["first"],
            description["last"],
        )
        found.append(path)
    return found


async def test_files_are_numbered_and_hold_each_message_once(
    log: PostgresLog, store: EventStore, tables: Tables, tmp_path: Path
) -> None:
    platform, settings = declared(FILES), installed(tmp_path, FILES)
    made = await people(store, 3)
    async with delivering(store, platform, tables, Now(platform, settings)):
        await until(lambda: caught_up(log, platform))
        await dies(store, made[:2])
        await until(lambda: caught_up(log, platform))
    files = parcels_in(settings)
    assert [path.name for path in files] == ["population-000001.csv", "population-000002.csv"]
    rows = [row for path in files for row in rows_of(path)]
    assert [row["类型"] for row in rows] == ["迁移"] * 3 + ["死亡"] * 2
    assert [row["上一条"] for row in rows] == ["0", *[row["日志位置"] for row in rows[:-1]]], "across files too"
    assert (rows[-1]["姓名"], rows[-1]["公民身份号码"]) == ("幻某甲", made[1].citizen_id)
    assert (rows[-1]["死亡日期"], rows[-1]["迁移日期"]) == ("2015-12-20", "")
    assert not list(files[0].parent.glob(".*")), "nothing half-written stays"
    async with tables.transaction() as connection:
        noted = await connection.fetch("SELECT * FROM connectors.parcel ORDER BY number")
    assert [(row["name"], row["count"]) for row in noted] == [(files[0].name, 3), (files[1].name, 2)]
    assert noted[0]["digest"] == hashlib.sha256(files[0].read_bytes()).digest()


async def test_a_file_whose_making_was_cut_off_becomes_the_same_file(
    log: PostgresLog, store: EventStore, tables: Tables, tmp_path: Path
) -> None:
    platform, settings = declared(FILES), installed(tmp_path, FILES)

    class CutOff(Now):
        async def deliver(self, parcel: Parcel) -> Delivered:
            await super().deliver(parcel)
            raise KeyboardInterrupt  # the process ends between the file and the note of it

    made = await people(store, 3)
    stop = asyncio.Event()
    delivery = Delivery(store, platform, tables, CutOff(platform, settings), Inbox(tables, store))
    with pytest.raises(KeyboardInterrupt):
        await delivery._deliver(stop)
    (first,) = parcels_in(settings)
    before = first.read_bytes()
    await dies(store, made)  # more has come: it belongs into the next file
    async with delivering(store, platform, tables, Now(platform, settings)):
        await until(lambda: caught_up(log, platform))
    files = parcels_in(settings)
    assert [path.name for path in files] == ["population-000001.csv", "population-000002.csv"]
    assert files[0].read_bytes() == before, "whoever took the first one has the same"
    assert [len(rows_of(path)) for path in files] == [3, 3]


async def test_told_again_it_makes_further_files(
    log: PostgresLog, store: EventStore, tables: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.platforms.delivery._LOOK", 0.2)
    platform, settings = declared(FILES), installed(tmp_path, FILES)  # a minute between two files
    await people(store, 2)
    async with delivering(store, platform, tables, Files(platform, settings)):
        await until(lambda: caught_up(log, platform))
        await replay_from(log, settings, "population", 0)
        await until(lambda: len(parcels_in(settings)) == 2)
        await until(lambda: caught_up(log, platform))
    first, again = parcels_in(settings)
    assert (again.name, again.read_bytes()) == ("population-000002.csv", first.read_bytes())


async def test_a_folder_that_cannot_be_written_is_tried_again(
    log: PostgresLog, store: EventStore, tables: Tables, tmp_path: Path
) -> None:
    platform, settings = declared(FILES), installed(tmp_path, FILES)
    assert settings.platform_files is not None
    settings.platform_files.mkdir()
    blocked = settings.platform_files / "population"
    blocked.write_text("in the way")
    await people(store, 1)
    async with delivering(store, platform, tables, Now(platform, settings)):
        await until(lambda: failed(log, settings, tables, 1))
        (state,) = await standings(log, settings, tables)
        assert state.error.startswith("文件写不了")
        blocked.unlink()
        await until(lambda: caught_up(log, platform))
    assert len(parcels_in(settings)) == 1


FISCAL = """
name: fiscal
title: 区财政支付平台
division: "440704"
way: files
format: xlsx
events:
  assistance.PaymentIssued:
    type: 发放
    fields:
      batch_no: 批次号
      kind: {name: 类别, as: label}
      amount_fen: {name: 金额（元）, as: yuan}
    opened: {account: 账号}
    person: {name: 姓名, citizen_id: 公民身份号码}
    whose: payee_id
"""


async def test_a_workbook_has_amounts_as_numbers_and_names_never_as_formulas(
    log: PostgresLog, store: EventStore, tmp_path: Path
) -> None:
    (payee,) = await people(store, 1)
    payee.report_details(at(date(2015, 8, 1)), name="=HYPERLINK(1)", phone=None, address=None)
    payment = Payment.report_issued(
        uuid4(),
        at(date(2015, 12, 10)),
        case_id=uuid4(),
        household_id=uuid4(),
        payee_id=payee.id,
        kind=PaymentKind.REGULAR,
        month="2015-12",
        amount_fen=38_405,
        division_code="440704004209",
        account="6200000000000000001",
        batch_no="B1",
        fund_source="",
        effective_on=date(2015, 12, 10),
    )
    await store.save([payee, payment], Envelope(actor="经办", division="440704004209"))
    platform = read_platform(FISCAL, "fiscal.yaml")
    ring = KeyRing(log, FileMasterKey(bytes(32)))
    fresh = EventStore(log, EventCodec(ring), ring)
    messages = [each async for page in Shape(platform, fresh).between(0, await log.head()) for each in page]
    one = write_parcel(platform, messages, tmp_path / "a.xlsx", number=1)
    assert write_parcel(platform, messages, tmp_path / "b.xlsx", number=1).digest == one.digest, "the same content"
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert sheet is not None
    titles, line = ([cell.value for cell in row] for row in sheet.iter_rows())
    row = dict(zip(titles, line, strict=True))
    assert (row["姓名"], row["公民身份号码"]) == ("=HYPERLINK(1)", payee.citizen_id)
    assert sheet.cell(2, titles.index("姓名") + 1).data_type == "s"
    assert Decimal(str(row["金额（元）"])) == Decimal("384.05")
    assert (row["账号"], row["批次号"], row["类别"]) == ("6200000000000000001", "B1", PaymentKind.REGULAR.label)


async def test_a_snapshot_is_everything_so_far_and_where_to_go_on(
    log: PostgresLog, store: EventStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.platforms.snapshot._AT_ONCE", 4)
    monkeypatch.setattr("connectors.platforms.shape._PAGE", 3)
    platform = declared(FILES)
    await dies(store, await people(store, 5))
    made = await write_snapshot(store, platform, tmp_path / "all")
    assert (made.count, made.position, len(made.files)) == (10, await log.head(), 3)
    rows = [row for path in made.files for row in rows_of(path)]
    assert len({row["消息标识"] for row in rows}) == 10
    assert [row["上一条"] for row in rows] == ["0", *[row["日志位置"] for row in rows[:-1]]]
    nothing = await write_snapshot(store, read_platform(FISCAL, "f.yaml"), tmp_path / "none")
    assert (nothing.count, len(nothing.files)) == (0, 1), "an empty one says so too"


async def test_rows_of_an_exchange_table_are_there_once(
    log: PostgresLog,
    store: EventStore,
    tables: Tables,
    outside: "asyncpg.Connection[Any]",
    database_url: str,
    tmp_path: Path,
) -> None:
    platform, settings = exchanging(tmp_path, database_url)
    made = await people(store, 3)
    async with delivering(store, platform, tables, ExchangeTables(platform, settings)):
        await until(lambda: caught_up(log, platform))
    await outside.execute("UPDATE outside.jianghai_population SET state = 1")
    await replay_from(log, settings, "population", 0)
    async with delivering(store, platform, tables, ExchangeTables(platform, settings)):
        await dies(store, made)
        await until(lambda: caught_up(log, platform))
    rows = await outside.fetch("SELECT * FROM outside.jianghai_population ORDER BY sequence")
    assert [(row["type"], row["state"]) for row in rows] == [("迁移", 1)] * 3 + [("死亡", 0)] * 3
    assert [row["previous"] for row in rows] == [0, *[row["sequence"] for row in rows[:-1]]]
    assert (rows[-1]["死亡日期"], rows[-1]["姓名"]) == (date(2015, 12, 20), "幻某甲")
    assert rows[0]["迁移日期"] == date(2015, 6, 1)


async def test_a_column_that_is_declared_later_is_added(
    log: PostgresLog,
    store: EventStore,
    tables: Tables,
    outside: "asyncpg.Connection[Any]",
    database_url: str,
    tmp_path: Path,
) -> None:
    platform, settings = exchanging(tmp_path, database_url)
    before = replace(platform, events={"registry.DeathConfirmed": platform.events["registry.DeathConfirmed"]})
    made = await people(store, 1)
    await dies(store, made)
    async with delivering(store, before, tables, ExchangeTables(before, settings)):
        await until(lambda: caught_up(log, platform))
    await replay_from(log, settings, "population", 0)
    async with delivering(store, platform, tables, ExchangeTables(platform, settings)):
        await until(lambda: caught_up(log, platform))
    row, _ = await outside.fetch("SELECT * FROM outside.jianghai_population ORDER BY sequence")
    assert row["现区划"] == "440704004209"


async def test_a_database_that_is_away_is_told_by_its_kind_of_error_alone(
    log: PostgresLog,
    store: EventStore,
    tables: Tables,
    outside: "asyncpg.Connection[Any]",
    database_url: str,
    tmp_path: Path,
) -> None:
    platform, settings = exchanging(tmp_path, database_url)
    way = ExchangeTables(platform, settings)
    await outside.execute("CREATE TABLE outside.jianghai_population (sequence text PRIMARY KEY)")
    await people(store, 1)
    async with delivering(store, platform, tables, way):
        await until(lambda: failed(log, settings, tables, 1))
        (state,) = await standings(log, settings, tables)
        assert "幻某甲" not in state.error
        assert "990000" not in state.error
        await outside.execute("DROP TABLE outside.jianghai_population")
        await until(lambda: caught_up(log, platform))
    (tmp_path / "secrets" / "population.database").write_text("postgresql://nobody@127.0.0.1:1/x", encoding="utf-8")
    with pytest.raises(NotDelivered, match="ConnectionRefusedError"):
        await ExchangeTables(platform, settings).deliver(Parcel((), 0, 0))
    (tmp_path / "secrets" / "population.database").unlink()
    with pytest.raises(BadSetting, match="没有前置库地址"):
        ExchangeTables(platform, settings)
