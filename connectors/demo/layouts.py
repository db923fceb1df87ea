"""How each street's population system writes its residents: titles, codes, dates, encoding and file kind."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from connectors.demo.residents import Place, Resident
from connectors.demo.tables import Cell, CsvTable, Table, XlsxTable
from domain.codes import Relation, Sex

# Places of the cells in a row, before a layout leaves out what its system does not have.
NAME, ID, SEX, BIRTH, KIND, HOME, HEAD, HEAD_ID, RELATION, STREET, PLACE, CODE, ADDRESS, PHONE, SINCE = range(15)
Row = list[Cell]

_ALL = tuple(range(15))
_WITHOUT_CODE = tuple(i for i in _ALL if i != CODE)

_SEX_LABELS = {Sex.MALE: "男", Sex.FEMALE: "女"}
_SEX_DIGITS = {Sex.MALE: "1", Sex.FEMALE: "2"}
_FINE = {
    Relation.HEAD: "户主",
    Relation.SPOUSE: "配偶",
    Relation.SON: "子",
    Relation.DAUGHTER: "女",
    Relation.FATHER: "父亲",
    Relation.MOTHER: "母亲",
}
_ROUGH = {**_FINE, Relation.FATHER: "父母", Relation.MOTHER: "父母"}
_GB = {relation: relation.value for relation in _FINE}


@dataclass(frozen=True, slots=True)
class Layout:
    """One system's way of writing."""

    file: str
    id_title: str
    home_title: str
    place_title: str
    cells: tuple[int, ...]
    sexes: dict[Sex, str]
    relations: dict[Relation, str]
    day: Callable[[date], Cell]
    encoding: str
    delimiter: str = ","
    short_places: bool = False
    old_ids: bool = False
    title: str = ""

    @property
    def spreadsheet(self) -> bool:
        """Whether the file is a workbook."""
        return self.file.endswith(".xlsx")

    @property
    def headers(self) -> tuple[str, ...]:
        """The titles of its columns."""
        titles = (
            "姓名", self.id_title, "性别", "出生日期", "人口类型", self.home_title, "户主姓名", "户主公民身份号码",
            "与户主关系", "所属街道", self.place_title, "行政区划代码", "现住地址", "联系电话", "登记日期",
        )  # fmt: skip
        return tuple(titles[i] for i in self.cells)

    def open(self, folder: Path) -> Table:
        """A new file of this layout."""
        if self.spreadsheet:
            return XlsxTable(folder / self.file, self.headers, self.title)
        return CsvTable(folder / self.file, self.headers, self.encoding, self.delimiter)

    def row(self, resident: Resident) -> Row:
        """All cells of a resident, in this layout's codes."""
        place, head = resident.place, resident.home.head
        return [
            resident.name,
            resident.citizen_id,
            self.sexes[resident.sex],
            self.day(resident.birth_on),
            resident.kind.label,
            resident.home.number,
            head.name,
            head.citizen_id,
            self.relations[resident.relation],
            place.street,
            place.short if self.short_places else place.name,
            place.code,
            resident.address,
            resident.phone,
            self.day(resident.registered_on),
        ]

    def cut(self, row: Row) -> Row:
        """The cells this layout has."""
        return [row[i] for i in self.cells]


def _iso(day: date) -> Cell:
    return day.isoformat()


def _compact(day: date) -> Cell:
    return f"{day:%Y%m%d}"


def _midnight(day: date) -> Cell:
    return f"{day.isoformat()} 00:00:00"


def _workbook(day: date) -> Cell:
    return day


TOWN = Layout(
    "人口_江南街道_20151201.csv", "公民身份号码", "户号", "所属社区", _ALL, _SEX_LABELS, _FINE, _iso, "gb18030"
)
_WAIHAI = Layout(
    "人口_外海街道社区_20151201.csv",
    "身份证号",
    "户编号",
    "所属社区",
    _WITHOUT_CODE,
    _SEX_DIGITS,
    _GB,
    _compact,
    "utf-8-sig",
    short_places=True,
    old_ids=True,
)
_WAIHAI_VILLAGES = Layout(
    "人口_外海街道村_20151201.xlsx",
    "证件号码",
    "户号",
    "村/社区",
    _WITHOUT_CODE,
    _SEX_LABELS,
    _FINE,
    _workbook,
    "",
    title="外海街道农村实有人口登记表（2015年12月）",
)
_WAIHAI_VILLAGES_TEXT = Layout(
    "人口_外海街道村_20151201.csv",
    "证件号码",
    "户号",
    "村/社区",
    _WITHOUT_CODE,
    _SEX_LABELS,
    _FINE,
    _iso,
    "gb18030",
)
_LILE = Layout(
    "人口_礼乐街道_20151201.xls",  # text in spite of its name, as many systems export it
    "公民身份号码",
    "户编号",
    "村/社区",
    _WITHOUT_CODE,
    _SEX_LABELS,
    _ROUGH,
    _midnight,
    "gb18030",
    delimiter="\t",
    old_ids=True,
)
_LARGEST_WORKBOOK_DISTRICT = 300_000
"""With more persons than this the villages' file would be larger than offices open as a workbook."""


def layout_of(place: Place, persons: int) -> Layout:
    """The layout that the system of a place writes, in a district of that many persons."""
    if place.street_code == "440704004":
        if place.urban:
            return _WAIHAI
        return _WAIHAI_VILLAGES if persons <= _LARGEST_WORKBOOK_DISTRICT else _WAIHAI_VILLAGES_TEXT
    return _LILE if place.street_code == "440704005" else TOWN
