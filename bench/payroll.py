"""A month's payroll of a district: 100,000 households drawn up, issued to committed events, and recalculated.

The log is made by the domain and the codec (personal fields sealed), and the projections have caught up, as they have
when a clerk prepares a payroll; neither is timed. Timed is what the clerk waits for (the command, its read of all
cases included), and what happens until the last payment stands committed in the log.

The peer is what an office without payrolls does: one command a household on the same platform, 32 callers at a time.
"""

import argparse
import asyncio
import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import uvloop
from rich.console import Console
from rich.table import Table

from api.platform import readers
from bench.projections import CHUNK, SECRET, SOURCE, District, settle
from domain.access import Actor, RoleCode
from domain.assistance import Case
from domain.assistance.amounts import compute
from domain.assistance.commands import AdoptStandard, IssuePayment
from domain.care import Benefit
from domain.care.benefits.amounts import Known, Refusal
from domain.care.benefits.amounts import compute as benefit_due
from domain.care.benefits.basis import Basis
from domain.clock import at, first_day
from domain.codes import (
    BenefitKind,
    CareLevel,
    DisabilityCategory,
    DisabilityGrade,
    FundSource,
    Guarantee,
    HouseholdKind,
    Scheme,
)
from domain.funds.commands import ApproveBudget, ApprovePayroll, CheckPayroll, PreparePayroll
from domain.funds.due import DueCases, plan
from domain.kernel import Aggregate
from domain.parameters import official_parameters
from domain.registry import Household
from domain.simulation import Change, Supported, changed, simulate
from infra.codec import EventCodec
from infra.database import LOGIN, with_database, with_user
from infra.dispatch import Dispatcher
from infra.issuing import Issuing
from infra.keys import FileMasterKey, KeyRing
from infra.local_postgres import LocalPostgres
from infra.log import PostgresLog
from infra.migrate import migrate
from infra.recalculation import Recalculation
from infra.store import EventStore
from infra.tasks import fewer_collections
from projections import PROJECTIONS
from projections.funds.due import due_reader
from projections.funds.simulation import supported_reader
from projections.funds.snapshot import snapshot
from projections.kernel.place import migrate_projections
from projections.kernel.runner import Runner

HANDS = tuple(Actor(name, RoleCode.FINANCE_OFFICER, "440704") for name in ("编制", "复核", "审批"))
CLERK = Actor("区经办", RoleCode.DISTRICT_CLERK, "440704")
TODAY = at(date(2015, 3, 10), 9)
MONTH = "2015-03"
WHAT_IF_MONTH = "2016-03"
"""In which the subsidies for the disabled are paid, which began with 2016."""
CHANGES = (
    *(("dibao.standard.rural", "600元"), ("dibao.standard.urban", "600元")),
    *(("benefits.old_age.80", "50元"), ("benefits.dis_nursing.amount", "300元")),
)
"""What is tried out: the standard, and other bands."""
_SEALED = Basis(
    guarantee=Guarantee.DIBAO,
    level=CareLevel.SEVERE,
    category=DisabilityCategory.LIMB,
    grade=DisabilityGrade.ONE,
)
ROUNDS = 3


def now() -> datetime:
    """The district's time."""
    return TODAY


def households(count: int) -> Iterator[Aggregate]:
    """Persons of co-living households with one case in payment each, by the rule's own amount."""
    district = District()
    for number in range(count):
        members = [district.person(f"44070400{(1, 2, 4)[number % 3]}{number % 21 + 1:03d}") for _ in range(2)]
        home = Household.form(
            district.id(),
            at(date(2014, 1, 1)),
            kind=HouseholdKind.CO_LIVING,
            household_no=f"H{number:08d}",
            division_code=members[0].division_code,
            address=None,
            from_on=date(2014, 1, 1),
        )
        yield from members
        case = district.case(home, members)
        _by_the_rule(case)
        yield case
        district.cases.clear()
        if number % 5 < 2:
            yield from benefit_of(district, number)


def benefit_of(district: District, number: int) -> Iterator[Aggregate]:
    """An old person with a benefit by the rule: two of them to five households, of every kind in turn."""
    kind = list(BenefitKind)[number // 2 % len(BenefitKind)]
    elder = district.person(
        f"44070400{(1, 2, 4)[number % 3]}{number % 21 + 1:03d}", born=date(1914 + number % 21, 5, 1)
    )
    known = Known(elder.division_code, elder.birth_on, True, _SEALED)
    due = benefit_due(kind, known, official_parameters(), WHAT_IF_MONTH)
    if isinstance(due, Refusal):
        raise ValueError(f"the rule gives no {kind.value}: {due.reason}")
    benefit = Benefit.apply_for(
        Benefit.id_for(elder.id, kind),
        at(date(2016, 1, 4)),
        person_id=elder.id,
        kind=kind,
        basis=_SEALED,
        applied_on=date(2016, 1, 4),
        division_code=elder.division_code,
    )
    benefit.report_paid(at(date(2016, 1, 4)), monthly_fen=due.amount_fen, start_month="2016-01")
    yield elder
    yield benefit


def _by_the_rule(case: Case) -> None:
    """Bring the case to this year's amount by the rule, as a year's recalculation would have."""
    basis = case.basis()
    assert basis is not None, "its income is known"
    due = compute(basis, official_parameters(), first_day("2015-01")).amount_fen
    case.report_granted(at(date(2015, 1, 1)), monthly_fen=due, start_month="2015-01")


async def fill(store: EventStore, count: int) -> int:
    """Record the district; the log's head."""
    chunk: list[Aggregate] = []
    head = pending = 0
    for aggregate in households(count):
        chunk.append(aggregate)
        pending += len(aggregate.pending_events)
        if pending >= CHUNK:
            await store.keyring.preload(store.codec.pending_holders(chunk))
            head = (await store.append(store.prepare((a, SOURCE) for a in chunk))).last
            chunk, pending = [], 0
    if chunk:
        head = (await store.save(chunk, SOURCE)).last
    return head


async def run(url: str, admin: str, count: int, alone: int) -> dict[str, Any]:
    """All figures for so many households, and `alone` single commands for the peer."""
    log = PostgresLog(url)
    ring = KeyRing(log, FileMasterKey(SECRET), capacity=4 * count)
    store = EventStore(log, EventCodec(ring), ring)
    dispatcher = Dispatcher(store, now, readers=readers(log, url))
    events = await fill(store, count)
    await settle(admin)
    await Runner(log, EventCodec(KeyRing(log, FileMasterKey(SECRET))), url, PROJECTIONS).catch_up()
    figures: dict[str, Any] = {"households": count, "logEvents": events}
    # The projections run beside it in a process of their own, as they do in production.
    projector = multiprocessing.get_context("spawn").Process(target=_project, args=(url,), daemon=True)
    projector.start()
    try:
        figures |= await _prepared(log, url)
        figures |= await _simulated(log, url)
        figures |= await _issued(store, dispatcher, url)
        figures |= await _alone(store, dispatcher, alone)
        figures["ratio"] = round(figures["paymentsPerSecond"] / figures["alonePerSecond"], 1)
        figures |= await _recalculated(store, dispatcher, url)
    finally:
        projector.terminate()
        projector.join()
        await log.close()
    return figures


def _project(url: str) -> None:
    async def forever() -> None:
        log = PostgresLog(url)
        codec = EventCodec(KeyRing(log, FileMasterKey(SECRET)))
        await Runner(log, codec, url, PROJECTIONS).run(asyncio.Event())

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(forever())


async def _prepared(log: PostgresLog, url: str) -> dict[str, Any]:
    """Seconds to read what is due and to draw the lines up, best to worst of three rounds."""
    wish = DueCases(scheme=Scheme.DIBAO, months=(MONTH,), division_code="440704")
    read, drawn = [], []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        with fewer_collections():
            table = await due_reader(log, url)(wish)
        read.append(time.perf_counter() - started)
        started = time.perf_counter()
        with fewer_collections():
            made = plan(table, Scheme.DIBAO, official_parameters())
        drawn.append(time.perf_counter() - started)
    return {
        "lines": len(made.lines),
        "readSeconds": [round(s, 2) for s in sorted(read)],
        "planSeconds": [round(s, 2) for s in sorted(drawn)],
    }


async def _simulated(log: PostgresLog, url: str) -> dict[str, Any]:
    """Seconds from the question what other standards and bands would do, to its answer, best to worst of three."""
    changes = tuple(Change(code, value) for code, value in CHANGES)
    took = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        parameters = official_parameters()
        versions = changed(parameters, changes, WHAT_IF_MONTH, "440704")
        table = await supported_reader(log, url)(Supported(month=WHAT_IF_MONTH, division_code="440704"))
        result = simulate(table, parameters, versions, WHAT_IF_MONTH)
        took.append(time.perf_counter() - started)
    return {
        "simulated": sum(line.households for line in result.lines if line.scheme is Scheme.DIBAO),
        "simulatedBenefits": sum(line.households for line in result.lines if line.scheme is not Scheme.DIBAO),
        "simulatedUnknown": sum(line.unknown for line in result.lines),
        "simulateSeconds": [round(seconds, 2) for seconds in sorted(took)],
    }


async def _issued(store: EventStore, dispatcher: Dispatcher, url: str) -> dict[str, Any]:
    budget = await _budget(dispatcher)
    started = time.perf_counter()
    prepare = PreparePayroll(scheme=Scheme.DIBAO, month=MONTH, budget_id=budget, division_code="440704")
    payroll = (await dispatcher.dispatch(prepare, HANDS[0])).ids[0]
    prepared = time.perf_counter() - started
    await caught_up(store.log, url)
    started = time.perf_counter()
    await dispatcher.dispatch(CheckPayroll(payroll_id=payroll), HANDS[1])
    await dispatcher.dispatch(ApprovePayroll(payroll_id=payroll), HANDS[2])
    decided = time.perf_counter() - started
    await caught_up(store.log, url)  # between two people's steps lie minutes
    # Issuing starts from nothing in memory, as the process that does it may.
    ring = KeyRing(store.log, FileMasterKey(SECRET))
    issuing = Issuing(EventStore(store.log, EventCodec(ring), ring), now, due_reader(store.log, url))
    started = time.perf_counter()
    (count,) = (await issuing.run_pending()).values()
    took = time.perf_counter() - started
    return {
        "prepareSeconds": round(prepared, 2),
        "checkAndApproveSeconds": round(decided, 2),
        "issueSeconds": round(took, 2),
        "issued": count,
        "paymentsPerSecond": round(count / took),
    }


async def caught_up(log: PostgresLog, url: str) -> None:
    """Return when the read models stand at the log's head."""
    async with snapshot(log, url, "440704"):
        return


async def _budget(dispatcher: Dispatcher) -> UUID:
    command = ApproveBudget(
        year=2015,
        source=FundSource.DISTRICT,
        scheme=Scheme.DIBAO,
        amount_fen=10**12,
        legal_basis="年度预算",
        division_code="440704",
    )
    return (await dispatcher.dispatch(command, HANDS[0])).ids[0]


async def _alone(store: EventStore, dispatcher: Dispatcher, count: int) -> dict[str, Any]:
    """Payments a second by one command each, for the month before, by 32 callers."""
    rows = await store.log.tagged(f"scheme:{Scheme.DIBAO.value}", limit=count)
    waiting = [row.stream_id for row in rows if row.topic == Case.Created.TOPIC]

    async def caller() -> None:
        while waiting:
            command = IssuePayment(case_id=waiting.pop(), month="2015-02", batch_no="单笔", fund_source="区财政")
            await dispatcher.dispatch(command, CLERK)

    started, whole = time.perf_counter(), len(waiting)
    await asyncio.gather(*(caller() for _ in range(32)))
    return {"alonePerSecond": round(whole / (time.perf_counter() - started))}


async def _recalculated(store: EventStore, dispatcher: Dispatcher, url: str) -> dict[str, Any]:
    """Seconds for a raised standard to reach every case."""
    command = AdoptStandard(
        param_code="dibao.standard.urban",
        value=60_000,
        division_code="440704",
        from_on=date(2015, 4, 1),
        basis="江海民〔2015〕1号",
    )
    await dispatcher.dispatch(command, CLERK)
    ring = KeyRing(store.log, FileMasterKey(SECRET))
    await caught_up(store.log, url)
    started = time.perf_counter()
    recalculation = Recalculation(EventStore(store.log, EventCodec(ring), ring), now, due_reader(store.log, url))
    (outcomes,) = (await recalculation.run_pending()).values()
    took = time.perf_counter() - started
    return {
        "recalculated": {outcome.value: number for outcome, number in outcomes.items()},
        "recalculateSeconds": round(took, 2),
        "recalculatedPerSecond": round(outcomes.total() / took),
    }


def main(arguments: list[str]) -> dict[str, Any]:
    """Measure and print; the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=100_000)
    parser.add_argument("--alone", type=int, default=1_000, help="single commands of the peer")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="minzheng-payroll-") as folder:
        server = LocalPostgres(Path(folder))
        try:
            admin = server.url()
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_schema(admin))
                url = with_user(with_database(admin, "postgres"), LOGIN)
                figures = runner.run(run(url, admin, options.households, options.alone))
        finally:
            server.stop()
    table = Table("", "", title="Payroll")
    for name, value in figures.items():
        table.add_row(name, str(value))
    Console().print(table)
    return figures


async def _schema(admin: str) -> None:
    import asyncpg

    await migrate(admin)
    connection = await asyncpg.connect(admin)
    await migrate_projections(connection)
    await connection.close()
