"""Rows to facts: codes, identities, places, and faults that a clerk understands."""

from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.facts import CaseFact, DeathFact, Fact, MemberFact, MoveFact, MoveKind, PaymentFact, PersonFact
from connectors.mapping import Override
from connectors.reading import Parsed, Reason, open_reading
from domain.codes import PopulationKind, Relation, Scheme, Sex, UrbanRural
from tests.files.make import (
    CASE_TITLES,
    DEATH_TITLES,
    MEMBER_TITLES,
    MOVE_TITLES,
    PAYMENT_TITLES,
    PERSON_TITLES,
    case,
    citizen_id,
    payment,
    person,
    write_csv,
    write_xlsx,
)

TODAY = date(2015, 12, 31)


def read(path: Path, source: str, **options: Any) -> list[Parsed]:
    reading = open_reading(path, source, **options)
    return [row for chunk in reading.chunks(TODAY) for row in chunk]


def persons(tmp_path: Path, *rows: dict[str, Any], titles: tuple[str, ...] = PERSON_TITLES) -> list[Parsed]:
    return read(write_csv(tmp_path / "a.csv", rows, titles), "population")


def fact(row: Parsed) -> Any:
    assert row.fault is None, row.fault
    assert isinstance(row.fact, Fact)
    return row.fact


def test_a_person(tmp_path: Path) -> None:
    (row,) = persons(tmp_path, person(1))
    assert fact(row) == PersonFact(
        on=date(2010, 1, 5),
        name="幻乙一",
        division_code="440704001015",
        citizen_id=citizen_id(1),
        sex=Sex.MALE,
        birth_on=date(1970, 1, 1),
        population=PopulationKind.REGISTERED,
        household_no="H00001",
        relation=Relation.HEAD,
        address="桥南社区样例路1号",
        phone="19900000001",
    )
    assert row.key == f"persons\x1f{citizen_id(1)}"


@pytest.mark.parametrize(
    ("changed", "field", "expected"),
    [
        ({"公民身份号码": citizen_id(1) + "\t"}, "citizen_id", citizen_id(1)),
        ({"公民身份号码": citizen_id(1).lower()}, "citizen_id", citizen_id(1)),
        ({"公民身份号码": citizen_id(1)[:6] + citizen_id(1)[8:17]}, "citizen_id", citizen_id(1)),
        ({"性别": "1"}, "sex", Sex.MALE),
        ({"性别": ""}, "sex", Sex.MALE),
        ({"与户主关系": "本人或户主"}, "relation", Relation.HEAD),
        ({"与户主关系": "02"}, "relation", Relation.HEAD),
        ({"与户主关系": "父母"}, "relation", Relation.PARENTS),
        ({"与户主关系": "51"}, "relation", Relation.FATHER),
        ({"与户主关系": ""}, "relation", Relation.HEAD),
        ({"人口类型": "流动人口"}, "population", PopulationKind.FLOATING),
        ({"联系电话": "19900000001.0"}, "phone", "19900000001"),
        ({"联系电话": "19900000001;0750-1234567"}, "phone", "19900000001;0750-1234567"),
        ({"联系电话": "1.99E+10"}, "phone", None),
        ({"姓名": "幻 乙"}, "name", "幻乙"),
        ({"姓名": "幻·乙•丙"}, "name", "幻·乙·丙"),
        ({"所属社区": "桥南"}, "division_code", "440704001015"),
        ({"出生日期": "1970/1/1 0:00:00"}, "birth_on", date(1970, 1, 1)),
        ({"出生日期": "null"}, "birth_on", date(1970, 1, 1)),
        ({"现住地址": "null"}, "address", None),
        ({"公民身份号码": "99000019700101011N"}, "provisional_no", "99000019700101011N"),
        ({"登记日期": ""}, "on", None),
    ],
)
def test_ways_to_write_the_same(tmp_path: Path, changed: dict[str, str], field: str, expected: object) -> None:
    row = person(1) | {"户主公民身份号码": citizen_id(1)} | changed
    (parsed,) = persons(tmp_path, row)
    assert getattr(fact(parsed), field) == expected


@pytest.mark.parametrize(
    ("changed", "reason", "columns"),
    [
        ({"公民身份号码": citizen_id(1)[:17] + "?"}, Reason.UNREADABLE, ("公民身份号码",)),
        ({"公民身份号码": "9.90000197001E+17"}, Reason.UNREADABLE, ("公民身份号码",)),
        ({"姓名": ""}, Reason.MISSING, ("姓名",)),
        ({"姓名": "幻1"}, Reason.UNREADABLE, ("姓名",)),
        ({"姓名": "幻\ufffd"}, Reason.UNREADABLE, ("姓名",)),
        ({"性别": "7"}, Reason.UNREADABLE, ("性别",)),
        ({"性别": "女"}, Reason.INCONSISTENT, ("性别", "公民身份号码")),
        ({"出生日期": "1971-01-01"}, Reason.INCONSISTENT, ("出生日期", "公民身份号码")),
        ({"出生日期": "1970-02-30"}, Reason.UNREADABLE, ("出生日期",)),
        ({"出生日期": "1970-02-30", "性别": "x"}, Reason.UNREADABLE, ("出生日期", "性别")),
        ({"公民身份号码": "", "出生日期": ""}, Reason.MISSING, ("公民身份号码", "出生日期")),
        ({"与户主关系": "契子"}, Reason.UNREADABLE, ("与户主关系",)),
        ({"所属社区": "墟镇社区", "所属街道": ""}, Reason.UNREADABLE, ("所属社区", "所属街道")),
        ({"所属社区": ""}, Reason.MISSING, ("所属社区", "所属街道")),
        ({"所属社区": "子虚村"}, Reason.UNREADABLE, ("所属社区", "所属街道")),
        ({"登记日期": "2016-01-01"}, Reason.INCONSISTENT, ("登记日期",)),
    ],
)
def test_faults_name_their_columns(
    tmp_path: Path, changed: dict[str, str], reason: Reason, columns: tuple[str, ...]
) -> None:
    row = person(1) | changed
    (parsed,) = persons(tmp_path, row)
    assert parsed.fault is not None
    assert (parsed.fault.reason, set(parsed.fault.columns)) == (reason, set(columns))
    assert parsed.number == 2
    assert msgspec.msgpack.decode(parsed.cells)[1] == row["公民身份号码"], "the raw row is kept as it stood"


@pytest.mark.parametrize("changed", [{"公民身份号码": citizen_id(1)[:17] + "?"}, {"与户主关系": "密友幻癸"}])
def test_reasons_repeat_nothing_of_the_row(tmp_path: Path, changed: dict[str, str]) -> None:
    (parsed,) = persons(tmp_path, person(1) | changed)
    assert parsed.fault is not None
    assert not any(str(value) in parsed.fault.message for value in (person(1) | changed).values() if value)


def test_a_faulty_key_names_no_record_but_the_rest_does(tmp_path: Path) -> None:
    good, wrong = person(1), person(1) | {"公民身份号码": citizen_id(1)[:17] + "?"}
    (faulty,) = persons(tmp_path, wrong)
    assert faulty.key == ""
    assert faulty.fault is not None
    reading = open_reading(write_xlsx(tmp_path / "a.xlsx", [list(good), list(good.values())]), "population")
    anchors = reading.description.layout.reader(TODAY).anchors(msgspec.msgpack.decode(faulty.cells))
    assert anchors == {"幻乙一", citizen_id(1), "H00001"}, "the head's number is right, and it is this person's"
    (chunk,) = list(reading.chunks(TODAY, waiting=[faulty.fault.fields], anchors=frozenset(anchors)))
    assert chunk[0].rests == faulty.rests, "the repaired row, from another format, is the same but for the ID"


@pytest.mark.parametrize(("male", "female", "coding"), [("1", "2", "GB"), ("0", "1", "01")])
def test_how_sexes_are_coded_is_found_from_the_ids(tmp_path: Path, male: str, female: str, coding: str) -> None:
    rows = [person(n) | {"性别": male if n % 2 else female} for n in range(1, 9)]
    path = write_csv(tmp_path / "a.csv", rows)
    assert open_reading(path, "population").description.layout.sex_coding == coding
    assert all(
        fact(row).sex is (Sex.MALE if n % 2 else Sex.FEMALE) for n, row in enumerate(read(path, "population"), 1)
    )


def test_a_code_list_in_the_title_counts(tmp_path: Path) -> None:
    row = person(1) | {"性别（0女 1男）": "1"}
    titles = tuple("性别（0女 1男）" if title == "性别" else title for title in PERSON_TITLES)
    (parsed,) = persons(tmp_path, row, titles=titles)
    assert fact(parsed).sex is Sex.MALE


def test_spreadsheet_cells(tmp_path: Path) -> None:
    row = person(1) | {"联系电话": 19900000001.0, "出生日期": 25569, "性别": 1.0, "户号": 12.0}
    path = write_xlsx(tmp_path / "a.xlsx", [list(row), list(row.values())])
    found = fact(read(path, "population")[0])
    assert (found.phone, found.birth_on, found.sex, found.household_no) == (
        "19900000001",
        date(1970, 1, 1),
        Sex.MALE,
        "12",
    )
    lost = row | {"公民身份号码": int(citizen_id(3)[:17] + "0")}
    (parsed,) = read(write_xlsx(tmp_path / "b.xlsx", [list(lost), list(lost.values())]), "population")
    assert parsed.fault is not None
    assert "表格软件已丢失末几位" in parsed.fault.message


def test_moves_and_deaths(tmp_path: Path) -> None:
    move = {"姓名": "幻乙", "公民身份号码": citizen_id(1), "变动类型": "区内迁移", "变动日期": "2015-05-01"}
    rows = read(
        write_csv(
            tmp_path / "m.csv",
            [
                move | {"迁往地": "外海街道墟镇社区"},
                move | {"迁往地": "440704004201"},
                move | {"变动类型": "迁出", "迁往地": "外市样例区"},
                move | {"迁往地": ""},
                move | {"迁往地": "墟镇社区"},
            ],
            MOVE_TITLES,
        ),
        "population",
    )
    found = [fact(row) for row in rows[:3]]
    assert all(isinstance(move, MoveFact) for move in found)
    assert [f.to_division_code for f in found] == ["440704004001", "440704004201", None]
    assert (found[2].move, found[2].to_place) == (MoveKind.OUT, "外市样例区")
    assert [row.fault is not None for row in rows[3:]] == [True, True]

    death = {"身份证号": citizen_id(1), "姓名": "幻乙", "去世时间": "42000", "火化时间": "42002"}
    rows = read(
        write_csv(
            tmp_path / "d.csv",
            [death, death | {"火化时间": ""}, death | {"火化时间": "41999"}, death | {"去世时间": "43000"}],
            DEATH_TITLES,
        ),
        "population",
    )
    assert fact(rows[0]) == DeathFact(
        on=date(2014, 12, 27),
        name="幻乙",
        citizen_id=citizen_id(1),
        died_on=date(2014, 12, 27),
        confirmed=True,
        evidence="火化记录",
    )
    assert fact(rows[1]).confirmed is False
    assert [row.fault is not None and row.fault.reason for row in rows[2:]] == [Reason.INCONSISTENT] * 2


def test_cases_members_payments(tmp_path: Path) -> None:
    head = person(2)
    rows = read(
        write_csv(
            tmp_path / "c.csv",
            [
                case("C4407040012015001\t", head, **{"分类施保金(元)": "55.5", "起始保障年月": "2015-01\t"}),
                case("W1", head, 救助类型="农村五保", 地区="440704005201", 截止保障年月="2015-06", 停保原因="死亡"),
                case("C2", head, 截止保障年月="2014-06"),
                case("C3", head, **{"保障金额（元）": "五百五"}),
            ],
            CASE_TITLES,
        ),
        "assistance",
    )
    first, second = fact(rows[0]), fact(rows[1])
    assert isinstance(first, CaseFact)
    assert (first.case_no, first.monthly_fen, first.start_month, first.end_month) == (
        "C4407040012015001", 60_550, "2015-01", "",
    )  # fmt: skip
    assert (first.scheme, first.urban_rural, first.on) == (Scheme.DIBAO, UrbanRural.URBAN, date(2014, 11, 20))
    assert (second.scheme, second.urban_rural, second.end_month) == (Scheme.TEKUN, UrbanRural.RURAL, "2015-06")
    assert [row.fault is not None for row in rows[2:]] == [True, True]

    member = {"低保证号": "C1", "姓名": "幻丙", "身份证号": citizen_id(2), "与户主关系": "女", "人员状态": "正常"}
    (row,) = read(write_csv(tmp_path / "m.csv", [member | {"是否保障对象": "不享受"}], MEMBER_TITLES), "assistance")
    assert isinstance(fact(row), MemberFact)
    assert fact(row).covered is False

    titles = (*PAYMENT_TITLES, "保障金(元)", "分类施保金(元)")
    rows = read(
        write_csv(
            tmp_path / "p.csv",
            [
                payment("C1", "201505", head) | {"保障金(元)": 500, "分类施保金(元)": 50},
                payment("C1", "2015-05", head) | {"保障金(元)": 500, "分类施保金(元)": 49},
                payment("C1", "2015-05", head) | {"发放合计(元)": "", "保障金(元)": 500.5},
                payment("C1", "2015-05", head) | {"发放合计(元)": ""},
            ],
            titles,
        ),
        "assistance",
    )
    assert isinstance(fact(rows[0]), PaymentFact)
    assert (fact(rows[0]).month, fact(rows[0]).amount_fen, fact(rows[2]).amount_fen) == ("2015-05", 55_000, 50_050)
    assert [row.fault.reason for row in rows if row.fault] == [Reason.INCONSISTENT, Reason.MISSING]


def test_rows_of_one_case_stay_together(tmp_path: Path) -> None:
    rows = [case(f"C{n // 3:05d}", person(2), 起始保障年月=f"2015-{n % 3 + 1:02d}") for n in range(1202)]
    reading = open_reading(write_csv(tmp_path / "c.csv", rows, CASE_TITLES), "assistance")
    chunks = list(reading.chunks(TODAY))
    assert [len(chunk) for chunk in chunks] == [1002, 200]


def test_an_office_file_decides_the_kind(tmp_path: Path) -> None:
    row = person(1)
    row["住户"] = row.pop("姓名")
    path = write_csv(tmp_path / "a.csv", [row], tuple(row))
    override = Override("population", "persons", {"name": ("住户",)})
    assert fact(read(path, "population", override=override)[0]).name == "幻乙一"
