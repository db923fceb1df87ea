"""The assistance system's payrolls: a file a year, a row for each case and month, and later corrections."""

from datetime import date
from pathlib import Path

from connectors.demo.cases import EXPORTED, SOURCE
from connectors.demo.dice import Dice
from connectors.demo.manifest import Dirt, File, Manifest, Planter
from connectors.demo.tables import Cell, CsvTable, Table, Tables, write_all
from connectors.demo.welfare import MONTHS, Case, Period
from domain.codes import Scheme

_PAYROLL = (
    "发放年月", "低保证号", "姓名", "身份证号码", "保障人数", "保障金(元)", "分类施保金(元)", "发放合计(元)",
    "账户名称", "开户银行", "账号", "批次号", "资金来源", "发放状态",
)  # fmt: skip
_ON_A_PAYMENT = (
    Dirt.DUPLICATE_ROW,
    Dirt.PAYMENT_DIFFERS,
    Dirt.CORRECTED_PAYMENT,
    Dirt.PAID_TWICE,
    Dirt.UNKNOWN_CASE,
    Dirt.IMPOSSIBLE_DATE,
    Dirt.MISSING_CELL,
    Dirt.RETURNED,
)


class PaymentFiles:
    """Writes one payroll a year, a row for each case and month, and a file of corrections."""

    def __init__(self, out: Path, manifest: Manifest, planter: Planter) -> None:
        self._out, self._manifest, self._planter = out, manifest, planter
        self._dice = Dice(manifest.seed, 13)
        self._corrections: list[list[Cell]] = []
        self.total_yuan = 0

    def write(self, cases: list[Case]) -> int:
        """Write the payrolls of all years; returns how many rows were proper payments."""
        payments = 0
        for year in range(2011, 2016):
            name = f"发放_{year}.csv"
            encoding = "gb18030" if year < 2014 else "utf-8-sig"
            with Tables() as tables:
                table = tables.add(CsvTable(self._out / name, _PAYROLL, encoding))
                rows = proper = 0
                for month in MONTHS:
                    if month[:4] == str(year):
                        for case in cases:
                            period = case.period_in(month) if case.start <= month <= case.last else None
                            if period is not None:
                                rows += self._pay(table, case, period, month)
                                proper += 1
                if year == 2013:
                    table.write(["合计", "", "", "", "", self.total_yuan])
                    self._planter.seen(Dirt.SUM_ROW)
            payments += proper
            self._manifest.files.append(File(name, SOURCE, "payments", _payroll_export(year), rows))
        return payments

    def write_late(self) -> None:
        """Write what the system corrected afterwards."""
        name = "发放更正_20151231.csv"
        with Tables() as tables:
            count = write_all(tables.add(CsvTable(self._out / name, _PAYROLL, "utf-8-sig")), self._corrections)
        self._manifest.files.append(File(name, SOURCE, "payments", EXPORTED, count))

    def _pay(self, table: Table, case: Case, period: Period, month: str) -> int:
        row = _payroll_row(case, period, month)
        rows = [row]
        match self._planter.first_due(_ON_A_PAYMENT, "payments"):
            case Dirt.DUPLICATE_ROW:
                rows.append(row)
            case Dirt.PAYMENT_DIFFERS:
                _amount(row, period.amount + self._dice.between(1, 10) * 10)
            case Dirt.CORRECTED_PAYMENT:
                self._corrections.append(list(row))
                _amount(row, period.amount + 100)
            case Dirt.PAID_TWICE:
                again = list(row)
                again[11] = f"{row[11]}-2"
                rows.append(again)
            case Dirt.UNKNOWN_CASE:
                stray = list(row)
                stray[1] = f"X{case.number[1:]}"
                rows.append(stray)
            case Dirt.IMPOSSIBLE_DATE:
                stray = list(row)
                stray[0] = f"{month[:4]}-13"
                rows.append(stray)
            case Dirt.MISSING_CELL:
                stray = list(row)
                stray[5] = stray[7] = stray[11] = ""
                rows.append(stray)
            case Dirt.RETURNED:
                row[13] = "银行退回"
        for written in rows:
            table.write(written)
        self.total_yuan += period.amount
        return len(rows)


def _payroll_row(case: Case, period: Period, month: str) -> list[Cell]:
    kind = "TK" if case.scheme is Scheme.TEKUN else "DB"
    return [
        month,
        case.number,
        case.head.name,
        case.head.citizen_id,
        period.covered,
        period.amount,
        0,
        period.amount,
        case.head.name,
        case.bank,
        case.account,
        f"{kind}{month.replace('-', '')}",
        "市级财政" if int(month[5:]) % 4 == 0 else "区级财政",
        "发放成功",
    ]


def _amount(row: list[Cell], yuan: int) -> None:
    row[5] = row[7] = yuan


def _payroll_export(year: int) -> date:
    return min(date(year + 1, 1, 5), EXPORTED)
