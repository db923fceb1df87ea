"""The settlement systems' files: visits, settlements undone in both ways, old codes, empty cells, spoilt names."""

import csv
from collections.abc import AsyncIterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.importer import own_store
from domain.clock import at
from domain.codes import FindingRule, HospitalLevel, InsuranceType, MaCategory, MedType, SettlementState
from domain.findings import Finding
from domain.medical import Accumulator, Hospital, MedicalCategory, MedicalVisit, Settlement
from infra.codec import Envelope
from tests.files.installation import Installation, installed
from tests.files.make import citizen_id, person, write_csv

ONE, TWO, LATE = person(1), person(2), person(3)
CODE = "H44070400001"
ADMISSION = ["医药机构编码", "就诊ID", "人员姓名", "证件号码", "险种类别", "医疗类别", "入院日期", "出院日期", "病种"]
SETTLEMENT = [
    *("fixmedins_code", "setl_id", "mdtrt_id", "psn_name", "certno", "insutype", "med_type", "setl_time"),
    *("refd_setl_flag", "init_setl_id", "medfee_sumamt", "inscp_scp_amt", "hifp_pay", "hifmi_pay", "maf_pay"),
    *("hosp_part_amt", "psn_part_amt", "acct_pay", "acct_mulaid_pay", "psn_cash_pay"),
]
ONE_STOP = [
    *("救助流水号", "医院编码", "住院号", "姓名", "身份证号", "病种", "保险险种", "入院日期", "出院日期"),
    *("住院总费用（元）", "纳入保险报销费用（元）", "保险支付金额（元）", "商业保险金额（元）", "医院减免金额（元）"),
    *("救助金额（元）", "其他救助金额（元）", "自付费用（元）", "结算日期", "记录状态", "原流水号"),
]


@pytest.fixture
async def it(admin_url: str, database_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    async with installed(admin_url, database_url, tmp_path) as installation:
        await installation.take(write_csv(tmp_path / "people.csv", [ONE, TWO]), "population", "2014-12-31")
        store = own_store(installation.log, installation.importer.settings)
        first = (await installation.person(citizen_id(1))).id
        given = MedicalCategory.register(at(date(2015, 1, 1)), person_id=first, division_code="440704004203")
        since: dict[str, Any] = {"from_on": date(2015, 1, 1), "basis": "个案"}
        given.open(at(date(2015, 1, 1)), category=MaCategory.DIBAO, **since)
        await store.save([_hospital(), given], Envelope(actor="经办", role="district_clerk", division="440704"))
        yield installation


def _hospital() -> Hospital:
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


def written(path: Path, titles: Sequence[str], rows: Sequence[Sequence[Any]], encoding: str = "utf-8") -> Path:
    """A file with these titles and rows."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([titles, *rows])
    return path


def stay(
    number: str, who: dict[str, Any], first: str = "2015-03-01", last: str = "2015-03-09", **changed: str
) -> list[str]:
    """A visit of somebody."""
    row = dict(
        zip(
            ADMISSION, (CODE, number, who["姓名"], who["公民身份号码"], "390", "2101", first, last, "肺炎"), strict=True
        )
    )
    return list((row | changed).values())


def bill(number: str, visit: str, who: dict[str, Any], day: str = "2015-03-09", **changed: str) -> list[str]:
    """The reference's bill."""
    said = (CODE, number, visit, who["姓名"], who["公民身份号码"], "390", "2101", f"{day} 10:20:30")
    sums = ("0", "", "30000.00", "26000.00", "19050.00", "", "4865.00", "", "6085.00", "0.00", "", "6085.00")
    return list((dict(zip(SETTLEMENT, (*said, *sums), strict=True)) | changed).values())


def one_stop(number: str, who: dict[str, Any], state: str = "00", original: str = "", sign: str = "") -> list[str]:
    """A one-stop case; `sign` makes its amounts negative."""
    head = (number, CODE, "Z1", who["姓名"], who["公民身份号码"], "肺炎", "3", "2015-05-01", "2015-05-20")
    sums = (f"{sign}30000", f"{sign}26000", f"{sign}19050", "", "", f"{sign}4865", "", f"{sign}6085")
    return [*head, *sums, "2015-05-20", state, original]


async def take(
    it: Installation, titles: Sequence[str], *rows: Sequence[Any], on: str = "2015-06-30", **more: Any
) -> Any:
    name = f"{len(titles)}-{on}.csv"
    return await it.take(written(it.folder / name, titles, rows, **more), "medical", on)


async def settlement(it: Installation, number: str) -> Settlement:
    found = await it.aggregate(Settlement.id_for(Hospital.id_for(CODE), number))
    assert isinstance(found, Settlement)
    return found


async def year(it: Installation, citizen: str) -> Accumulator:
    found = await it.aggregate(Accumulator.id_for((await it.person(citizen)).id, 2015))
    assert isinstance(found, Accumulator)
    return found


async def rules(it: Installation) -> list[FindingRule]:
    return [event.rule for event in await it.events(Finding.Created.TOPIC) if isinstance(event, Finding.Created)]


async def test_a_settlement_waits_for_its_stay_and_enters_when_it_comes(it: Installation) -> None:
    early = await take(it, SETTLEMENT, bill("S1", "J1", ONE))
    assert (early.counts.recorded, early.counts.quarantined) == (0, 1)
    report = await take(it, ADMISSION, stay("J1", ONE))
    assert report.counts.recorded == 1
    found = await settlement(it, "S1")
    assert (found.state, found.bill.total_fen, found.split.assistance_fen) == (
        SettlementState.SETTLED,
        3_000_000,
        486_500,
    )
    assert (found.category, found.computed, found.booked_on) == (MaCategory.DIBAO, None, date(2015, 3, 9))
    assert (await year(it, citizen_id(1))).used.assistance_fen == 486_500
    assert await rules(it) == []
    again = await take(it, SETTLEMENT, bill("S1", "J1", ONE))
    assert (again.counts.recorded, again.counts.duplicates) == (0, 1)
    visit = await it.aggregate(found.visit_id)
    assert isinstance(visit, MedicalVisit)
    assert (visit.med_type, visit.insurance) == (MedType.INPATIENT, InsuranceType.RESIDENT)
    rows = await it.log.read(0, 10_000)
    assert not any("肺炎".encode() in row.payload for row in rows)


async def test_a_refund_by_flag_counts_minus_one_and_restores_the_year(it: Installation) -> None:
    await take(it, ADMISSION, stay("J1", ONE))
    refund = bill("S2", "J1", ONE, day="2015-03-20", refd_setl_flag="1", init_setl_id="S1", maf_pay="-4865.00")
    report = await take(it, SETTLEMENT, refund, bill("S1", "J1", ONE), bill("S3", "J1", ONE, day="2015-03-21"))
    assert (report.counts.recorded, report.counts.quarantined) == (3, 0), "the refund stands first in the file"
    first, third = await settlement(it, "S1"), await settlement(it, "S3")
    assert (first.state, first.cancelled_on) == (SettlementState.CANCELLED, date(2015, 3, 20))
    assert [first.fund_on(day) for day in (date(2015, 3, 9), date(2015, 3, 20))] == [486_500, -486_500]
    used = await year(it, citizen_id(1))
    assert ([entry.source_id for entry in used.entries], used.used) == ([third.id], third.uses)
    orphan = bill("S9", "J1", ONE, refd_setl_flag="1", init_setl_id="S8")
    lost = await take(it, SETTLEMENT, orphan, on="2015-07-01")
    assert lost.counts.quarantined == 1
    found = await take(it, SETTLEMENT, bill("S8", "J1", ONE, day="2015-04-01"), on="2015-07-02")
    assert found.counts.recorded == 1
    assert (await settlement(it, "S8")).state is SettlementState.CANCELLED, "its refund entered by itself"


async def test_a_reversal_by_three_rows_and_old_insurances(it: Installation) -> None:
    first = await take(it, ONE_STOP, one_stop("L1", ONE))
    assert first.counts.recorded == 1
    assert (await settlement(it, "L1")).insurance is InsuranceType.RESIDENT, "3 was 新农合"
    rows = [one_stop("L2", ONE, "02", "L1", "-"), one_stop("L1", ONE, "01"), one_stop("L3", ONE)]
    report = await take(it, ONE_STOP, *rows, on="2015-07-31")
    assert (report.counts.recorded, report.counts.quarantined) == (3, 0)
    states = [(await settlement(it, number)).state for number in ("L1", "L3")]
    assert states == [SettlementState.CANCELLED, SettlementState.SETTLED]
    assert (await settlement(it, "L1")).cancelled_on == date(2015, 5, 20)
    assert (await year(it, citizen_id(1))).used.assistance_fen == 486_500
    assert await rules(it) == []
    marked = await take(it, ONE_STOP, one_stop("L3", ONE, "01"), on="2015-08-31")
    assert marked.counts.recorded == 1
    third = await settlement(it, "L3")
    assert (third.state, third.cancelled_on) == (SettlementState.CANCELLED, date(2015, 8, 31)), "its 02 has not come"
    assert (await year(it, citizen_id(1))).entries == ()


async def test_what_contradicts_the_rules_is_recorded_and_found(it: Installation) -> None:
    deaths = written(it.folder / "deaths.csv", ["身份证号", "去世时间"], [[citizen_id(2), "2015-02-01"]])
    await it.take(deaths, "population", "2015-02-10")
    await take(
        it,
        ADMISSION,
        stay("J1", ONE),
        stay("J2", ONE, "2015-03-05", "2015-03-12"),
        stay("J3", TWO),
        stay("J4", ONE, "2015-03-12", "", 医疗类别="11"),
    )
    assert sorted(await rules(it)) == [FindingRule.MEDICAL_AFTER_DEATH, FindingRule.MEDICAL_OVERLAP]
    report = await take(
        it,
        SETTLEMENT,
        bill("S1", "J1", ONE, psn_cash_pay="6085.01", psn_part_amt=""),
        bill("S2", "J2", ONE, maf_pay="90000", medfee_sumamt="115135", psn_cash_pay="6085"),
        bill("S3", "J3", TWO),
    )
    assert (report.counts.recorded, report.counts.quarantined) == (3, 0)
    assert sorted(await rules(it)) == sorted(
        [
            *(FindingRule.MEDICAL_AFTER_DEATH, FindingRule.MEDICAL_OVERLAP, FindingRule.MEDICAL_SPLIT),
            *(FindingRule.MEDICAL_OVER_CAP, FindingRule.MEDICAL_CATEGORY),
        ]
    )
    other = await take(it, SETTLEMENT, bill("S3", "J3", TWO, maf_pay="4000", psn_cash_pay="6950"), on="2015-07-01")
    assert other.counts.quarantined == 1, "what was settled is not rewritten"


async def test_spoilt_names_empty_cells_and_unknown_hospitals_and_people(it: Installation) -> None:
    rows = [
        stay("J2", ONE, last="", 险种类别="新农合", 病种=""),
        stay("J5", TWO, 医药机构编码="H00000000000"),
        stay("J6", LATE),
        stay("J7", ONE, 证件号码=citizen_id(2)),
        stay("J8", ONE, "2015-03-09", "2015-03-01"),
    ]
    report = await take(it, ADMISSION, *rows)
    assert (report.counts.recorded, report.counts.quarantined) == (1, 4)
    visit = await it.aggregate(MedicalVisit.id_for(Hospital.id_for(CODE), "J2"))
    assert isinstance(visit, MedicalVisit)
    assert (visit.insurance, visit.discharged_on) == (InsuranceType.RESIDENT, None)
    spoilt = written(it.folder / "spoilt.csv", ADMISSION, [stay("J9", ONE)])
    spoilt.write_text(spoilt.read_text("utf-8").encode("gbk").decode("latin-1"), "utf-8")  # GBK opened as Western
    assert ONE["姓名"] not in spoilt.read_text("utf-8")
    assert (await it.take(spoilt, "medical", "2015-06-30")).counts.recorded == 1
    later = await it.take(write_csv(it.folder / "late.csv", [LATE]), "population", "2015-07-01")
    assert later.counts.recorded == 1
    assert (await it.person(citizen_id(3))).id == (
        await it.aggregate(MedicalVisit.id_for(Hospital.id_for(CODE), "J6"))
    ).person_id, "it entered by itself when its person came"
