"""A changed standard recalculates everyone concerned, once, however often the run is cut off."""

from datetime import date

import pytest

from domain.access import Actor, RoleCode
from domain.assistance import Case
from domain.assistance.commands import AdoptStandard, RevokeStandard
from domain.assistance.recalculation import Outcome
from domain.clock import at
from domain.codes import UrbanRural
from domain.findings import Finding
from infra.codec import Envelope, EventCodec
from infra.dispatch import Dispatcher
from infra.keys import FileMasterKey, KeyRing
from infra.log import Append, Appended, MemoryLog
from infra.recalculation import Recalculation
from infra.store import EventStore
from tests.unit.domain.samples import PARAMETERS, applied, on

NOW = at(date(2015, 12, 31), 9)
CLERK = Actor("clerk", RoleCode.DISTRICT_CLERK, "440704")


class Died(Exception):
    """The process is gone."""


class StopsAfter(MemoryLog):
    """A log whose process dies after some appends."""

    def __init__(self) -> None:
        super().__init__()
        self.left = 1_000_000

    async def append(self, item: Append) -> Appended:
        if self.left == 0:
            raise Died
        self.left -= 1
        return await super().append(item)


@pytest.fixture
def log() -> StopsAfter:
    return StopsAfter()


@pytest.fixture
def store(log: StopsAfter) -> EventStore:
    keyring = KeyRing(log, FileMasterKey(b"0" * 32))
    return EventStore(log, EventCodec(keyring), keyring)


def paying(case_no: str, monthly_yuan: int, income_yuan: int, where: UrbanRural = UrbanRural.RURAL) -> Case:
    """A case of three people paid since February 2015."""
    case = applied(case_no=case_no, urban_rural=where)
    case.report_granted(
        on("2015-02-01"),
        monthly_fen=monthly_yuan * 100,
        start_month="2015-02",
        monthly_income_fen=income_yuan * 100,
        parameters=PARAMETERS,
    )
    return case


async def adopt(store: EventStore, yuan: int = 600) -> None:
    command = AdoptStandard(
        param_code="dibao.standard.rural", value=yuan * 100, from_on=date(2016, 1, 1), basis="江民〔2015〕示例1号"
    )
    await Dispatcher(store, lambda: NOW).dispatch(command, CLERK)


async def test_everyone_concerned_and_nobody_else(store: EventStore) -> None:
    rural, urban = paying("1", 750, 900), paying("2", 750, 900, UrbanRural.URBAN)
    await store.save([rural, urban], Envelope())
    await adopt(store)
    (outcomes,) = (await Recalculation(store, lambda: NOW).run_pending()).values()
    assert outcomes == {Outcome.RECALCULATED: 1, Outcome.UNCHANGED: 1}
    loaded = await store.load_many(Case, [rural.id, urban.id])
    assert loaded[rural.id].amount_for("2015-12") == 75_000
    assert loaded[rural.id].amount_for("2016-01") == 90_000  # (600 - 900 / 3) x 3
    assert loaded[urban.id].amount_for("2016-01") == 75_000
    assert (await store.log.stream(rural.id))[-1].basis == "江民〔2015〕示例1号"


async def test_running_again_changes_nothing(store: EventStore) -> None:
    await store.save([paying("1", 750, 900)], Envelope())
    await adopt(store)
    await Recalculation(store, lambda: NOW).run_pending()
    head = await store.log.head()
    assert await Recalculation(store, lambda: NOW).run_pending() == {}
    assert await store.log.head() == head


async def test_nobody_is_lowered_by_a_machine(store: EventStore) -> None:
    case = paying("1", 750, 900)
    await store.save([case], Envelope())
    await adopt(store, 500)
    (outcomes,) = (await Recalculation(store, lambda: NOW).run_pending()).values()
    assert outcomes == {Outcome.LOWER: 1}
    assert (await store.load_many(Case, [case.id]))[case.id].amount_for("2016-01") == 75_000
    findings = await store.load_tagged(Finding, [f"case:{case.id}"])
    assert [finding.rule.label for finding in findings.values()] == ["核定金额与现行标准计算结果不符"]


async def test_a_revoked_standard_is_taken_back(store: EventStore) -> None:
    case = paying("1", 750, 900)
    await store.save([case], Envelope())
    await adopt(store)
    run = Recalculation(store, lambda: NOW)
    (standard,) = await run.run_pending()
    await Dispatcher(store, lambda: NOW).dispatch(RevokeStandard(standard_id=standard, reason="文号有误"), CLERK)
    (outcomes,) = (await run.run_pending()).values()
    assert outcomes == {Outcome.LOWER: 1}  # for people to decide, as every lower amount


@pytest.mark.parametrize("appends", range(1, 8))
async def test_cut_off_anywhere_it_ends_with_the_same_log(appends: int, store: EventStore, log: StopsAfter) -> None:
    cases = [paying(str(n), 750, 900) for n in range(4)] + [paying("5", 1500, 900)]
    await store.save(cases, Envelope())
    await adopt(store)
    log.left = appends
    try:
        await Recalculation(store, lambda: NOW).run_pending()
    except Died:
        log.left = 1_000_000
    await Recalculation(store, lambda: NOW).run_pending()
    topics = sorted(row.topic for row in await log.read(0, 1000) if row.position > 16)
    assert topics == [*["assistance.AmountRecalculated"] * 4, "assistance.StandardApplied", "findings.FindingRaised"]
