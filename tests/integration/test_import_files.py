"""Whole files: read by a process of their own, broken in the middle, mapped by an office, dated by their names."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from connectors.dates import export_date
from connectors.importer import Options, Seen
from connectors.reading.reader import Description
from domain.errors import BadInput, UnreadableFile
from tests.files.installation import Installation, installed
from tests.files.make import PERSON_TITLES, citizen_id, person, write_csv

TODAY = date(2015, 12, 31)


@pytest.fixture
async def it(admin_url: str, database_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    async with installed(admin_url, database_url, tmp_path) as installation:
        yield installation


def many(folder: Path, count: int = 2_500, encoding: str = "gb18030") -> Path:
    """So many rows that they are read by another process."""
    rows = [person(n, born=date(1950 + n // 300, n // 28 % 12 + 1, n % 28 + 1)) for n in range(count)]
    path = write_csv(folder / "江南_20151130.csv", rows, encoding=encoding)
    assert path.stat().st_size > 256 << 10
    return path


async def test_a_large_file_tells_what_it_is_and_how_far_it_is(it: Installation, tmp_path: Path) -> None:
    told: list[tuple[Description, date]] = []
    seen: list[Seen] = []
    report = await it.importer.import_file(
        many(tmp_path), "population", Options(), seen.append, lambda what, day: told.append((what, day))
    )
    ((description, day),) = told
    assert (description.layout.kind, day) == ("persons", date(2015, 11, 30))
    assert "GB18030" in description.format
    assert [step.row for step in seen] == [1_001, 2_001, 2_501]
    assert seen[-1].done == 1.0
    assert report.counts == seen[-1].counts
    printed = report.as_json()
    assert {"read": 2_500, "recorded": 2_500, "duplicates": 0, "quarantined": 0}.items() <= printed.items()


async def test_a_file_that_breaks_off_keeps_what_came_before(it: Installation, tmp_path: Path) -> None:
    path = many(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole + '"幻甲,'.encode("gb18030") + b"x" * 200_000)
    with pytest.raises(UnreadableFile, match="第 2502 行"):
        await it.take(path, "population")
    events = await it.log.head()
    assert events > 4_000
    path.write_bytes(whole)
    report = await it.take(path, "population")
    assert (report.counts.recorded + report.counts.duplicates, report.counts.quarantined) == (2_500, 0)
    assert report.counts.duplicates >= 2_000


async def test_what_cannot_be_read_is_said_in_one_sentence(it: Installation, tmp_path: Path) -> None:
    path = many(tmp_path)
    with pytest.raises(UnreadableFile, match=r"发放名册|救助"):
        await it.take(path, "assistance")
    with pytest.raises(BadInput, match=r"可用：.*population"):
        await it.take(path, "pop")
    with pytest.raises(UnreadableFile, match="打不开"):
        await it.take(tmp_path / "nowhere.csv", "population")
    with pytest.raises(BadInput, match="晚于今天"):
        await it.take(path, "population", "2016-01-01")


async def test_an_office_with_its_own_titles(it: Installation, tmp_path: Path) -> None:
    row = person(1)
    row["住户"], row["证照"] = row.pop("姓名"), row.pop("公民身份号码")
    mapping = tmp_path / "office.yaml"
    mapping.write_text(
        "source: population\nkind: persons\nheaders:\n  name: 住户\n  citizen_id: 证照\n"
        "codes:\n  sex:\n    '2': [坤]\n    '1': [乾]\n",
        encoding="utf-8",
    )
    path = write_csv(tmp_path / "a.csv", [row | {"性别": "乾"}], tuple(row))
    with pytest.raises(UnreadableFile):
        await it.take(path, "population")
    assert (await it.take(path, "population", mapping=mapping)).counts.recorded == 1
    assert (await it.person(citizen_id(1))).name == "幻乙一"
    broken = write_csv(tmp_path / "b.csv", [row | {"性别": "?"}], tuple(row))
    assert (await it.take(broken, "population", mapping=mapping)).counts.quarantined == 1
    repaired = write_csv(tmp_path / "c.csv", [row | {"性别": "乾"}], tuple(row))
    assert (await it.take(repaired, "population", mapping=mapping)).counts.mended == 1


async def test_gbk_taken_for_utf8_does_not_pass_as_names(it: Installation, tmp_path: Path) -> None:
    """UTF-8 once saved as GBK: rows that can be restored are taken, the others wait."""
    path = write_csv(tmp_path / "a.csv", [person(1), person(2, 姓名="幻丙")], PERSON_TITLES)
    path.write_bytes(path.read_bytes().decode("gbk", "replace").replace("\ufffd", "?").encode("gbk"))
    report = await it.take(path, "population")
    assert report.counts.recorded + report.counts.quarantined == 2
    assert report.counts.quarantined >= 1
    assert all("乱码" in row.message for row in await it.waiting())


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("人口_20151130.csv", date(2015, 11, 30)),
        ("人口2015-11-30(1).csv", date(2015, 11, 30)),
        ("人口_2015年11月3日.csv", date(2015, 11, 3)),
        ("人口_2015-11.csv", date(2015, 11, 30)),
        ("人口_201502.csv", date(2015, 2, 28)),
        ("2015年2月发放.xls", date(2015, 2, 28)),
        ("临时救助_2011-2015.csv", TODAY),
        ("发放_2015.csv", TODAY),
        ("人口_20161130.csv", TODAY),
        ("人口_20151345.csv", TODAY),
        ("人口.csv", TODAY),
        ("440704001015.csv", TODAY),
    ],
)
def test_the_export_date_from_a_name(name: str, day: date) -> None:
    assert export_date(name, TODAY) == day
