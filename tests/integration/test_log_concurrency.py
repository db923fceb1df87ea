"""Many processes write, a tailer misses nothing; the server is killed under load, nothing acknowledged is lost."""

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psutil
import pytest

from domain.errors import Unavailable
from infra.database import LOGIN, with_database, with_user
from infra.local_postgres import LocalPostgres
from infra.log import Append, PostgresLog
from infra.migrate import migrate
from tests.fixtures.log_items import event, said
from tests.fixtures.writer import write


async def tailed(log: PostgresLog, enough: asyncio.Future[int]) -> list[tuple[int, UUID]]:
    """What a tailer sees until it has reached the position that `enough` names."""
    seen: list[tuple[int, UUID]] = []
    async for batch in log.tail(0, limit=500):
        seen.extend((e.position, e.stream_id) for e in batch)
        if enough.done() and seen[-1][0] >= enough.result():
            return seen
    return seen


async def test_many_processes_write_and_a_tailer_misses_nothing(log: PostgresLog, database_url: str) -> None:
    enough: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    tailer = asyncio.create_task(tailed(log, enough))
    writers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.fixtures.writer", database_url, "20", "2", stdout=asyncio.subprocess.PIPE
        )
        for _ in range(4)
    ]
    outputs = await asyncio.gather(*(writer.communicate() for writer in writers))
    acknowledged = {
        int(p): UUID(s) for out, _ in outputs for p, s in (line.split() for line in out.decode().splitlines())
    }
    enough.set_result(await log.head() + 1)
    await log.append(Append((event(uuid4(), 1),)))  # the tailer looks up at each batch: this is its last
    seen = await asyncio.wait_for(tailer, 10)
    assert len(acknowledged) > 100
    assert [position for position, _ in seen] == list(range(1, enough.result() + 1))
    streams = dict(seen)
    assert all(streams[position] == streams[position + 1] == stream for position, stream in acknowledged.items())
    assert enough.result() == 2 * len(acknowledged) + 1


@pytest.fixture
def own_server() -> Iterator[LocalPostgres]:
    """A server that this test alone may kill."""
    with tempfile.TemporaryDirectory(prefix="mz") as directory:
        server = LocalPostgres(Path(directory) / "pg")
        yield server
        server.stop()


def kill(server: LocalPostgres) -> None:
    """SIGKILL to the postmaster; its children notice, drop everything and go."""
    postmaster = psutil.Process(server.get_pid())
    family = [*postmaster.children(recursive=True), postmaster]
    postmaster.kill()
    psutil.wait_procs(family[:-1], timeout=10)
    # Whoever adopted the dead postmaster may not have buried it yet; its file would pass for a running server.
    (server.pgdata / "postmaster.pid").unlink(missing_ok=True)


async def test_killing_the_server_loses_nothing_acknowledged(own_server: LocalPostgres) -> None:
    await migrate(own_server.url())
    url = with_user(with_database(own_server.url(), "postgres"), LOGIN)
    log = PostgresLog(url)
    enough: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    tailer = asyncio.create_task(tailed(log, enough))
    writing = asyncio.create_task(write(url, 40, 5))
    for _ in range(2):
        await asyncio.sleep(1)
        await asyncio.to_thread(kill, own_server)
        await asyncio.to_thread(own_server.ensure_postgres_running)
    acknowledged = await asyncio.wait_for(writing, 30)
    head = await log.head() + 1
    enough.set_result(head)
    await log.append(Append((event(uuid4(), 1),)))
    seen = await asyncio.wait_for(tailer, 10)
    assert [position for position, _ in seen] == list(range(1, head + 1))
    assert len(acknowledged) > 100
    streams = dict(seen)
    assert all(streams[position] == UUID(stream) for position, stream in acknowledged)
    await log.close()


async def test_callers_hear_that_the_server_is_away_and_the_appender_recovers(own_server: LocalPostgres) -> None:
    await migrate(own_server.url())
    log = PostgresLog(with_user(own_server.url(), LOGIN))
    stream = uuid4()
    await log.append(Append((event(stream, 1),), (said("1"),)))
    await asyncio.to_thread(kill, own_server)
    outcomes = await asyncio.gather(
        *(log.append(Append((event(uuid4(), 1),))) for _ in range(50)), return_exceptions=True
    )
    assert {type(o) for o in outcomes} == {Unavailable}
    with pytest.raises(Unavailable):
        await log.head()
    await asyncio.to_thread(own_server.ensure_postgres_running)
    appended = await log.append(Append((event(stream, 2),), (said("2"),)))
    assert (appended.first, await log.head()) == (2, 2)
    await log.close()


async def test_an_open_outcome_may_be_tried_again(own_server: LocalPostgres) -> None:
    """Whatever had become of an append when the server died: with a source message, repeating it is safe."""
    await migrate(own_server.url())
    log = PostgresLog(with_user(own_server.url(), LOGIN))
    items = [Append((event(uuid4(), 1),), (said(str(n), record=str(n)),)) for n in range(400)]

    async def insist(item: Append) -> None:
        for _ in range(200):
            try:
                await log.append(item)
                return
            except Unavailable:
                await asyncio.sleep(0.1)
        raise AssertionError("never written")

    async def trickle() -> None:
        async with asyncio.TaskGroup() as group:
            for item in items:
                group.create_task(insist(item))
                await asyncio.sleep(0.002)

    writing = asyncio.create_task(trickle())
    await asyncio.sleep(0.4)
    await asyncio.to_thread(kill, own_server)
    await asyncio.to_thread(own_server.ensure_postgres_running)
    await asyncio.wait_for(writing, 30)
    rows = await log.read(0, 1000)
    assert sorted(row.stream_id for row in rows) == sorted(item.events[0].stream_id for item in items)
    assert [row.position for row in rows] == list(range(1, 401))
    await log.close()


async def test_large_items_go_in_whole(log: PostgresLog) -> None:
    streams = [uuid4() for _ in range(1000)]
    item = Append(tuple(event(s, v, tags=(f"person:{s}",)) for v in range(1, 8) for s in streams))
    began = time.monotonic()
    appended = await log.append(item)
    took = time.monotonic() - began
    assert (appended.first, appended.last) == (1, 7000)
    assert took < 7, "an import sends items of this size"
    found = await log.streams(streams)
    assert all([e.version for e in rows] == list(range(1, 8)) for rows in found.values())


async def test_a_caller_that_gives_up_disturbs_nobody(log: PostgresLog) -> None:
    waiting = [asyncio.create_task(log.append(Append((event(uuid4(), 1),)))) for _ in range(50)]
    await asyncio.sleep(0)
    for task in waiting[::2]:
        task.cancel()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert sum(isinstance(o, asyncio.CancelledError) for o in outcomes) == 25
    written = [o.first for o in outcomes if not isinstance(o, BaseException)]
    assert len(set(written)) == 25
    assert await log.head() >= 25
    assert (await log.append(Append((event(uuid4(), 1),)))).first == await log.head()
