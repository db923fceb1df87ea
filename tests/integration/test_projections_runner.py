"""The runner: kept up with the log, led by one process at a time, stopped by nothing but its own event."""

import asyncio
import os
import signal
import sys
from typing import Any, ClassVar

import asyncpg
import pytest

from domain.clock import at as instant
from domain.kernel import Event
from domain.registry import Person
from infra.database import connect
from infra.log import LogEvent
from projections import PROJECTIONS, Registry, Timeline
from projections.kernel.changes import Changes
from projections.kernel.place import live_of
from projections.kernel.rebuild import rebuild
from projections.kernel.verify import verify
from tests.integration.projections_support import ALL, DAY, SOUTH, World, eventful, person, world

__all__ = ["world"]


async def until(check: Any, seconds: float = 20) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(seconds):
        while not await check():  # noqa: ASYNC110  # of other processes and of the database no event tells
            await asyncio.sleep(0.05)


@pytest.mark.usefixtures("projected")
async def test_runs_behind_the_log_and_tells_readers(world: World) -> None:
    runner, stop = world.runner(), asyncio.Event()
    running = asyncio.create_task(runner.run(stop))
    heard: list[str] = []
    listener = await connect(world.url, "reader")
    await listener.add_listener("minzheng_projected", lambda *args: heard.append(args[3]))
    try:
        head = await eventful(world, 30)

        async def there() -> bool:
            positions = await runner.positions()
            return len(positions) == len(PROJECTIONS) and set(positions.values()) == {head}

        await until(there)
        await until(lambda: asyncio.sleep(0, f"timeline {head}" in heard))
    finally:
        stop.set()
        await running
        await listener.close()


async def test_one_of_two_runners_leads_and_the_other_takes_over(world: World) -> None:
    await eventful(world, 5)
    first, second = world.runner((Registry(),)), world.runner((Registry(),))
    stops = [asyncio.Event(), asyncio.Event()]
    tasks = [asyncio.create_task(runner.run(stop)) for runner, stop in zip((first, second), stops, strict=True)]
    try:

        async def leaders() -> int:
            return sum(len(runner._lanes) for runner in (first, second))

        await until(lambda: asyncio.sleep(0, False) if not (first._lanes or second._lanes) else asyncio.sleep(0, True))
        await asyncio.sleep(1.5)
        assert await leaders() == 1
        leading = 0 if first._lanes else 1
        stops[leading].set()
        await tasks[leading]
        other = (first, second)[1 - leading]
        head = await world.record(person(world))
        await until(lambda: _at(other, head))
    finally:
        for stop in stops:
            stop.set()
        await asyncio.gather(*tasks)


async def _at(runner: Any, position: int) -> bool:
    return (await runner.positions()).get("registry") == position


@pytest.mark.usefixtures("projected")
async def test_survives_a_killed_connection(world: World, admin_url: str) -> None:
    runner, stop = world.runner(), asyncio.Event()
    running = asyncio.create_task(runner.run(stop))
    admin = await asyncpg.connect(admin_url)
    try:
        await until(lambda: _at(runner, 0))
        for _ in range(3):
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'minzheng' "
                "AND datname = current_database() AND pid <> pg_backend_pid()"
            )
            head = await _record(world)
            await until(lambda head=head: _at(runner, head))
    finally:
        stop.set()
        await running
        await admin.close()


async def _record(world: World) -> int:
    one = person(world)
    while True:
        try:
            return await world.record(one)
        except Exception:  # the log's own connections were killed as well
            await asyncio.sleep(0.1)
            one = person(world)


_PROCESS = """
import asyncio, sys
from infra.codec import EventCodec
from infra.keys import FileMasterKey, KeyRing
from infra.log import PostgresLog
from projections import PROJECTIONS
from projections.kernel.runner import Runner

async def main():
    log = PostgresLog(sys.argv[1])
    codec = EventCodec(KeyRing(log, FileMasterKey(bytes(32))))
    print("ready", flush=True)
    await Runner(log, codec, sys.argv[1], PROJECTIONS, batch=int(sys.argv[2])).run(asyncio.Event())

asyncio.run(main())
"""


@pytest.mark.usefixtures("projected")
async def test_killed_at_any_moment_loses_and_repeats_nothing(world: World) -> None:
    await world.runner().catch_up()
    await eventful(world, 200)
    for delay in (0.02, 0.1, 0.2, 0.35, 0.5):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _PROCESS, world.url, "3", stdout=asyncio.subprocess.PIPE, cwd=os.getcwd()
        )
        assert process.stdout is not None
        await process.stdout.readline()
        await asyncio.sleep(delay)
        process.send_signal(signal.SIGKILL)
        await process.wait()
    await world.runner().catch_up()
    for result in await verify(world.log, world.fresh(), world.url, [Registry(), Timeline()]):
        assert (result.differing, result.position) == (0, await world.log.head())


class Squeamish(Registry):
    """Can't stand one event."""

    bad: ClassVar[int] = 0

    def apply(self, event: Event, at: LogEvent, to: Changes) -> None:
        if at.position == self.bad:
            raise ValueError("陈一 may not be told of")
        super().apply(event, at, to)


async def test_a_poison_event_stops_its_projection_and_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [person(world) for _ in range(6)]
    await world.record(*people)
    monkeypatch.setattr(Squeamish, "bad", 4)
    runner = world.runner((Squeamish(), Timeline()))
    await runner.catch_up()
    status = await runner.status()
    assert (status["timeline"].position, status["timeline"].state) == (6, "running")
    assert (status["registry"].position, status["registry"].state) == (3, "stopped")
    assert status["registry"].error == "position 4: ValueError"  # nothing of what the error quotes
    async with world.reader("4", areas=ALL) as reader:
        assert await reader.fetchval("SELECT count(*) FROM person") == 3
    await world.runner((Registry(), Timeline())).catch_up()  # a program that can
    status = await world.runner().status()
    assert (status["registry"].position, status["registry"].state, status["registry"].error) == (6, "running", "")


async def test_what_postgresql_refuses_is_poison_too(world: World) -> None:
    good, bad = person(world), person(world, name="陈\x00一")
    await world.runner((Registry(),)).catch_up()
    await world.record(good, person(world), bad, person(world))
    runner = world.runner((Registry(),))
    await runner.catch_up()
    status = (await runner.status())["registry"]
    assert (status.position, status.state) == (2, "stopped")
    assert status.error.startswith("position 3: ")


async def test_events_of_other_programs_on_the_log_are_passed_by(world: World) -> None:
    one = person(world)
    await world.record(one)
    from infra.log import Append, NewEvent

    await world.log.append(Append((NewEvent(world.id(), 1, "somewhere:Else", b"{}"),)))
    runner = world.runner()
    await runner.catch_up()
    assert set((await runner.positions()).values()) == {2}
    await world.log.append(Append((NewEvent(world.id(), 1, "registry.FromTheFuture", b"{}"),)))
    await runner.catch_up()
    stopped = {name for name, live in (await runner.status()).items() if live.state == "stopped"}
    assert stopped == {"registry", "timeline"}


class Next(Registry):
    """The registry of a later program."""

    version = Registry.version + 1


async def test_a_later_version_is_built_beside_and_switched_to(world: World) -> None:
    await eventful(world, 30)
    await world.runner((Registry(),)).catch_up()
    await world.runner((Next(),)).catch_up()
    connection = await connect(world.url, "projector")
    live = (await live_of(connection))["registry"]
    assert live.version == Next.version
    assert live.schema.startswith(f"read_registry_v{Next.version}_")
    assert await connection.fetchval("SELECT count(*) FROM read.schema WHERE state = 'retired'") == 1
    await connection.close()


async def test_erased_persons_are_erased_by_a_rebuild(world: World) -> None:
    one, other = person(world), person(world)
    await world.record(one, other)
    await world.runner((Registry(),)).catch_up()
    await world.log.destroy_key(one.id)
    (found,) = await verify(world.log, world.fresh(), world.url, [Registry()])
    assert found.differing == 1
    assert "name" in found.differences[0].columns
    await rebuild(world.log, world.fresh(), world.url, [Registry()])
    async with world.reader("4", areas=ALL) as reader:
        rows = dict(await reader.fetch("SELECT id, name FROM person"))
        assert rows == {one.id: "〔已删除〕", other.id: "陈一"}
    (found,) = await verify(world.log, world.fresh(), world.url, [Registry()])
    assert found.differing == 0


async def test_a_poison_log_still_gets_tables(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.record(*(person(world) for _ in range(3)))
    monkeypatch.setattr(Squeamish, "bad", 2)
    runner = world.runner((Squeamish(),))
    await runner.catch_up()
    assert (await runner.status())["registry"].position == 1


async def test_changes_after_the_catch_up_are_in_order(world: World) -> None:
    one = person(world)
    await world.record(one)
    runner = world.runner((Registry(),), batch=1)
    await runner.catch_up()
    one.report_move(instant(DAY), to_division_code=SOUTH, moved_on=DAY)
    one.report_details(instant(DAY), name="陈二", phone=None, address=None)
    await world.record(one)
    await runner.catch_up(2)
    assert await runner.positions() == {"registry": 2}
    await runner.catch_up()
    async with world.reader("4", areas=ALL) as reader:
        row = await reader.fetchrow("SELECT name, scope, from_pos FROM person")
        assert tuple(row or ()) == ("陈二", SOUTH, 3)
        versions = await reader.fetch("SELECT from_pos, until_pos FROM person_history ORDER BY from_pos")
        assert [tuple(version) for version in versions] == [(1, 2), (2, 3)]


assert Person
