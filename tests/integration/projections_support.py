"""A small district's events, made by the domain and recorded in a real log, and its read models."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from domain.access import Area, RoleCode
from domain.assistance import Case, Document, EconVerification, Notice, Payment
from domain.assistance.notices import Terms
from domain.assistance.verification_record import Answer
from domain.clock import at as instant
from domain.clock import next_month
from domain.codes import (
    Cause,
    CloseReason,
    DocumentKind,
    EconResult,
    EconSource,
    FindingRule,
    HouseholdKind,
    MediaType,
    NoticeKind,
    Opinion,
    PaymentKind,
    ProcessCode,
    Relation,
    Scheme,
    ServiceMethod,
    Sex,
    UrbanRural,
    VisitFinding,
    WorkStep,
)
from domain.findings import Finding
from domain.kernel import Aggregate
from domain.processes import Duty
from domain.registry import Division, Household, Person
from infra.codec import Envelope, EventCodec
from infra.database import connect
from infra.keys import FileMasterKey, KeyRing
from infra.log import PostgresLog
from infra.store import EventStore
from projections import PROJECTIONS
from projections.kernel.changes import Projection
from projections.kernel.place import live_search_path, migrate_projections
from projections.kernel.runner import Runner
from tests.integration.benefits_support import cared_for
from tests.integration.beside_support import beside
from tests.integration.care_support import cared
from tests.integration.grid_support import fresh, gridded
from tests.integration.medical_support import hospital, medical
from tests.integration.money_support import budget, payroll
from tests.integration.relief_support import relief
from tests.integration.sampling_support import granted, sampled
from tests.integration.services_support import governance, services

NORTH, SOUTH = "440704001001", "440704002001"
DAY = date(2014, 1, 1)
SOURCE = Envelope(actor="导入", role="administrator", org="区民政局", source="assistance")
CLERK = Envelope(actor="张三", role="district_clerk", org="区民政局")


@dataclass
class World:
    """A log with read models; `random` makes ids and choices, the same for the same seed."""

    log: PostgresLog
    url: str
    keyring: KeyRing
    codec: EventCodec
    store: EventStore
    random: random.Random

    def id(self) -> UUID:
        """A new id."""
        return UUID(int=self.random.getrandbits(128), version=4)

    async def record(self, *aggregates: Aggregate, envelope: Envelope = SOURCE) -> int:
        """Append what the aggregates have pending; the last position."""
        return (await self.store.save(aggregates, envelope)).last

    def runner(self, projections: tuple[Projection, ...] = PROJECTIONS, batch: int = 5000) -> Runner:
        """A runner of projections."""
        return Runner(self.log, self.codec, self.url, projections, batch=batch)

    def fresh(self) -> "EventCodec":
        """A codec with a key ring of its own, as another process has."""
        return EventCodec(KeyRing(self.log, FileMasterKey(bytes(32))))

    @asynccontextmanager
    async def reader(self, lo: str = "", hi: str = "", areas: str = "") -> AsyncIterator["asyncpg.Connection[Any]"]:
        """A reader's connection under a scope; without one nothing is set."""
        connection = await connect(self.url, "reader")
        try:
            await connection.execute("SELECT set_config('search_path', $1, false)", await live_search_path(connection))
            if lo:
                for name, value in (("lo", lo), ("hi", hi or f"{lo}:"), ("areas", areas)):
                    await connection.execute("SELECT set_config($1, $2, false)", f"minzheng.{name}", value)
            yield connection
        finally:
            await connection.close()


ALL = ",".join(Area)


async def empty_tables(url: str, admin_url: str) -> None:
    """Make the read models' tables in a database whose log is empty."""
    await _migrate(admin_url)
    log = PostgresLog(url)
    try:
        await Runner(log, EventCodec(KeyRing(log, FileMasterKey(bytes(32)))), url, PROJECTIONS).catch_up()
    finally:
        await log.close()


async def _migrate(admin_url: str) -> None:
    admin = await asyncpg.connect(admin_url)
    try:
        await migrate_projections(admin)
        await migrate_projections(admin)  # may be repeated
    finally:
        await admin.close()


@pytest.fixture
async def world(log: PostgresLog, database_url: str, admin_url: str) -> World:
    """An empty district."""
    await _migrate(admin_url)
    keyring = KeyRing(log, FileMasterKey(bytes(32)))
    codec = EventCodec(keyring)
    return World(log, database_url, keyring, codec, EventStore(log, codec, keyring), random.Random(1))


def person(world: World, division: str = NORTH, name: str = "陈一", when: datetime | None = None) -> Person:
    """A registered person."""
    return Person.register(
        world.id(),
        when or instant(DAY),
        name=name,
        division_code=division,
        citizen_id=f"990000{world.random.randrange(10**12):012d}",
        sex=Sex.FEMALE,
        birth_on=date(1970, 1, 1),
        phone="13800000000",
        address="北街1号",
    )


def household(world: World, *members: Person, division: str = NORTH, on: date = DAY) -> Household:
    """A co-living household of these persons, the first its head."""
    made = Household.form(
        world.id(),
        instant(on),
        kind=HouseholdKind.CO_LIVING,
        household_no=f"H{world.random.randrange(10**6):06d}",
        division_code=division,
        address="北街1号",
        from_on=on,
    )
    for number, member in enumerate(members):
        relation = Relation.SPOUSE if number else Relation.HEAD
        made.report_member(instant(on), person_id=member.id, relation=relation, effective_on=on)
    return made


def case(world: World, home: Household, *members: Person, on: date = DAY, monthly_fen: int = 75_000) -> Case:
    """A dibao case that is being paid."""
    made = Case.apply_for(
        world.id(),
        instant(on),
        scheme=Scheme.DIBAO,
        case_no=f"C{world.random.randrange(10**6):06d}",
        household_id=home.id,
        applicant_id=members[0].id,
        member_ids=tuple(member.id for member in members),
        cause=Cause.ILLNESS,
        urban_rural=UrbanRural.URBAN,
        division_code=home.division_code,
        from_on=on,
    )
    made.report_account(instant(on), account="6222000000000001", bank="农信社")
    made.report_granted(
        instant(on + timedelta(days=10)), monthly_fen=monthly_fen, start_month=next_month(f"{on:%Y-%m}")
    )
    return made


def payment(world: World, of: Case, month: str, amount_fen: int = 75_000) -> Payment:
    """A month's payment."""
    paid = date.fromisoformat(f"{month}-10")
    return Payment.report_issued(
        world.id(),
        instant(paid),
        case_id=of.id,
        household_id=of.household_id,
        payee_id=of.applicant_id,
        kind=PaymentKind.REGULAR,
        month=month,
        amount_fen=amount_fen,
        division_code=of.division_code,
        account="6222000000000001",
        batch_no=f"B{month}",
        fund_source="区财政",
        effective_on=paid,
    )


def verification(of: Case, *members: Person) -> EconVerification:
    """A verification of a case's household: authorised by its members, its bank asked, which has answered."""
    now, ids = instant(of.applied_on or DAY), tuple(member.id for member in members)
    made = EconVerification.open(
        now,
        case_id=of.id,
        household_id=of.household_id,
        division_code=of.division_code,
        member_ids=ids,
        earlier=(),
        by="甲",
        authorise_by=now.date(),
    )
    ends = now.date() + timedelta(days=30)
    for id in ids:
        made.sign(now, person_id=id, household=ids, signed_on=now.date(), valid_to=ends, send_by=ends)
    source, days = EconSource.BANK, {"answer_by": ends, "report_by": ends}
    made.send(now, sources=(source,), adults=ids, purpose="审核", by="甲", **days)
    said = Answer(None, EconResult.FOUND, 100, "存折")
    made.answer(now, source=source, said=said, answered_on=now.date())
    return made


def division(world: World, code: str, name: str) -> Division:
    """A division."""
    return Division.open(
        world.id(), instant(DAY), code=code, name=name, parent_code=code[:9], kind="community", from_on=DAY
    )


def papers(world: World, of: Case, on: date = DAY) -> tuple[Document, Notice]:
    """A paper of a case that was taken back, and a notice that was served."""
    scan = Document.attach(
        world.id(),
        instant(on),
        case=of,
        kind=DocumentKind.INCOME,
        media_type=MediaType.PDF,
        size=1200,
        sha256="aa",
        sealed_sha256="bb",
        file_name="收入.pdf",
    )
    scan.withdraw(instant(on), case=of, reason="重传")
    letter = Notice.create(
        Notice.Created,
        id=world.id(),
        at=instant(on),
        case_id=of.id,
        household_id=of.household_id,
        kind=NoticeKind.CONFIRMATION,
        notice_no=f"救确{world.random.randrange(10**6)}号",
        rests_on=3,
        recipient_id=of.applicant_id,
        recipient_version=1,
        template=1,
        terms=Terms("某局", "某局", "某法第一条"),
        html_sha256="cc",
        issued_on=on,
        serve_by=on + timedelta(days=3),
        queue_by=on + timedelta(days=3),
        division_code=of.division_code,
    )
    service = {"method": ServiceMethod.DIRECT, "proof": "签收", "served_on": on, "public_days": 60}
    letter.serve(instant(on), case=of, **service)  # type: ignore[arg-type]
    return scan, letter


def duties(people: list[Person]) -> list[Duty]:
    """One that is done, one no longer needed, one that moved along, one that lapsed, one that waits."""
    made = [
        Duty.ask(
            instant(DAY),
            process=ProcessCode.DEATH_REPORTED,
            trigger=f"{one.id}@1",
            position=1,
            subject=f"person:{one.id}",
            area=Area.REGISTRY,
            role=RoleCode.STREET_OFFICER,
            division_code=NORTH,
            task="核实上报的死亡",
            due_at=instant(DAY + timedelta(days=3)),
            person_id=one.id,
        )
        for one in people[:5]
    ]
    later = instant(DAY + timedelta(days=5))
    made[0].complete(later, result="属实")
    made[1].drop(later, reason="已撤销")
    made[2].follow(later, division_code=SOUTH)
    made[3].lapse(later)
    return made


async def eventful(world: World, steps: int) -> int:
    """A district in which much happens, in and out of business order; the last position."""
    chance = world.random
    people = [person(world, chance.choice((NORTH, SOUTH)), f"人{n}") for n in range(6)]
    homes = [household(world, *people[i : i + 2], division=people[i].division_code) for i in (0, 2, 4)]
    cases = [case(world, home, *people[2 * i : 2 * i + 2]) for i, home in enumerate(homes)]
    await world.record(division(world, NORTH, "北社区"), division(world, SOUTH, "南社区"))
    checks = [verification(one, *people[2 * i : 2 * i + 2]) for i, one in enumerate(cases)]
    await world.record(*people, *homes, *cases, *checks)
    await world.record(*(paper for one in cases for paper in papers(world, one)))
    last = await world.record(*sampled(cases, DAY), *granted(DAY), envelope=CLERK)
    last = await world.record(
        *cared(random.Random(2), people, DAY),
        *cared(random.Random(5), people, DAY + timedelta(days=40)),
        envelope=CLERK,
    )
    place = hospital(DAY)
    last = await world.record(place)
    for number, someone in enumerate(people):
        when = DAY + timedelta(days=31 * number)
        last = await world.record(*medical(chance, when, place, someone, f"J{number}"))
    last = await world.record(*duties(people), envelope=CLERK)
    last = await world.record(*gridded(fresh(), people, DAY), envelope=CLERK)
    for number in range(4):
        last = await world.record(*relief(world.id, chance, people, DAY + timedelta(days=9 * number)), envelope=CLERK)
    payments: list[Payment] = []
    for _ in range(steps):
        on = DAY + timedelta(days=chance.randrange(600))
        changed = _happens(world, chance, on, (people, homes, cases), payments)
        if changed is not None and changed.pending_events:
            last = await world.record(changed, envelope=chance.choice((SOURCE, CLERK)))
    last = max(last, await _cared_for(world, random.Random(steps), people, steps // 4))
    for number in range(steps // 10):
        when = instant(DAY + timedelta(days=30 * number))
        money = budget(when, number)
        last = await world.record(money, *payroll(chance, when, cases, money, f"批次{number}"), envelope=CLERK)
        there, day = chance.choice((NORTH, SOUTH)), when.date()
        last = await world.record(*services(world.id, chance, day, number, there), envelope=CLERK)
        done = governance(world.id, chance, day, number, (NORTH, SOUTH)[number % 2], people[number % 6].id)
        last = await world.record(*done, envelope=CLERK)
    return last


async def _cared_for(world: World, chance: random.Random, people: list[Person], steps: int) -> int:
    """Benefits and certificates of these people; the last position."""
    last, known = 0, set[UUID]()
    for _ in range(steps):
        on, someone = DAY + timedelta(days=chance.randrange(600)), chance.choice(people)
        account = f"62{chance.randrange(99)}"
        someone.report_account(instant(on), account=account, account_name=chance.choice((None, "陈二")), bank="某行")
        id = UUID(int=chance.getrandbits(128), version=4)
        made = [each for each in cared_for(id, chance, someone, on) if each.id not in known]
        known |= {each.id for each in made}
        last = await world.record(someone, *made, envelope=chance.choice((SOURCE, CLERK)))
    return last


def _happens(
    world: World,
    chance: random.Random,
    on: date,
    subjects: tuple[list[Person], list[Household], list[Case]],
    payments: list[Payment],
) -> Aggregate | None:
    people, homes, cases = subjects
    someone, home, one = chance.choice(people), chance.choice(homes), chance.choice(cases)
    when, there = instant(on), chance.choice((NORTH, SOUTH))
    match chance.randrange(24):
        case 0 | 1:
            someone.report_move(when, to_division_code=there, moved_on=on)
        case 2:
            someone.report_details(
                when, name=f"改{chance.randrange(9)}", phone=chance.choice(("139", "")), address=None
            )
        case 3:
            someone.report_death(when, died_on=on, evidence="村委证明", confirmed_by=chance.choice(("", "公安")))
        case 4:
            someone.report_death_reversed(when, reason="误报")
        case 5:
            someone.report_moved_out(when, to_place="外地", moved_on=on)
        case 6:
            someone.report_move_reversed(when, from_on=on)
        case 7:
            home.report_relocated(when, division_code=there, address="新址", moved_on=on)
        case 8:
            home.report_member(when, person_id=someone.id, relation=Relation.OTHER, effective_on=on)
        case 9:
            home.report_member_left(when, person_id=someone.id, reason="迁出", effective_on=on)
        case 10:
            return _changed_case(chance, one, when, on)
        case 11:
            members = tuple(p.id for p in chance.sample(people, 2))
            one.report_members(when, member_ids=members, from_on=on, reason="变化")
        case 12:
            one.report_moved(when, to_division_code=there, moved_on=on)
        case 13:
            return _finding(world, one, on)
        case 14 | 15 if payments:
            return _changed_payment(chance, chance.choice(payments), when, on)
        case 17 | 18 | 19:
            return _on_its_way(world, chance, home, someone, on)
        case 21 | 22 | 23:
            return beside(world.id(), chance, one, on)
        case 16 if chance.randrange(6) == 0:
            home.report_dissolved(when, from_on=on)
        case _:
            payments.append(payment(world, one, f"{on:%Y-%m}", chance.randrange(50_000, 90_000)))
            return payments[-1]
    return next((a for a in (someone, home, one) if a.pending_events), None)


def _changed_payment(chance: random.Random, paid: Payment, when: datetime, on: date) -> Payment:
    if chance.randrange(2):
        paid.report_amount(when, amount_fen=chance.randrange(50_000, 90_000), reason="更正")
    else:
        paid.report_returned(when, reason="账户错误", effective_on=on)
    return paid


def _changed_case(chance: random.Random, one: Case, when: datetime, on: date) -> Case:
    match chance.randrange(4):
        case 0:
            one.report_granted(when, monthly_fen=chance.randrange(60_000, 80_000), start_month=f"{on:%Y-%m}")
        case 1:
            one.report_suspended(when, reason="复核", from_on=on)
        case 2:
            one.report_resumed(when, reason="复核通过", from_on=on)
        case _:
            one.report_closed(when, reason=CloseReason.VOLUNTARY, end_month=f"{on:%Y-%m}")
    return one


def _on_its_way(world: World, chance: random.Random, home: Household, someone: Person, on: date) -> Case:
    """A case that somebody applied for on the platform, some steps further."""
    made = Case.apply_for(
        world.id(),
        instant(on),
        scheme=Scheme.DIBAO,
        case_no=f"D{world.random.randrange(10**6):06d}",
        household_id=home.id,
        applicant_id=someone.id,
        member_ids=(someone.id,),
        cause=Cause.ILLNESS,
        urban_rural=UrbanRural.URBAN,
        division_code=home.division_code,
        from_on=on,
        accept_by=on + timedelta(days=3),
    )
    due, now = on + timedelta(days=40), instant(on)
    visit: Any = {"finding": VisitFinding.AS_STATED, "report": "属实", "by": "乙", "official": True, "visited_on": on}
    income: Any = {"monthly_income_fen": 10_000, "property_within_limits": True, "conclusion": "属实"}
    notice: Any = {"notice_no": "1", "from_on": on, "to_on": on + timedelta(days=7), "decide_by": due}
    steps: list[Any] = [
        lambda: made.accept(now, due_on=due, investigate_by=on + timedelta(days=3)),
        lambda: made.record_visit(now, **visit),
        lambda: made.assign(now, step=WorkStep.VERIFY, assignee="甲"),
        lambda: made.extend_deadline(now, due_on=due + timedelta(days=20), reason="复杂"),
        lambda: made.verify(now, **income),
        lambda: made.review(now, opinion=Opinion.GRANT, note="", by="丙"),
        lambda: made.post_notice(now, **notice),
        lambda: made.object(now, reason="某"),
    ]
    for step in steps[: chance.randrange(len(steps) + 1)]:
        step()
    if chance.randrange(4) == 0:
        made.withdraw(now, reason="")
    return made


def _finding(world: World, one: Case, on: date) -> Finding:
    """A finding, worked through as far as chance takes it."""
    made = _raised(world, one, on)
    then, due = instant(on + timedelta(days=1)), on + timedelta(days=30)
    steps = [
        lambda: made.confirm(then, assessment="属实", by="甲", rectify_by=due),
        lambda: made.rectify(then, action="已追回", by="乙", review_by=due, recovered_fen=100),
        lambda: made.send_back(then, reason="不足", by="甲", rectify_by=due),
        lambda: made.rectify(then, action="又追回", by="乙", review_by=due),
        lambda: made.resolve(then, outcome="办结", by="甲"),
        lambda: made.reopen(then, reason="又有", by="甲", check_by=due),
        lambda: made.dismiss(then, reason="不属实", by="甲"),
    ]
    for step in steps[: world.random.randrange(len(steps) + 1)]:
        step()
    return made


def _raised(world: World, one: Case, on: date) -> Finding:
    return Finding.raise_for(
        world.id(),
        instant(on),
        rule=FindingRule.AMOUNT_DIFFERS,
        subject=f"case:{one.id}",
        division_code=one.division_code,
        effective_on=on,
        detail="金额不符",
        evidence=(f"case:{one.id}@1",),
        case_id=one.id,
        month=f"{on:%Y-%m}",
        amount_fen=100,
    )
