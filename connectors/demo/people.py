"""The population system's files: residents by street, moves, deaths, and what comes late to set things right."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from connectors.demo.dice import Dice
from connectors.demo.layouts import BIRTH, ID, KIND, NAME, PHONE, RELATION, SEX, STREET, TOWN, Layout, Row, layout_of
from connectors.demo.manifest import Dirt, File, Manifest, Planter
from connectors.demo.names import given_name, phone, surname
from connectors.demo.residents import AREA, Home, Place, Resident
from connectors.demo.tables import Cell, CsvTable, Table, Tables, XlsxTable, write_all
from connectors.demo.welfare import may_be_assisted
from domain.codes import Sex

SOURCE = "population"
EXPORTED = date(2015, 12, 1)
REPEATED = date(2015, 12, 20)
CORRECTED = date(2015, 12, 28)
STALE = date(2015, 6, 30)
_OLD = date(1950, 1, 1)
_ELDERLY = date(1951, 1, 1)
_SIXTY = date(1956, 1, 1)
_LAST_MOVE = date(2015, 11, 20)
PILOT_GRIDS = ("440704001026", "440704001027")
"""北湾 and 富横: the plan's grid pilot of 2014."""

_ON_A_ROW = (
    Dirt.DUPLICATE_ROW,
    Dirt.WRONG_CHECK_DIGIT,
    Dirt.IMPOSSIBLE_DATE,
    Dirt.UNKNOWN_CODE,
    Dirt.MISSING_CELL,
    Dirt.OTHER_NAME,
    Dirt.HOMONYM,
    Dirt.PROVISIONAL_NUMBER,
    Dirt.CORRECTED_DETAILS,
    Dirt.TAB_SUFFIX,
)
_LOSING = (Dirt.WRONG_CHECK_DIGIT, Dirt.IMPOSSIBLE_DATE, Dirt.UNKNOWN_CODE, Dirt.MISSING_CELL)
"""Defects that keep a resident out of the registry until someone corrects the row."""
_OTHER_PLACES = ("外市样例区", "外省示例县", "境外演示城")


@dataclass(slots=True)
class People:
    """What other systems' files need to know of the residents once they have been written."""

    candidates: list[Home] = field(default_factory=list)
    """Homes that may be assisted: their rows are without defects."""
    deaths: list[Resident] = field(default_factory=list)
    lost: int = 0
    """Residents whose row can't be understood and is not corrected later."""
    known: list[Resident] = field(default_factory=list)
    """Residents whom other systems may speak of, in the order of their homes: their rows are without defects."""


@dataclass(slots=True)
class _Street:
    layout: Layout
    table: Table
    rows: int = 0


class PeopleFiles:
    """Writes the residents as they stream by, and remembers the few that matter later."""

    def __init__(self, out: Path, manifest: Manifest, planter: Planter, places: list[Place]) -> None:
        self._out, self._manifest, self._planter, self._places = out, manifest, planter, places
        self._dice = Dice(manifest.seed, 3)
        self._candidate_share = 0.06 if manifest.persons >= 5_000 else 0.5
        self._streets: dict[str, _Street] = {}
        self._moves: list[tuple[date, Row]] = []
        self._stale: list[Row] = []
        self._repeated: list[Row] = []
        self._corrections: dict[str, tuple[Layout, list[Row]]] = {}
        self._late_deaths: list[Resident] = []
        self._before: Resident | None = None
        self._seen = 0
        self._people = People()

    def write(self, homes: Iterable[Home]) -> People:
        """Write every home's residents into its street's file, and the files of moves and deaths."""
        with Tables() as tables:
            for home in homes:
                self._home(home, self._street(tables, home.place))
            for street in self._streets.values():
                if street.layout.spreadsheet:
                    street.table.write(["合计", f"{street.rows}人"])
                    self._planter.seen(Dirt.SUM_ROW)
                    self._planter.seen(Dirt.MERGED_TITLE)
                    self._planter.seen(Dirt.SERIAL_DATE, 2 * street.rows)
                self._note(street.layout.file, "persons", EXPORTED, street.rows)
        self._write_moves()
        return self._people

    def write_deaths(self, unnoticed: set[str]) -> None:
        """Write who died. Some deaths are reported late: every second of the `unnoticed` (IDs), and a few others."""
        on_time: list[Resident] = []
        turn = 0
        for resident in sorted(self._people.deaths, key=lambda r: (r.died_on or EXPORTED, r.citizen_id)):
            turn += resident.citizen_id in unnoticed
            if resident.citizen_id in unnoticed:
                late = turn % 2 == 1
                self._planter.seen(Dirt.LATE_DEATH, late)
            elif late := self._planter.due(Dirt.LATE_DEATH):
                self._planter.planted(Dirt.LATE_DEATH)
            (self._late_deaths if late else on_time).append(resident)
        self._write_deaths("死亡_20151201.xlsx", EXPORTED, on_time, "江海区死亡人员名单")

    def write_late(self) -> None:
        """Write what arrives after everything else."""
        self._write_rows(replace(TOWN, file="人口_江南街道_20151220_重复导出.csv"), REPEATED, self._repeated)
        self._write_rows(replace(TOWN, file="人口_江南街道_旧数据_20150630.csv"), STALE, self._stale)
        for layout, rows in self._corrections.values():
            name = layout.file.replace("20151201", "更正_20151228")
            self._write_rows(replace(layout, file=name), CORRECTED, [layout.cut(row) for row in rows])
        self._write_deaths("死亡_迟报_20151228.xlsx", CORRECTED, self._late_deaths, "")

    def _street(self, tables: Tables, place: Place) -> _Street:
        layout = layout_of(place, self._manifest.persons)
        street = self._streets.get(layout.file)
        if street is None:
            street = self._streets[layout.file] = _Street(layout, tables.add(layout.open(self._out)))
        return street

    def _home(self, home: Home, street: _Street) -> None:
        candidate = may_be_assisted(home) and self._dice.chance(self._chance_of(home))
        if candidate:
            self._people.candidates.append(home)
        for resident in home.members:
            if resident.died_on is not None:
                self._people.deaths.append(resident)
            quiet = candidate or resident is home.head or resident.died_on is not None
            moves = not quiet and self._dice.chance(0.018) and self._move(resident)
            planted = self._planter.counts.total()
            for row in self._rows(resident, street.layout, defects=not quiet and not moves):
                street.table.write(street.layout.cut(row))
                street.rows += 1
            if not moves and (quiet or self._planter.counts.total() == planted):
                self._know(resident)
            self._before = resident

    def _know(self, resident: Resident) -> None:
        """Keep whom other systems speak of: the pilot grids, and of a large district only a part of the others."""
        self._seen += 1
        stride = max(1, self._manifest.persons // 100_000)
        old = resident.birth_on < _SIXTY and self._seen % stride == 0
        if resident.place.code in PILOT_GRIDS or old or self._seen % (12 * stride) == 0:
            self._people.known.append(resident)

    def _chance_of(self, home: Home) -> float:
        """Elderly persons who live alone are chosen more often: tekun is theirs."""
        alone = len(home.members) == 1 and home.head.birth_on < _ELDERLY
        return self._candidate_share * (8 if alone else 1)

    def _rows(self, resident: Resident, layout: Layout, *, defects: bool) -> list[Row]:
        row = layout.row(resident)
        if layout.old_ids and resident.birth_on < _OLD and self._planter.due(Dirt.SHORT_ID):
            row[ID] = resident.short_id
            self._planter.planted(Dirt.SHORT_ID)
            return [row]
        if not defects:
            return [row]
        twice_named = resident.place.short == "墟镇社区"
        if twice_named and self._planter.due(Dirt.STREET_MISSING):
            row[STREET] = ""
            self._planter.planted(Dirt.STREET_MISSING)
            self._people.lost += 1
            return [row]
        if layout is TOWN and self._planter.due(Dirt.REPEATED_EXPORT):
            self._planter.planted(Dirt.REPEATED_EXPORT)
            self._repeated.append(list(row))
            return [row]
        kinds = _ON_A_ROW if layout is not TOWN else (*_ON_A_ROW, Dirt.STALE_EXPORT)
        kind = self._planter.first_due(kinds)
        self._people.lost += kind in _LOSING
        return [row] if kind is None else self._spoilt(kind, row, resident, layout)

    def _spoilt(self, kind: Dirt, row: Row, resident: Resident, layout: Layout) -> list[Row]:
        """The row with the defect; some defects are a second row, some stand in a later file."""
        match kind:
            case Dirt.DUPLICATE_ROW:
                return [row, row]
            case Dirt.WRONG_CHECK_DIGIT:
                self._wrong_check_digit(row, resident, layout)
            case Dirt.IMPOSSIBLE_DATE:
                row[BIRTH] = f"{resident.birth_on.year}-02-30"
            case Dirt.UNKNOWN_CODE:
                cell, text = self._dice.pick(((SEX, "7"), (RELATION, "契子"), (KIND, "候鸟")))
                row[cell] = text
            case Dirt.MISSING_CELL:
                row[NAME] = ""
            case Dirt.OTHER_NAME:
                return [row, self._other_name(row, resident.sex)]
            case Dirt.HOMONYM:
                row[NAME] = resident.name = self._before.name if self._before else resident.name
            case Dirt.PROVISIONAL_NUMBER:
                sex = "1" if resident.sex is Sex.MALE else "2"
                row[ID] = f"{AREA}{resident.birth_on:%Y%m%d}{self._dice.between(1, 99):02d}{sex}N"
            case Dirt.STALE_EXPORT:
                self._stale.append([*row[:PHONE], phone(self._dice), *row[PHONE + 1 :]])
            case Dirt.CORRECTED_DETAILS:
                self._correct(layout, [*row[:PHONE], phone(self._dice), *row[PHONE + 1 :]])
            case Dirt.TAB_SUFFIX:
                row[ID] = f"{row[ID]}\t"
        return [row]

    def _wrong_check_digit(self, row: Row, resident: Resident, layout: Layout) -> None:
        last = resident.citizen_id[-1]
        row[ID] = resident.citizen_id[:-1] + ("0123456789X"["0123456789X".index(last) - 3])
        if self._dice.chance(0.5):
            self._planter.seen(Dirt.CORRECTED_ID)
            self._people.lost -= 1
            self._correct(layout, layout.row(resident))

    def _other_name(self, row: Row, sex: Sex) -> Row:
        other = list(row)
        other[NAME] = next(
            name for name in iter(lambda: surname(self._dice) + given_name(self._dice, sex), "") if name != row[NAME]
        )
        return other

    def _correct(self, layout: Layout, row: Row) -> None:
        self._corrections.setdefault(layout.file, (layout, []))[1].append(row)

    def _move(self, resident: Resident) -> bool:
        moved_on = self._dice.day(resident.registered_on + timedelta(days=60), _LAST_MOVE)
        if not date(2011, 1, 1) <= moved_on <= _LAST_MOVE:
            return False
        if self._dice.chance(0.6):
            others = [place for place in self._places if place is not resident.place]
            self._note_move(resident, "区内迁移", self._dice.pick(others).path, moved_on, "购房")
            return True
        self._note_move(resident, "迁出", self._dice.pick(_OTHER_PLACES), moved_on, "工作")
        back_on = moved_on + timedelta(days=self._dice.between(120, 900))
        if back_on <= _LAST_MOVE and self._dice.chance(0.5):
            self._note_move(resident, "迁回", resident.place.path, back_on, "返乡")
        return True

    def _note_move(self, resident: Resident, kind: str, place: str, day: date, reason: str) -> None:
        self._moves.append((day, [resident.name, resident.citizen_id, kind, place, day.isoformat(), reason]))

    def _write_moves(self) -> None:
        name = "迁移变动_20151201.csv"
        self._moves.sort(key=lambda move: (move[0], str(move[1][1])))
        with Tables() as tables:
            headers = ("姓名", "公民身份号码", "变动类型", "迁往地", "变动日期", "原因")
            count = write_all(tables.add(CsvTable(self._out / name, headers)), (row for _, row in self._moves))
        self._note(name, "moves", EXPORTED, count)

    def _write_deaths(self, name: str, export_on: date, deaths: list[Resident], title: str) -> None:
        with Tables() as tables:
            headers = ("身份证号", "姓名", "去世时间", "火化时间")
            table = tables.add(XlsxTable(self._out / name, headers, title))
            count = write_all(table, (self._death(r) for r in deaths))
        if title:
            self._planter.seen(Dirt.MERGED_TITLE)
        self._planter.seen(Dirt.SERIAL_DATE, 2 * count)
        self._note(name, "deaths", export_on, count)

    def _death(self, resident: Resident) -> list[Cell]:
        died_on = resident.died_on or EXPORTED
        return [resident.citizen_id, resident.name, died_on, died_on + timedelta(days=2)]

    def _write_rows(self, layout: Layout, export_on: date, rows: list[Row]) -> None:
        with Tables() as tables:
            count = write_all(tables.add(layout.open(self._out)), rows)
        self._note(layout.file, "persons", export_on, count)

    def _note(self, name: str, content: str, export_on: date, rows: int) -> None:
        self._manifest.files.append(File(name, SOURCE, content, export_on, rows))
