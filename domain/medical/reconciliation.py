"""The daily reconciliation (日对账): a hospital's file of a day against the settlements this platform has of it.

What the file lacks, has beyond ours or has with other amounts is a difference; the month is not cleared while one is
open. The same day may be compared again with a corrected file.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import ClassVar, NamedTuple, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.codes import DifferenceKind, SettlementState
from domain.errors import BadInput, RuleViolated
from domain.formulas import yuan
from domain.kernel import NO_ID
from domain.medical.settlement import Settlement

_YUAN = re.compile(r"(?P<sign>-?)(?P<whole>\d{1,12})(?:\.(?P<part>\d{1,2}))?")
_HEADER = "结算ID"


class FileLine(NamedTuple):
    """One line of a day's file: a settlement, or (refund) one that was undone; amounts in fen, not negative."""

    settlement_no: str
    refund: bool
    total_fen: int
    assistance_fen: int

    @property
    def sign(self) -> int:
        """How it counts: a refund −1."""
        return -1 if self.refund else 1


class Sums(NamedTuple):
    """Lines of one side; a refund counts −1 in the count as in the amounts."""

    lines: int = 0
    total_fen: int = 0
    assistance_fen: int = 0

    @classmethod
    def of(cls, file: Iterable[FileLine]) -> "Sums":
        """The sums of a file's lines."""
        sums = cls()
        for line in file:
            sums = cls(
                sums.lines + line.sign,
                sums.total_fen + line.sign * line.total_fen,
                sums.assistance_fen + line.sign * line.assistance_fen,
            )
        return sums


class Difference(NamedTuple):
    """One line that the two sides don't have alike; amounts in fen, 0 where a side lacks it."""

    settlement_no: str
    refund: bool
    kind: DifferenceKind
    ours_total_fen: int
    theirs_total_fen: int
    ours_assistance_fen: int
    theirs_assistance_fen: int


class DailyReconciliation(kernel.Aggregate):
    """One hospital's day."""

    TOPIC: ClassVar[str] = "medical.DailyReconciliation"
    SUBJECT: ClassVar[str] = "reconciliation"
    division_code: str = ""
    hospital_id: UUID = NO_ID
    business_on: date | None = None
    ours: Sums = Sums()
    theirs: Sums = Sums()
    unresolved: tuple[Difference, ...] = ()
    compared: bool = False

    class Created(kernel.Created):
        """A day of a hospital is looked at."""

        TOPIC = "medical.ReconciliationOpened"
        TITLE = "建立日对账"
        hospital_id: UUID
        business_on: date
        division_code: str

    class Compared(kernel.Event):
        """Both sides' sums, and every difference; to be resolved by `resolve_by` where there is one."""

        TOPIC = "medical.DailyReconciled"
        TITLE = "日对账"
        hospital_id: UUID
        business_on: date
        ours: Sums
        theirs: Sums
        diff_fen: int
        differences: tuple[Difference, ...]
        by: str
        resolve_by: date | None

        def apply(self, aggregate: "DailyReconciliation") -> None:
            aggregate.ours = self.ours
            aggregate.theirs = self.theirs
            aggregate.unresolved = self.differences
            aggregate.compared = True

        def gist(self) -> str:
            if not self.differences:
                return f"{self.business_on} {self.ours.lines} 笔 {yuan(self.ours.assistance_fen)}，相符"
            return f"{self.business_on} 差异 {len(self.differences)} 笔，差额 {yuan(self.diff_fen)}"

    class Resolved(kernel.Event):
        """A difference was looked into and this platform's side stands; the note says what the hospital corrects."""

        TOPIC = "medical.DifferenceResolved"
        TITLE = "核实对账差异"
        hospital_id: UUID
        settlement_no: str
        refund: bool
        note: str
        left_count: int
        by: str

        def apply(self, aggregate: "DailyReconciliation") -> None:
            key = (self.settlement_no, self.refund)
            aggregate.unresolved = tuple(d for d in aggregate.unresolved if (d.settlement_no, d.refund) != key)

        def gist(self) -> str:
            return f"结算 {self.settlement_no}：{self.note}"

    def subjects(self) -> Iterable[str]:
        """It is found by its hospital."""
        yield f"hospital:{self.hospital_id}"

    @staticmethod
    def id_for(hospital_id: UUID, business_on: date) -> UUID:
        """The id of a hospital's day."""
        return uuid5(hospital_id, f"day {business_on}")

    @classmethod
    def start(cls, at: datetime, *, hospital_id: UUID, business_on: date, division_code: str) -> Self:
        """A day that nobody has compared yet; raises RuleViolated where it is not over."""
        if business_on >= at.date():
            raise RuleViolated("只能对账已过去的日期；当日结算请次日对账。")
        return cls.create(
            cls.Created,
            id=cls.id_for(hospital_id, business_on),
            at=at,
            hospital_id=hospital_id,
            business_on=business_on,
            division_code=division_code,
        )

    def compare(
        self, at: datetime, *, ours: Iterable[FileLine], theirs: Iterable[FileLine], by: str, resolve_by: date
    ) -> tuple[Difference, ...]:
        """Hold both sides against each other; the differences. What comes out alike again records nothing.

        Raises BadInput where a file names a line twice.
        """
        mine, file = _by_key(ours, "本平台"), _by_key(theirs, "医院")
        differences = tuple(_differences(mine, file))
        sums = (Sums.of(mine.values()), Sums.of(file.values()))
        if not self.compared or (self.ours, self.theirs, self.unresolved) != (*sums, differences):
            assert self.business_on is not None
            self.record(
                self.Compared,
                at=at,
                hospital_id=self.hospital_id,
                business_on=self.business_on,
                ours=sums[0],
                theirs=sums[1],
                diff_fen=sums[0].assistance_fen - sums[1].assistance_fen,
                differences=differences,
                by=by,
                resolve_by=resolve_by if differences else None,
            )
        return differences

    def resolve(self, at: datetime, *, settlement_no: str, refund: bool, note: str, by: str) -> None:
        """Say that this platform's side stands, and how that was found; raises RuleViolated where nothing is open."""
        if not any((d.settlement_no, d.refund) == (settlement_no, refund) for d in self.unresolved):
            raise RuleViolated(f"当日没有结算 {settlement_no} 的未核实差异，请核对结算ID和退费标志。")
        if not note.strip():
            raise RuleViolated(
                "核实差异须写明核实方式和医院如何更正；以医院为准的，请撤销本平台结算后重新结算并再次对账。"
            )
        self.record(
            self.Resolved,
            at=at,
            hospital_id=self.hospital_id,
            settlement_no=settlement_no,
            refund=refund,
            note=note.strip(),
            left_count=len(self.unresolved) - 1,
            by=by,
        )


def lines_of(settlements: Iterable[Settlement], day: date) -> Iterator[FileLine]:
    """What this platform has in a hospital's file of a day: settlements made then, and ones undone then.

    What was reversed (冲正) on the day it was made has never been, and stands in neither side's file.
    """
    for settlement in settlements:
        reversed_ = settlement.state is SettlementState.REVERSED
        if reversed_ and settlement.booked_on == settlement.cancelled_on:
            continue
        number, amounts = settlement.settlement_no, (settlement.bill.total_fen, settlement.split.assistance_fen)
        if settlement.booked_on == day:
            yield FileLine(number, False, *amounts)
        if settlement.cancelled_on == day:
            yield FileLine(number, True, *amounts)


def read_file(text: str) -> tuple[FileLine, ...]:
    """The lines of a hospital's file: 结算ID, 退费标志 (0 or 1), 医疗费总额, 医疗救助支出 in yuan, by commas or tabs.

    Raises BadInput that names the line.
    """
    lines = []
    for number, row in enumerate(text.splitlines(), 1):
        cells = [cell.strip() for cell in re.split(r"[,，\t]", row)]
        if not any(cells) or (number == 1 and cells[0].lstrip("\ufeff") == _HEADER):
            continue
        if len(cells) != 4 or cells[1] not in ("0", "1") or not cells[0]:
            raise BadInput(f"对账文件第 {number} 行应为：结算ID,退费标志（0或1）,医疗费总额,医疗救助支出。", "file")
        total, assistance = (abs(fen_of(cell, number)) for cell in cells[2:])
        lines.append(FileLine(cells[0], cells[1] == "1", total, assistance))
    return tuple(lines)


def fen_of(text: str, row: int) -> int:
    """`1234.50` → 123450 fen; raises BadInput where that is no amount to the fen."""
    found = _YUAN.fullmatch(text)
    if found is None:
        raise BadInput(f"对账文件第 {row} 行的金额“{text[:20]}”应为元，至多两位小数。", "file")
    fen = int(found["whole"]) * 100 + int((found["part"] or "").ljust(2, "0"))
    return -fen if found["sign"] else fen


def _by_key(lines: Iterable[FileLine], side: str) -> dict[tuple[str, bool], FileLine]:
    found: dict[tuple[str, bool], FileLine] = {}
    for line in lines:
        if found.setdefault((line.settlement_no, line.refund), line) is not line:
            raise BadInput(f"{side}一侧的结算 {line.settlement_no} 出现两次，请核对文件。", "file")
    return found


def _differences(
    ours: dict[tuple[str, bool], FileLine], theirs: dict[tuple[str, bool], FileLine]
) -> Iterator[Difference]:
    for key in sorted(ours.keys() | theirs.keys()):
        mine, other = ours.get(key), theirs.get(key)
        if mine == other:
            continue
        kind = DifferenceKind.AMOUNT
        if mine is None or other is None:
            kind = DifferenceKind.ONLY_THERE if mine is None else DifferenceKind.ONLY_HERE
        yield Difference(
            *key,
            kind,
            mine.total_fen if mine else 0,
            other.total_fen if other else 0,
            mine.assistance_fen if mine else 0,
            other.assistance_fen if other else 0,
        )
