"""The generated files of the systems beside population and assistance: the plan's figures, one story of a person."""

from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest

from connectors.demo import Dirt, Manifest, generate
from connectors.demo.figures import ALLOWANCE_YUAN, BEDS, MEDICAL_TIMES, MEDICAL_YUAN, STOCK_YUAN, part
from connectors.demo.manifest import FINDINGS, Category
from connectors.demo.relief import _STOCK
from domain.codes import FindingRule
from domain.procurement.credit_code import parse_credit_code
from tests.unit.test_demo_district import rows_of

LARGER = 20_000


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest]:
    folder = tmp_path_factory.mktemp("systems")
    return folder, generate(folder, LARGER, 1)


def of(larger: tuple[Path, Manifest], source: str, content: str) -> list[dict[str, str]]:
    """All rows of one content, in the order of its files."""
    folder, manifest = larger
    files = [file.path for file in manifest.files if (file.source, file.content) == (source, content)]
    return [row for name in files for row in rows_of(folder, name)]


def deaths(larger: tuple[Path, Manifest]) -> dict[str, str]:
    return {row["身份证号"]: row["去世时间"][:10] for row in of(larger, "population", "deaths")}


def yuan(cell: str) -> float:
    return float(cell or 0)


@pytest.mark.parametrize("persons", [200, 700])
def test_the_counts_of_each_content_add_up_to_its_rows(tmp_path: Path, persons: int) -> None:
    manifest = generate(tmp_path, persons, 9)
    rows: Counter[str] = Counter()
    for file in manifest.files:
        if file.source not in ("population", "assistance"):
            rows[f"{file.source}/{file.content}"] += file.rows
    counted = {
        key: each.recorded + each.early + each.quarantined + each.duplicates for key, each in manifest.expected.items()
    }
    assert counted == dict(rows)
    assert len(counted) == 22
    assert sum(manifest.findings.values()) == sum(manifest.dirt.get(kind.value, 0) for kind in FINDINGS)


def test_every_kind_of_defect_is_there(larger: tuple[Path, Manifest]) -> None:
    assert {kind.value for kind in Dirt} <= set(larger[1].dirt)
    assert {rule.value for rule in FINDINGS.values()} == set(larger[1].findings)
    assert all(isinstance(rule, FindingRule) for rule in FINDINGS.values())


def test_facilities_and_beds_are_the_plans(larger: tuple[Path, Manifest]) -> None:
    rows = [row for row in of(larger, "eldercare", "facilities") if row.get("设施类型")]
    kinds = Counter(row["设施类型"] for row in rows)
    assert kinds["养老机构"] == kinds["农村敬老院"] == kinds["综合养老服务中心"] == 1
    assert (kinds["居家养老服务总站"], kinds["居家养老服务站"], kinds["农村幸福院"]) == (3, 18 + 9, 19)
    assert kinds["日间照料中心"] == 5
    assert len({row["设施名称"] for row in rows}) == len(rows)
    assert sum(int(row["床位数"] or 0) for row in rows) == part(BEDS, LARGER)


def test_no_bed_is_given_to_two_but_for_the_planted_ones(larger: tuple[Path, Manifest]) -> None:
    now: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in of(larger, "eldercare", "stays"):
        if row["所用床位"] and not row["出院时间"] and row["入院机构"] != "外地虚构养老院":
            now[row["入院机构"], row["所用床位"]].add(row["身份证号"])
    assert sum(len(persons) > 1 for persons in now.values()) == larger[1].dirt[Dirt.BED_TWICE]


def test_who_died_has_left_but_for_the_planted_ones(larger: tuple[Path, Manifest]) -> None:
    died = deaths(larger)
    still = [row for row in of(larger, "eldercare", "stays") if row["身份证号"] in died and not row["出院时间"]]
    assert len(still) == larger[1].dirt[Dirt.STILL_IN_AFTER_DEATH]
    left = [
        row for row in of(larger, "eldercare", "stays") if row["出院原因"] == "去世" and row["出院时间"] > "2015-01-01"
    ]
    assert left
    assert all(died[row["身份证号"]] == row["出院时间"] for row in left if not row["入院编号"].endswith("B"))


def test_old_age_allowances_come_to_the_plans_money(larger: tuple[Path, Manifest]) -> None:
    rows = of(larger, "eldercare", "allowance_payments")
    plan = part(ALLOWANCE_YUAN, LARGER)
    assert plan <= sum(yuan(row["发放金额"]) for row in rows) <= plan * 1.1, "what was planted comes on top"
    assert min(row["开始时间"] for row in rows) == "2012-01"


def test_payments_of_the_allowance_after_a_death_are_the_planted_ones(larger: tuple[Path, Manifest]) -> None:
    died = deaths(larger)
    on_roll = [
        row for row in of(larger, "eldercare", "allowances") if row["老人身份证"] in died and row["状态"] == "正常"
    ]
    months = sum(
        max(0, index(row["结束时间"]) - max(index(row["开始时间"]) - 1, index(died[row["身份证号"]][:7])))
        for row in of(larger, "eldercare", "allowance_payments")
        if row["身份证号"] in died
    )
    assert months + len(on_roll) == larger[1].dirt[Dirt.ALLOWANCE_AFTER_DEATH]


def index(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:])


def test_medical_assistance_comes_to_the_plans_times_and_money(larger: tuple[Path, Manifest]) -> None:
    national = [row for row in of(larger, "medical", "settlements") if row["退费结算标志"] == "否"]
    one_stop = [row for row in of(larger, "medical", "onestop") if row["记录状态"] == "00"]
    undone = {row["原结算ID"] for row in of(larger, "medical", "settlements") if row["原结算ID"]}
    paid = {row["结算ID"]: yuan(row["医疗救助基金支出"]) for row in national if row["结算ID"] not in undone}
    paid |= {row["救助流水号"]: yuan(row["救助金额"]) for row in one_stop}
    aided = {number: amount for number, amount in paid.items() if "A" in number and not number.endswith("X")}
    assert len(aided) == pytest.approx(part(MEDICAL_TIMES, LARGER), rel=0.05)
    assert sum(aided.values()) == pytest.approx(part(MEDICAL_YUAN, LARGER), rel=0.06)
    assert len({row["医药机构编码"] for row in national} | {row["医疗机构编码"] for row in one_stop}) == 6


def test_settlements_sum_but_for_the_planted_ones(larger: tuple[Path, Manifest]) -> None:
    off = 0
    for row in of(larger, "medical", "settlements"):
        parts = ("基本医疗保险统筹基金支出", "医疗救助基金支出", "个人现金支付")
        off += abs(sum(yuan(row[name]) for name in parts) - yuan(row["医疗费总额"])) > 0.001
    assert off == larger[1].dirt[Dirt.SPLIT_OFF]
    for row in of(larger, "medical", "onestop"):
        parts = ("保险支付金额", "救助金额", "自付费用")
        assert sum(yuan(row[name]) for name in parts) == pytest.approx(yuan(row["住院总费用"]), abs=0.001)


def test_patients_with_assistance_have_a_category(larger: tuple[Path, Manifest]) -> None:
    categories: dict[str, list[Category]] = defaultdict(list)
    for each in larger[1].categories:
        categories[each.citizen_id].append(each)
    without = 0
    for row in of(larger, "medical", "onestop"):
        if yuan(row["救助金额"]) > 0:
            on = date.fromisoformat(row["出院日期"])
            held = categories[row["身份证号"]]
            without += not any(each.from_on <= on <= (each.to_on or on) for each in held)
    assert not without


def test_the_warehouse_holds_what_the_plan_says(larger: tuple[Path, Manifest]) -> None:
    assert len(_STOCK) > 20
    assert sum(count for _, count, _ in _STOCK) > 4_000
    assert sum(count * price for _, count, price in _STOCK) == pytest.approx(STOCK_YUAN, rel=0.1)
    held: Counter[str] = Counter()
    for row in of(larger, "relief", "stock"):
        held[row["物资名称"]] += int(row["数量"]) * (1 if row["出入库"] == "入库" else -1)
    assert held == {item.label: count for item, count, _ in _STOCK} | {"无人机探照设备": 1}


def test_organisations_are_158_and_five_of_six_bodies_local(larger: tuple[Path, Manifest]) -> None:
    rows = of(larger, "procurement", "organisations")
    codes = {row["统一社会信用代码"] for row in rows if "误码" not in row["社会组织名称"]}
    assert len(codes) == 158
    assert all(parse_credit_code(code).area == "990000" for code in codes)
    bodies = [row for row in rows if row["是否社工机构"] == "是" and row["持证社工"] != "0"]
    assert Counter(row["是否本地"] for row in bodies) == {"是": 5, "否": 1}
    assert sum(int(row["持证社工"]) for row in bodies) == 120


def test_every_village_and_community_discloses_each_quarter(larger: tuple[Path, Manifest]) -> None:
    finance = [row for row in of(larger, "civic", "disclosures") if row["公开事项"] == "财务收支"]
    by_place: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in finance:
        by_place[row["所属街道"], row["村/社区"]].add(row["公开期间"])
    assert {len(periods) for periods in by_place.values()} == {19}


def test_sensitive_tags_stand_only_in_the_residents_file(larger: tuple[Path, Manifest]) -> None:
    tagged = [row for row in of(larger, "grid", "residents") if "矫正" in row["重点类别"] or "吸毒" in row["重点类别"]]
    assert len(tagged) == larger[1].dirt[Dirt.SENSITIVE_TAG]
