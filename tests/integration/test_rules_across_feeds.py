"""The rules at work on PostgreSQL, where feeds of several systems meet and the read models answer what rules ask."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from api.platform import readers
from connectors.importer import own_store
from domain.clock import at
from domain.codes import (
    AbnormalReason,
    DisasterKind,
    FindingRule,
    HospitalLevel,
    Living,
    OrgKind,
    OrgState,
    ProcessCode,
    Tenure,
)
from domain.findings import Finding
from domain.grid import Resident
from domain.medical import Hospital
from domain.parameters import official_parameters
from domain.processes import Duty
from domain.procurement import Organisation
from domain.procurement.credit_code import parse_credit_code
from domain.registry.facility import facility_id
from domain.relief import Affected, Disaster
from domain.relief.clock import clock_of
from infra.codec import Envelope
from infra.processes import Processes
from projections import PROJECTIONS
from projections.kernel.runner import Runner
from tests.files.installation import Installation, installed
from tests.files.make import citizen_id, person, write_csv
from tests.fixtures.api import migrate_reads
from tests.integration.test_import_eldercare import SERVICES, STAYS
from tests.integration.test_import_medical import ADMISSION, CODE, written

NOW = at(date(2015, 12, 31), 9)
BORN = date(1960, 3, 3)
WHO, OLD, ALONE = person(1, born=BORN), person(2, born=date(1930, 5, 5)), person(3, born=date(1970, 1, 1))
ID, SECOND, THIRD = citizen_id(1, BORN), citizen_id(2, date(1930, 5, 5)), citizen_id(3, date(1970, 1, 1))
HOME, CENTRE = "外海养老院", "江海区晨光社工中心"
FACILITIES = ("机构名称", "机构类型", "机构性质", "运营单位", "所属地区", "床位数", "状态")


def hospital() -> Hospital:
    return Hospital.designate(
        at(date(2014, 1, 1)),
        code=CODE,
        title="某医院",
        level=HospitalLevel.SECOND,
        agreement_no="协1",
        from_on=date(2014, 1, 1),
        to_on=date(2016, 12, 31),
        by="经办",
        division_code="440704",
    )


def centre() -> Organisation:
    said: dict[str, Any] = {"sponsor": "", "local": True, "social_work": True, "by": "受理"}
    kind = OrgKind.PRIVATE_NON_ENTERPRISE
    made = Organisation.prepare(uuid4(), at(date(2014, 1, 6)), name=CENTRE, kind=kind, division_code="440704", **said)
    made.register(
        at(date(2014, 1, 20)),
        code=parse_credit_code("52440704MJL123454D"),
        representative="拟某甲",
        certified_count=8,
        by="经办",
        report_by=date(2015, 3, 31),
        inspect_by=date(2015, 6, 1),
    )
    return made


def struck() -> Disaster:
    said: dict[str, Any] = {"kind": DisasterKind.TYPHOON, "title": "台风试验", "division_code": "440704", "by": "经办"}
    made = Disaster.register(uuid4(), NOW, affected_codes=("440704001",), **said)
    made.occur(NOW, occurred_at=NOW, clock=clock_of(NOW, NOW, official_parameters(), "440704"))
    return made


@asynccontextmanager
async def read_models(it: Installation, url: str) -> AsyncIterator[None]:
    """Projections run beside it."""
    stop = asyncio.Event()
    codec = own_store(it.log, it.importer.settings).codec
    running = asyncio.create_task(Runner(it.log, codec, url, PROJECTIONS).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def test_what_no_feed_could_see_alone(admin_url: str, database_url: str, tmp_path: Path) -> None:
    await migrate_reads(admin_url)
    async with installed(admin_url, database_url, tmp_path) as it, read_models(it, database_url):
        store = own_store(it.log, it.importer.settings)

        async def rules(clock: datetime = NOW) -> int:
            """The rules react to everything so far, as a new process would, while read models follow."""
            return await Processes(store, lambda: clock, readers(it.log, database_url)).run_pending()

        async def take(source: str, name: str, titles: tuple[str, ...] | list[str], *rows: Any) -> None:
            report = await it.take(written(tmp_path / f"{name}.csv", titles, rows), source)
            assert report.counts.quarantined == 0, await it.waiting()

        async def found() -> list[tuple[FindingRule, int]]:
            events = await it.events(Finding.Created.TOPIC)
            return sorted((event.rule, event.amount_fen) for event in events)  # type: ignore[attr-defined]

        people = write_csv(tmp_path / "people.csv", [WHO, OLD, ALONE])
        await it.take(people, "population", "2014-12-31")
        desk = Envelope(actor="经办", role="district_clerk", division="440704")
        organisation = centre()
        await store.save([hospital(), organisation], desk)
        where = "江海区,江南街道,桥南社区"
        house = (HOME, "养老院", "公建民营", CENTRE, where, "1", "在用")
        station = ("麻三居家养老服务站", "居家养老站", "", "", where, "", "在用")
        await take("eldercare", "facilities", FACILITIES, house, station)

        name = WHO["姓名"]
        bill = ("S1", name, ID, station[0], "助浴", "2015-03-05", "60", "1", "30", "30")
        await take("eldercare", "services", SERVICES, bill)
        assert (await rules(), await found()) == (0, []), "the eldercare system knows of no hospital"
        visit = (CODE, "J1", name, ID, "390", "21", "2015-03-01", "2015-03-09", "肺炎")
        await take("medical", "admissions", ADMISSION, visit)
        await rules()
        assert await found() == [(FindingRule.SERVICE_WHILE_AWAY, 3_000)]

        # A death that the population system learns after everybody else acted, and one that it finds by itself too.
        deaths = ("身份证号", "姓名", "去世时间", "火化时间")
        await take("population", "deaths", deaths, (ID, name, "2015-02-01", "2015-02-03"))
        await rules()
        after_death = {FindingRule.MEDICAL_AFTER_DEATH, FindingRule.SERVICE_AFTER_DEATH}
        assert {rule for rule, _ in await found()} == after_death | {FindingRule.SERVICE_WHILE_AWAY}
        before = await found()
        again = (CODE, "J1", name, ID, "390", "21", "2015-03-01", "2015-03-08", "肺炎")
        await take("medical", "admissions again", ADMISSION, again)
        await rules()
        assert await found() == before, "the feed finds what a rule found, and nothing is there twice"

        stays = [
            (one["姓名"], id, HOME, number, "2015-06-01", "", "", "3", "")
            for one, id, number in ((OLD, SECOND, "R1"), (ALONE, THIRD, "R2"))
        ]
        await take("eldercare", "stays", STAYS, *stays)
        await rules()
        assert FindingRule.BEDS_OVERBOOKED in {rule for rule, _ in await found()}, "two live where one bed is"

        # Whose house it is: the read model knows by the operator's name.
        organisation.list_abnormal(NOW, reason=AbnormalReason.OTHER, letter_no="江民异1号", by="经办")
        await store.save([organisation], desk)
        await rules()
        asked = await it.events(Duty.Created.TOPIC)
        (duty,) = [event for event in asked if event.process is ProcessCode.ORG_IN_DOUBT]  # type: ignore[attr-defined]
        assert duty.subject == f"facility:{facility_id(HOME)}"  # type: ignore[attr-defined]
        assert "2 名服务对象" in duty.gist()
        assert organisation.state is OrgState.ABNORMAL

        # Who can hardly help themselves: 80 and older, or alone by what the grid was told; the dead never.
        alone = await it.person(THIRD)
        told = Resident.enter(
            NOW, person_id=alone.id, grid_code="", division_code=alone.division_code, from_on=NOW.date()
        )
        survey: dict[str, Any] = {"tenure": Tenure.OWNED, "emergency_contact": None, "note": None, "by": "网格员"}
        told.survey(NOW, living=Living.ALONE, surveyed_on=NOW.date(), **survey)
        disaster = struck()
        await store.save([told, disaster], desk)
        await rules()
        affected = await it.events(Affected.Created.TOPIC)
        listed = {event.person_id for event in affected}  # type: ignore[attr-defined]
        assert listed == {alone.id, (await it.person(SECOND)).id}
        assert (await it.aggregate(disaster.id)).list_made

        head = await it.log.head()
        assert (await rules(), await it.log.head()) == (0, head)
