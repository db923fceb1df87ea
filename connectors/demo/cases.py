"""The assistance system's files of cases, a row for each treatment period, and of their members."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from connectors.demo.dice import Dice
from connectors.demo.figures import TODAY
from connectors.demo.manifest import Dirt, File, Manifest, Planter
from connectors.demo.residents import AREA, Resident, with_check_digit
from connectors.demo.tables import Cell, CsvTable, Tables, XlsxTable, write_all
from connectors.demo.welfare import Case, Period
from domain.clock import completed_years
from domain.codes import Relation, Scheme

SOURCE = "assistance"
EXPORTED = TODAY
_PROGRAMMES = {
    (Scheme.DIBAO, True): "城市低保",
    (Scheme.DIBAO, False): "农村低保",
    (Scheme.TEKUN, True): "城镇三无",
    (Scheme.TEKUN, False): "农村五保",
}
_LATER_PROGRAMMES = {**_PROGRAMMES, (Scheme.DIBAO, True): "城镇低保", (Scheme.TEKUN, True): "特困人员"}
_RELATIONS = {
    Relation.HEAD: "户主",
    Relation.SPOUSE: "配偶",
    Relation.SON: "子",
    Relation.DAUGHTER: "女",
    Relation.FATHER: "父亲",
    Relation.MOTHER: "母亲",
}
_CASE_FILES = (
    ("救助个案_江南外海_20151231.xlsx", ("440704001", "440704004")),
    ("救助个案_礼乐_20151231.csv", ("440704005",)),
)


class CaseFiles:
    """Writes cases and members."""

    def __init__(self, out: Path, manifest: Manifest, planter: Planter) -> None:
        self._out, self._manifest, self._planter = out, manifest, planter
        self._dice = Dice(manifest.seed, 11)

    def write(self, cases: list[Case]) -> None:
        """Write every case, then every member."""
        self._spoil_amounts(cases)
        for name, streets in _CASE_FILES:
            own = [case for case in cases if case.home.place.street_code in streets]
            rows = self._workbook(name, own) if name.endswith(".xlsx") else self._text(name, own)
            self._manifest.files.append(File(name, SOURCE, "cases", EXPORTED, rows))
        self._members("低保家庭成员_20151231.csv", cases)

    def _spoil_amounts(self, cases: list[Case]) -> None:
        """Some cases are paid more a month than the rule gives, since their last change."""
        for case in cases:
            if case.scheme is Scheme.DIBAO and not case.end and self._planter.due(Dirt.AMOUNT_OFF_RULE):
                case.periods[-1].amount += self._dice.between(2, 9) * 10
                self._planter.planted(Dirt.AMOUNT_OFF_RULE)

    def _workbook(self, name: str, cases: list[Case]) -> int:
        headers = (
            "低保证号", "救助类型", "地区", "户主姓名", "身份证号", "家庭人口数", "保障人口数", "城乡属性",
            "主要致贫原因", "家庭月收入(元)", "保障金额（元）", "分类施保金(元)", "起始保障年月", "截止保障年月",
            "申请日期", "停保原因", "开户银行", "账户名称", "银行账号",
        )  # fmt: skip
        total = 0
        with Tables() as tables:
            table = tables.add(XlsxTable(self._out / name, headers, "江海区社会救助对象台账（截至2015年12月）"))
            count = 0
            for case, period in _periods(cases):
                count += 1
                total += period.amount
                table.write(self._case_row(case, period, case.home.place.path, _PROGRAMMES, case.applied_on))
            table.write(["合计", "", "", "", "", "", "", "", "", "", total])
        self._planter.seen(Dirt.SUM_ROW)
        self._planter.seen(Dirt.MERGED_TITLE)
        self._planter.seen(Dirt.SERIAL_DATE, count)
        return count

    def _text(self, name: str, cases: list[Case]) -> int:
        headers = (
            "救助证编号", "救助类型", "行政区划", "户主姓名", "身份证号", "家庭人口数", "保障人口数", "城乡属性",
            "主要致贫原因", "家庭月收入(元)", "保障金额（元）", "分类施保金(元)", "起始保障年月", "截止保障年月",
            "申请日期", "停保原因", "开户银行", "账户名称", "银行账号",
        )  # fmt: skip
        with Tables() as tables:
            table = tables.add(CsvTable(self._out / name, headers))
            count = 0
            for case, period in _periods(cases):
                row = self._case_row(case, period, case.home.place.code, _LATER_PROGRAMMES, case.applied_on.isoformat())
                for index in (0, 4, 12, 13):  # as that system does, so that spreadsheets keep them as text
                    row[index] = f"{row[index]}\t"
                self._planter.seen(Dirt.TAB_SUFFIX)
                count += 1
                table.write(row)
                if self._planter.due(Dirt.DUPLICATE_ROW, name):
                    self._planter.planted(Dirt.DUPLICATE_ROW, name)
                    table.write(row)
                    count += 1
        return count

    def _case_row(
        self, case: Case, period: Period, place: str, programmes: dict[tuple[Scheme, bool], str], applied: Cell
    ) -> list[Cell]:
        last = period is case.periods[-1]
        reason = case.reason.label if last and case.reason is not None else ""
        return [
            case.number,
            programmes[case.scheme, case.urban],
            place,
            case.head.name,
            case.head.citizen_id,
            period.family,
            period.covered,
            "城镇" if case.urban else "农村",
            case.cause.label,
            _yuan(period.income_fen),
            period.amount,
            0,
            period.start,
            period.end,
            applied,
            reason,
            case.bank,
            case.head.name,
            case.account,
        ]

    def _members(self, name: str, cases: list[Case]) -> None:
        headers = (
            "低保证号", "姓名", "身份证号", "与户主关系", "是否保障对象", "劳动能力", "健康状况", "生活自理能力",
            "人员状态",
        )  # fmt: skip
        with Tables() as tables:
            table = tables.add(CsvTable(self._out / name, headers, "utf-8-sig"))
            count = write_all(table, self._member_rows(cases))
        self._manifest.files.append(File(name, SOURCE, "members", EXPORTED, count))

    def _member_rows(self, cases: list[Case]) -> Iterator[list[Cell]]:
        for case in cases:
            for person in case.family:
                yield self._member_row(case, person)
                if person.relation is not Relation.HEAD and self._planter.due(Dirt.UNKNOWN_MEMBER):
                    self._planter.planted(Dirt.UNKNOWN_MEMBER)
                    row = self._member_row(case, person)
                    row[1], row[2], row[4] = "虚无名", _nobody(case, person), "不享受"
                    yield row

    def _member_row(self, case: Case, person: Resident) -> list[Cell]:
        age = completed_years(person.birth_on, case.applied_on)
        weak = case.scheme is Scheme.TEKUN or age >= 60 or age < 16
        return [
            case.number,
            person.name,
            person.citizen_id,
            _RELATIONS[person.relation],
            "享受" if person in case.covered else "不享受",
            "无" if weak else self._dice.pick(("有", "部分丧失", "完全丧失", "有")),
            self._dice.pick(("健康", "一般", "重病")) if age < 60 else self._dice.pick(("一般", "一般", "重病")),
            self._dice.pick(("有", "有", "部分")) if age >= 75 else "有",
            "死亡" if person.died_on is not None else "正常",
        ]


def _periods(cases: Iterable[Case]) -> Iterator[tuple[Case, Period]]:
    for case in cases:
        for period in case.periods:
            yield case, period


def _yuan(fen: int) -> Cell:
    return fen // 100 if fen % 100 == 0 else f"{fen // 100}.{fen % 100:02d}"


def _nobody(case: Case, person: Resident) -> str:
    """A right citizen ID whose serial the residents' book has not given out on that day."""
    return with_check_digit(f"{AREA}{person.birth_on:%Y%m%d}{998 + (int(case.number[-1]) % 2)}")
