"""Reads one row after another of a file whose columns are known."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from connectors.files.cells import Cell, CellError, text, to_date, to_fen, to_month
from connectors.files.encoding import LOST
from connectors.files.table import RawRow
from connectors.mapping import Match
from connectors.reading.kinds import KINDS
from connectors.reading.places import division_of
from connectors.reading.rows import Fault, Parsed, Reason, RowFault
from connectors.reading.values import parsers
from domain.identity import CitizenId, ProvisionalNumber, clean_number

_SEPARATOR = "\x1f"
_pack = msgspec.msgpack.Encoder().encode


class RowReader:
    """Turns rows into facts or faults.

    `waiting` are the fields at fault in rows that wait in quarantine, `anchors` names and numbers that occur in them.
    """

    def __init__(
        self,
        match: Match,
        sex_coding: str,
        today: date,
        waiting: Sequence[tuple[str, ...]] = (),
        anchors: frozenset[str] = frozenset(),
    ) -> None:
        self._mapping = match.mapping
        self._parses = tuple((p.name, p.index, p.parse) for p in parsers(match, sex_coding))
        self._titles = {column.field.name: column.title.shown for column in match.columns}
        self._first_titles = {field.name: field.headers[0] for field in match.mapping.fields}
        self._types = {column.field.name: column.field.type for column in match.columns}
        self._dates = tuple(name for name, kind in self._types.items() if kind == "date")
        self._places = tuple(sorted((column.field.name, column.index) for column in match.columns))
        self._build = KINDS[match.mapping.source][match.mapping.kind].build
        self._key_fields = frozenset(name for key in match.mapping.keys for name in key)
        self._today = today
        self._waiting = tuple(waiting)
        self._anchors = anchors
        self._anchor_fields = tuple(name for name, kind in self._types.items() if self._is_anchor(name, kind))

    def _is_anchor(self, name: str, kind: str) -> bool:
        """Whether equal values make it likely that two rows are about the same."""
        return kind in ("name", "citizen_id") or (kind == "number" and name in self._key_fields)

    def read(self, row: RawRow) -> Parsed:
        """The row's fact or its fault; never raises."""
        number, cells, problem = row
        packed = _pack(cells)
        if problem:
            return Parsed(number, "", "", packed, fault=Fault(Reason.SHIFTED, problem))
        values: dict[str, Any] = {}
        faults: list[tuple[str, str]] = []
        for name, index, parse in self._parses:
            try:
                values[name] = parse(cells[index])
            except CellError as error:
                faults.append((name, str(error)))
        if not faults:
            try:
                self._check_dates(values)
                values["on"] = values.get(self._mapping.business_date)
                fact = self._build(values)
            except RowFault as fault:
                return self._faulty(number, cells, packed, values, fault)
            key, content = self._key(values), self._content(values)
            rests = tuple(self.rest(cells, fields) for fields in self._waiting) if self._may_mend(values) else ()
            return Parsed(number, key, content, packed, fact, rests=rests)
        return self._faulty(number, cells, packed, values, self._unreadable(cells, faults))

    def _check_dates(self, values: dict[str, Any]) -> None:
        for name in self._dates:
            value = values.get(name)
            if value is not None and value > self._today:
                raise RowFault(Reason.INCONSISTENT, "晚于今天；请核对。", (name,))

    def _unreadable(self, cells: list[Cell], faults: list[tuple[str, str]]) -> RowFault:
        lost = [name for name, index, _ in self._parses if LOST in str(cells[index])]
        if lost:
            message = "含有无法还原的乱码；请从来源系统重新导出。"
            return RowFault(Reason.UNREADABLE, message, tuple(dict.fromkeys((*lost, *(name for name, _ in faults)))))
        message = "；".join(f"“{self._title(name)}”{reason.rstrip('。')}" for name, reason in faults) + "。"
        return RowFault(Reason.UNREADABLE, message if len(faults) > 1 else faults[0][1], [name for name, _ in faults])

    def _title(self, name: str) -> str:
        return self._titles.get(name) or self._first_titles.get(name, name)

    def columns(self, fields: Sequence[str]) -> tuple[str, ...]:
        """The titles of fields as they stand in the file; for absent ones the usual title."""
        present = [name for name in fields if name in self._titles] or list(fields)[:1]
        return tuple(dict.fromkeys(self._title(name) for name in present))

    def _faulty(self, number: int, cells: list[Cell], packed: bytes, values: dict[str, Any], fault: RowFault) -> Parsed:
        known = self._key_fields.isdisjoint(fault.fields)
        found = Fault(fault.reason, fault.message, tuple(sorted(fault.fields)), self.columns(fault.fields))
        rests = (self.rest(cells, found.fields),) if found.fields else ()
        key = self._key(values) if known else ""
        return Parsed(number, key, "", packed, fault=found, rests=rests, division=_division(values))

    def _key(self, values: dict[str, Any]) -> str:
        """What names the record: the first key whose fields all have values, the last one in any case."""
        parts: list[str] = []
        for key in self._mapping.keys:
            parts = [_key_text(values.get(name)) for name in key]
            if all(parts):
                break
        return f"{self._mapping.kind}{_SEPARATOR}{_SEPARATOR.join(parts)}" if any(parts) else ""

    def _content(self, values: dict[str, Any]) -> str:
        return _SEPARATOR.join(
            f"{name}={_content_text(value)}" for name, _, _ in self._parses if (value := values[name]) is not None
        )

    def _may_mend(self, values: dict[str, Any]) -> bool:
        return bool(self._anchors) and any(_key_text(values[name]) in self._anchors for name in self._anchor_fields)

    def anchors(self, cells: Sequence[Cell]) -> set[str]:
        """The names and numbers of a row that can be read."""
        found = set()
        for name, index, parse in self._parses:
            if name in self._anchor_fields and index < len(cells):
                try:
                    found.add(_key_text(parse(cells[index])))
                except CellError:
                    continue
        return found - {""}

    def rest(self, cells: Sequence[Cell], fields: tuple[str, ...]) -> str:
        """The row without these fields, in a form that outlives a change of format and column order."""
        kept = [
            f"{name}={_canonical(cells[index], self._types[name])}"
            for name, index in self._places
            if name not in fields and index < len(cells)
        ]
        return _SEPARATOR.join((self._mapping.kind, ",".join(fields), *kept))


def _division(values: dict[str, Any]) -> str:
    try:
        return division_of(values, required=False)
    except RowFault:
        return ""


def _key_text(value: Any) -> str:
    if value is None or isinstance(value, ProvisionalNumber):
        return ""
    return _content_text(value)


def _content_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, CitizenId):
        return value.number18
    if isinstance(value, ProvisionalNumber):
        return value.number
    return value.isoformat() if isinstance(value, date) else str(value)


def _canonical(cell: Cell, kind: str) -> str:
    try:
        if kind in ("date", "until") and (day := to_date(cell)) is not None:
            return day.isoformat()
        if kind == "month" and (month := to_month(cell)) is not None:
            return month
        if kind == "fen" and (fen := to_fen(cell)) is not None:
            return str(fen)
    except CellError:
        pass
    return clean_number(text(cell))
