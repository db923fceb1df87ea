"""What a generated district holds: its files in import order, its totals, and every planted defect with its count."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import msgspec

from connectors.demo.dice import Share
from domain.codes import Code
from domain.errors import BadInput

MANIFEST = "manifest.json"


class Dirt(Code):
    """来源文件中的问题"""

    # Rows that say nothing new.
    DUPLICATE_ROW = "duplicate_row", "同一文件内重复的行"
    REPEATED_EXPORT = "repeated_export", "后来又重复导出的行"
    STALE_EXPORT = "stale_export", "迟到的旧导出，内容已过时的行"
    # Rows that cannot be understood.
    WRONG_CHECK_DIGIT = "wrong_check_digit", "校验码不符的公民身份号码"
    IMPOSSIBLE_DATE = "impossible_date", "不存在的日期"
    UNKNOWN_CODE = "unknown_code", "代码表以外的值"
    MISSING_CELL = "missing_cell", "必填项为空"
    STREET_MISSING = "street_missing", "墟镇社区没有写明街道"
    OTHER_NAME = "other_name", "同一号码下另一个人的姓名"
    UNKNOWN_CASE = "unknown_case", "没有对应救助证号的发放记录"
    # Facts that contradict the rules.
    PAID_AFTER_DEATH = "paid_after_death", "死亡后仍发放的月数"
    AMOUNT_OFF_RULE = "amount_off_rule", "与标准计算结果不符的保障金额"
    PAYMENT_DIFFERS = "payment_differs", "与核定金额不符的发放"
    PAID_TWICE = "paid_twice", "同月重复发放"
    EXCLUSIVE_SCHEMES = "exclusive_schemes", "同时享受低保和特困供养的人员"
    # Oddities that must do no harm.
    UNKNOWN_MEMBER = "unknown_member", "人口库中没有的家庭成员"
    HOMONYM = "homonym", "同名、同日出生的另一个人"
    TAB_SUFFIX = "tab_suffix", "带制表符的号码"
    SHORT_ID = "short_id", "15 位旧号码"
    PROVISIONAL_NUMBER = "provisional_number", "系统自编的临时号码"
    SERIAL_DATE = "serial_date", "表格软件的日期序号"
    SUM_ROW = "sum_row", "合计行"
    MERGED_TITLE = "merged_title", "合并单元格的标题行"
    RETURNED = "returned", "银行退回的发放"
    # What comes later and sets things right.
    CORRECTED_ID = "corrected_id", "更正后重报的号码"
    CORRECTED_DETAILS = "corrected_details", "更正后的电话"
    CORRECTED_PAYMENT = "corrected_payment", "更正后的发放金额"
    LATE_DEATH = "late_death", "迟报的死亡"


SHARES: dict[Dirt, float] = {
    Dirt.DUPLICATE_ROW: 0.002,
    Dirt.WRONG_CHECK_DIGIT: 0.001,
    Dirt.IMPOSSIBLE_DATE: 0.0007,
    Dirt.UNKNOWN_CODE: 0.0007,
    Dirt.MISSING_CELL: 0.0007,
    Dirt.OTHER_NAME: 0.0005,
    Dirt.HOMONYM: 0.001,
    Dirt.TAB_SUFFIX: 0.01,
    Dirt.SHORT_ID: 0.25,  # of those born before 1950
    Dirt.PROVISIONAL_NUMBER: 0.0007,
    Dirt.STREET_MISSING: 0.01,  # of the rows of the two communities of that name
    Dirt.STALE_EXPORT: 0.002,
    Dirt.REPEATED_EXPORT: 0.01,
    Dirt.CORRECTED_DETAILS: 0.002,
    Dirt.UNKNOWN_MEMBER: 0.03,  # of the members beside the head
    Dirt.AMOUNT_OFF_RULE: 0.03,  # of the dibao cases still paid
    Dirt.EXCLUSIVE_SCHEMES: 0.05,  # of the tekun cases
    Dirt.PAID_AFTER_DEATH: 0.4,  # of the cases that ended with a death
    Dirt.PAYMENT_DIFFERS: 0.001,  # of the payments
    Dirt.PAID_TWICE: 0.0005,
    Dirt.UNKNOWN_CASE: 0.0005,
    Dirt.RETURNED: 0.002,
    Dirt.CORRECTED_PAYMENT: 0.0005,
    Dirt.LATE_DEATH: 0.03,  # of the deaths
}
"""Shares of the rows of a file, or of what stands beside them."""
_COMMON = 0.03


@dataclass(frozen=True, slots=True)
class File:
    """One generated file. `source` and `export_on` are what the import is told about it."""

    path: str
    source: str
    content: str
    export_on: date
    rows: int


@dataclass(slots=True)
class Manifest:
    """What was generated. `dirt` counts each defect by kind; `totals` counts what a right import finds."""

    seed: int
    persons: int
    today: date
    files: list[File] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)
    dirt: dict[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows of all files."""
        return sum(file.rows for file in self.files)

    def write(self, folder: Path) -> None:
        """Write `manifest.json` into the folder."""
        text = msgspec.json.format(msgspec.json.encode(self, order="deterministic"), indent=1)
        (folder / MANIFEST).write_bytes(text + b"\n")

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """The manifest of a generated folder; raises BadInput where it holds none."""
        try:
            return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=cls)
        except (OSError, msgspec.MsgspecError):
            raise BadInput(f"{folder} 中没有可用的 {MANIFEST}；请先运行 minzheng demo generate。", "out") from None


class Planter:
    """Decides where defects go and counts them, so that the manifest says exactly how many there are."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._shares: dict[tuple[Dirt, str], Share] = {}

    def due(self, kind: Dirt, where: str = "") -> bool:
        """Whether this row should get the defect; nothing is counted until `planted`."""
        share = self._shares.get((kind, where))
        if share is None:
            # Rare kinds begin on different rows, so that a small district has each of them early.
            rare = SHARES[kind] < _COMMON
            share = self._shares[kind, where] = Share(SHARES[kind], len(self._shares) % 7 if rare else 0)
        return share.due()

    def planted(self, kind: Dirt, where: str = "", count: int = 1) -> None:
        """One defect stands in the files (or, for kinds that count months, `count` of them)."""
        self._shares[kind, where].done()
        self.counts[kind.value] += count

    def seen(self, kind: Dirt, count: int = 1) -> None:
        """A defect that is not spread by a share."""
        self.counts[kind.value] += count

    def first_due(self, kinds: tuple[Dirt, ...], where: str = "") -> Dirt | None:
        """The first kind that is due here, counted as planted; the others stay due for the next row."""
        chosen = None
        for kind in kinds:
            if self.due(kind, where) and chosen is None:
                chosen = kind
        if chosen is not None:
            self.planted(chosen, where)
        return chosen
