"""Projections: keeping up live, rebuilding, and one view against the eventsourcing library's own way.

The log is made by the domain and the codec, personal fields sealed, in the order an import gives: population and
households, cases, then month after month of payments with what changes in between. Everything runs on one embedded
PostgreSQL with its safe durability settings; the log's generation is not timed.

The peer is what the library documents: a projection with a PostgreSQL tracking recorder, one transaction per event
that upserts the person's row and the tracking record, fed by the library's own application and subscription.
"""

import argparse
import asyncio
import multiprocessing
import random
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import asyncpg
import uvloop
from rich.console import Console
from rich.table import Table

from domain.assistance import Case, Payment
from domain.clock import at, next_month
from domain.codes import Cause, HouseholdKind, PaymentKind, Relation, Scheme, Sex, UrbanRural
from domain.kernel import Aggregate
from domain.registry import Household, Person
from infra.codec import Envelope, EventCodec
from infra.database import LOGIN, with_database, with_user
from infra.keys import FileMasterKey, KeyRing
from infra.local_postgres import LocalPostgres
from infra.log import PostgresLog
from infra.migrate import migrate
from infra.store import EventStore
from projections import PROJECTIONS, Projection, Registry
from projections.kernel.ddl import indexes
from projections.kernel.place import migrate_projections
from projections.kernel.rebuild import rebuild
from projections.kernel.runner import Runner
from projections.kernel.tables import view_of
from projections.registry import PersonRow

CODES = tuple(f"44070400{street}{community:03d}" for street in (1, 2, 4) for community in range(1, 22))
START = date(2014, 1, 1)
SECRET = bytes(32)
SOURCE = Envelope(actor="导入", role="administrator", org="区民政局", source="population")
CHUNK = 2000
SPLIT = (("timeline",), tuple(p.name for p in PROJECTIONS if p.name != "timeline"))
"""Projections of the two rebuilding processes: about the same work for each."""


class Persons(Projection):
    """The person view alone, for the comparison with the peer."""

    name = "persons"
    version = 1
    views = (PersonRow,)
    handlers: ClassVar[Any] = {
        cls: method
        for cls, method in Registry.handlers.items()
        if cls.TOPIC.startswith(("registry.Pers", "registry.De"))
    }


class District:
    """Makes events the way an import does; the same for a seed."""

    def __init__(self, seed: int = 1) -> None:
        self.random = random.Random(seed)
        self.people: list[Person] = []
        self.cases: list[Case] = []

    def id(self) -> UUID:
        """A new id."""
        return UUID(int=self.random.getrandbits(128), version=4)

    def person(self, division: str, born: date | None = None) -> Person:
        """A newcomer; born some day between 1930 and 2012 if not then."""
        number = len(self.people)
        made = Person.register(
            self.id(),
            at(START),
            name="陈" + chr(0x4E00 + number % 5000),
            division_code=division,
            citizen_id=f"990000{number:012d}",
            sex=Sex.FEMALE if number % 2 else Sex.MALE,
            birth_on=born or date(1930, 1, 1) + timedelta(days=number % 30_000),
            phone=f"138{number:08d}",
            address=f"建设路{number % 900}号",
        )
        self.people.append(made)
        return made

    def population(self, households: int) -> Iterator[Aggregate]:
        """Persons and the households they live in."""
        for number in range(households):
            division = self.random.choice(CODES)
            members = [self.person(division) for _ in range(self.random.choice((1, 2, 3, 3, 4)))]
            home = Household.form(
                self.id(),
                at(START),
                kind=HouseholdKind.CO_LIVING,
                household_no=f"H{number:08d}",
                division_code=division,
                address=f"建设路{number % 900}号",
                from_on=START,
            )
            for place, member in enumerate(members):
                relation = Relation.OTHER if place else Relation.HEAD
                home.report_member(at(START), person_id=member.id, relation=relation, effective_on=START)
            yield from members
            yield home
            if number % 12 == 0:
                yield self.case(home, members)

    def case(self, home: Household, members: list[Person]) -> Case:
        """A case in payment."""
        made = Case.apply_for(
            self.id(),
            at(START),
            scheme=Scheme.DIBAO,
            case_no=f"C{len(self.cases):07d}",
            household_id=home.id,
            applicant_id=members[0].id,
            member_ids=tuple(member.id for member in members),
            cause=Cause.ILLNESS,
            urban_rural=UrbanRural.URBAN,
            division_code=home.division_code,
            from_on=START,
        )
        made.report_account(at(START), account=f"622200{len(self.cases):010d}", bank="农信社")
        made.report_granted(at(START), monthly_fen=75_000, start_month="2014-02", monthly_income_fen=90_000)
        self.cases.append(made)
        return made

    def months(self) -> Iterator[Aggregate]:
        """Payments month after month without end, with what else happens in the district."""
        month = "2014-02"
        while True:
            on = date.fromisoformat(f"{month}-15")
            for case in self.cases:
                yield self.payment(case, month, on)
                if self.random.random() < 0.2:
                    yield self.change(self.random.choice(self.people), on)
            for case in self.random.sample(self.cases, len(self.cases) // 40):
                case.report_granted(at(on), monthly_fen=self.random.randrange(60_000, 90_000), start_month=month)
                yield case
            month = next_month(month)

    def change(self, person: Person, on: date) -> Person:
        """Something about a person, now and then reported late."""
        on -= timedelta(days=self.random.choice((0, 0, 0, 40)))
        match self.random.randrange(5):
            case 0 | 1:
                person.report_move(at(on), to_division_code=self.random.choice(CODES), moved_on=on)
            case 2 | 3:
                phone = f"139{self.random.randrange(10**8):08d}"
                person.report_details(at(on), name=None, phone=phone, address=None)
            case _:
                person.report_death(at(on), died_on=on, evidence="医院证明", confirmed_by="公安机关")
        return person

    def payment(self, case: Case, month: str, on: date) -> Payment:
        """What a case is paid."""
        return Payment.report_issued(
            self.id(),
            at(on),
            case_id=case.id,
            household_id=case.household_id,
            payee_id=case.applicant_id,
            kind=PaymentKind.REGULAR,
            month=month,
            amount_fen=case.monthly_fen,
            division_code=case.division_code,
            account="6222000000000001",
            batch_no=f"B{month}",
            fund_source="区财政",
            effective_on=on,
        )


async def fill_log(url: str, aggregates: Iterable[Aggregate], events: int) -> int:
    """Record about that many events; the head."""
    log = PostgresLog(url)
    ring = KeyRing(log, FileMasterKey(SECRET), capacity=10_000_000)
    store = EventStore(log, EventCodec(ring), ring)
    chunk: list[Aggregate] = []
    pending = head = 0
    try:
        for aggregate in aggregates:
            chunk.append(aggregate)
            pending += len(aggregate.pending_events)
            if pending >= min(CHUNK, events - head):
                await ring.preload(store.codec.pending_holders(chunk))
                head = (await store.append(store.prepare((a, SOURCE) for a in chunk))).last
                chunk, pending = [], 0
            if head >= events:
                break
        return head
    finally:
        await log.close()


async def settle(url: str) -> None:
    """Let the server finish with what was generated, which is not what is measured."""
    connection = await asyncpg.connect(url)
    await connection.execute("VACUUM (ANALYZE) log.event")
    await connection.execute("CHECKPOINT")
    await connection.close()


async def keep_up(url: str, projections: tuple[Projection, ...]) -> float:
    """Seconds for live projections, indexes, row security and all, to take the whole log."""
    log = PostgresLog(url)
    codec = EventCodec(KeyRing(log, FileMasterKey(SECRET)))
    started = time.perf_counter()
    await Runner(log, codec, url, projections).catch_up()
    took = time.perf_counter() - started
    await log.close()
    return took


async def rebuild_all(url: str, names: tuple[str, ...]) -> None:
    """One process's share of a rebuild."""
    log = PostgresLog(url)
    codec = EventCodec(KeyRing(log, FileMasterKey(SECRET)))
    await rebuild(log, codec, url, [p for p in PROJECTIONS if p.name in names])
    await log.close()


def _rebuild_process(url: str, names: tuple[str, ...]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(rebuild_all(url, names))


def rebuild_in_two(url: str) -> float:
    """Seconds to rebuild everything in two processes."""
    started = time.perf_counter()
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_rebuild_process, args=(url, names)) for names in SPLIT]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        if worker.exitcode:
            raise SystemExit("A rebuilding process failed.")
    return time.perf_counter() - started


def peer(url: str, events: int) -> float:
    """Events a second of the library's projection of the same view."""
    from eventsourcing.projection import ProjectionRunner

    application, aggregate = _peer_application()
    view, projection = _peer_view(aggregate)
    env = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": "stock",
        "POSTGRES_HOST": parse_qs(urlsplit(url).query)["host"][0],
        "POSTGRES_PORT": "5432",
        "POSTGRES_USER": "postgres",
        "POSTGRES_PASSWORD": "",
    }
    return _run_peer(application, projection, view, aggregate, env, events, ProjectionRunner)


def _peer_application() -> tuple[Any, Any]:
    from eventsourcing.application import Application
    from eventsourcing.domain import Aggregate as StockAggregate
    from eventsourcing.domain import event

    class Resident(StockAggregate):
        @event("Registered")
        def __init__(self, name: str, citizen_id: str, phone: str, address: str, birth: str, division: str) -> None:
            self.name, self.citizen_id, self.phone, self.address = name, citizen_id, phone, address
            self.birth, self.division = birth, division

        @event("Moved")
        def move(self, division: str) -> None:
            self.division = division

    class Residents(Application[UUID]):
        name = "residents"

    return Residents, Resident


def _peer_view(resident: Any) -> tuple[Any, Any]:
    from eventsourcing.persistence import Tracking
    from eventsourcing.postgres import PostgresTrackingRecorder
    from eventsourcing.projection import Projection as StockProjection
    from psycopg.sql import SQL

    class View(PostgresTrackingRecorder):
        def __init__(self, datastore: Any, **kwargs: Any) -> None:
            super().__init__(datastore, **kwargs)
            for statement in _peer_tables():
                self.sql_create_statements.append(SQL(statement))

        def write(self, statement: str, values: dict[str, Any], tracking: Tracking) -> None:
            with self.datastore.transaction(commit=True) as cursor:
                cursor.execute(statement, values, prepare=True)
                self._insert_tracking(cursor, tracking)

    class Registered(StockProjection[View]):
        topics = ()

        def process_event(self, domain_event: Any, tracking: Tracking) -> None:
            match domain_event:
                case resident.Registered():
                    self.view.write(
                        "INSERT INTO resident (id, name, citizen_id, phone, address, birth_on, division_code, sex, "
                        "kind, state, death_confirmed) VALUES (%(id)s, %(name)s, %(citizen_id)s, %(phone)s, "
                        "%(address)s, %(birth)s, %(division)s, '2', '10', 'verified', false) "
                        "ON CONFLICT (id) DO UPDATE SET name = excluded.name",
                        {"id": domain_event.originator_id, **vars(domain_event)},
                        tracking,
                    )
                case resident.Moved():
                    self.view.write(
                        "UPDATE resident SET division_code = %(division)s WHERE id = %(id)s",
                        {"id": domain_event.originator_id, "division": domain_event.division},
                        tracking,
                    )

    return View, Registered


def _peer_tables() -> Iterator[str]:
    """The person view's own columns and live indexes, without what only two times and scopes need."""
    view = view_of(PersonRow)
    columns = ", ".join(f"{column.name} {column.sql_type}" for column in view.columns)
    yield f"CREATE TABLE IF NOT EXISTS resident ({columns}, PRIMARY KEY (id))"
    for number, index in enumerate(indexes(view)):
        names = ", ".join("division_code" if name == "scope" else name for name in index)
        yield f"CREATE INDEX IF NOT EXISTS resident_{number} ON resident ({names})"


def _peer_process(url: str, events: int, answer: "multiprocessing.Queue[float]") -> None:
    answer.put(peer(url, events))


def peer_in_process(url: str, events: int) -> float:
    """The peer in a process of its own, as its classes can be made only once in one."""
    context = multiprocessing.get_context("spawn")
    answer: multiprocessing.Queue[float] = context.Queue()
    worker = context.Process(target=_peer_process, args=(url, events, answer))
    worker.start()
    worker.join()
    return answer.get(timeout=1)


def _run_peer(
    application: Any, projection: Any, view: Any, aggregate: Any, env: dict[str, str], events: int, runner: Any
) -> float:
    app = application(env=env)
    before = app.recorder.max_notification_id() or 0
    people = []
    for number in range(events * 2 // 3):
        person = aggregate("陈一", f"{number:018d}", "13800000000", "建设路1号", "1970-01-01", CODES[0])
        people.append(person)
        if number % 2:
            person.move(CODES[1])
    for start in range(0, len(people), 500):
        app.save(*people[start : start + 500])
    head = app.recorder.max_notification_id()
    started = time.perf_counter()
    with runner(application_class=application, projection_class=projection, view_class=view, env=env) as running:
        running.wait(head, timeout=600)
        took = time.perf_counter() - started
    app.close()
    return float((head - before) / took)


async def _databases(url: str) -> dict[str, str]:
    connection = await asyncpg.connect(url)
    for name in ("mixed", "people", "stock"):
        await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    found = {}
    for name in ("mixed", "people"):
        await migrate(with_database(url, name))
        admin = await asyncpg.connect(with_database(url, name))
        await migrate_projections(admin)
        await admin.close()
        found[name] = with_user(with_database(url, name), LOGIN)
    return found


def people_only(district: District, changes: int) -> Iterator[Aggregate]:
    """Persons, then changes of them: one in three events is a change."""
    for number in range(changes * 2):
        yield district.person(CODES[number % len(CODES)])
    on = START
    while True:
        on += timedelta(days=1)
        for person in district.random.sample(district.people, max(1, len(district.people) // 20)):
            changed = district.change(person, on)
            if changed.pending_events:
                yield changed


def mixed(district: District, events: int) -> Iterator[Aggregate]:
    """About half of the events population, the other half months of payments."""
    yield from district.population(events // 14)
    yield from district.months()


def one_view(
    runner: asyncio.Runner, url: str, stock_url: str, sizes: tuple[int, int, int]
) -> Iterator[tuple[float, float]]:
    """Rounds of ours and the peer's in turn, so that whatever else the machine does meets both."""
    people, stock, rounds = sizes
    views = [type("Persons", (Persons,), {"name": f"persons_{chr(97 + number)}"})() for number in range(rounds)]
    for view in views:
        runner.run(keep_up(url, (view,)))  # live tables before the first event
    head = runner.run(fill_log(url, people_only(District(2), people // 3), people))
    runner.run(settle(with_database(stock_url, "people")))
    for view in views:
        ours = head / runner.run(keep_up(url, (view,)))
        yield ours, peer_in_process(stock_url, stock)


def measure(events: int, people: int, stock: int, rounds: int) -> dict[str, Any]:
    """Everything, on one server."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="mzbench") as directory:
        server = LocalPostgres(Path(directory) / "pg")
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                urls = runner.run(_databases(server.url()))
                pairs = list(one_view(runner, urls["people"], server.url(), (people, stock, rounds)))
                found["one view, live"] = statistics.median(ours for ours, _ in pairs)
                found["library, one view"] = statistics.median(theirs for _, theirs in pairs)
                found["ratio"] = statistics.median(ours / theirs for ours, theirs in pairs)

                runner.run(keep_up(urls["mixed"], PROJECTIONS))
                head = runner.run(fill_log(urls["mixed"], mixed(District(), events), events))
                found["events"] = head
                runner.run(settle(with_database(server.url(), "mixed")))
                found["all views, live"] = head / runner.run(keep_up(urls["mixed"], PROJECTIONS))
                seconds = rebuild_in_two(urls["mixed"])
                found["rebuild seconds"] = seconds
                found["rebuild"] = head / seconds
        finally:
            server.stop()
    return found


def main(argv: list[str]) -> dict[str, Any]:
    """Measure, print the table, return the figures."""
    parser = argparse.ArgumentParser(prog="bench projections")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--stock", type=int, default=6000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(argv)
    found = measure(options.events, options.people, options.stock, options.rounds)
    table = Table("projections", "events/s", "note")
    table.add_row("all views, live", f"{found['all views, live']:,.0f}", f"{found['events']:,} events, one process")
    table.add_row("rebuild, all views", f"{found['rebuild']:,.0f}", f"{found['rebuild seconds']:.0f} s, two processes")
    table.add_row("one view, live", f"{found['one view, live']:,.0f}", f"{found['ratio']:.0f} × library")
    table.add_row("library, one view", f"{found['library, one view']:,.0f}", "one transaction per event")
    Console().print(table)
    return found


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
