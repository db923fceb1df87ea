"""Reads quarantined rows again, as they stood or with corrected cells, and records those that are understood now."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING
from uuid import UUID

from connectors.checking import record_findings
from connectors.deciding import Decider, Decision, Origin
from connectors.files.cells import Cell
from connectors.files.table import RawRow
from connectors.kafka.rows import MESSAGE
from connectors.quarantine import Kept, Quarantine
from connectors.reading.rows import TOO_EARLY, Fault, Parsed, Reason
from connectors.setting_aside import with_columns
from domain.access import SYSTEM, Actor
from domain.errors import BadInput, IdentifierTaken, NotFound, VersionConflict

if TYPE_CHECKING:
    from connectors.importer import Importer

_AT_ONCE = 500
_ATTEMPTS = 5
_EXPIRED = "原始内容已到期销毁；请从来源系统重新导出。"


@dataclass(slots=True)
class Retried:
    """What came of a retry: `recorded` rows are in the log now (or were already), `waiting` ones still wait, why."""

    recorded: int = 0
    waiting: int = 0
    reasons: dict[str, int] = field(default_factory=dict)


async def retry(
    importer: "Importer",
    *,
    ids: Sequence[UUID] = (),
    file_id: UUID | None = None,
    reason: str = "",
    source: str = "",
    actor: Actor = SYSTEM,
) -> Retried:
    """Read open rows again: the named ones, or all of a file, reason or source; all that wait without arguments."""
    async with importer.tables.only_one("import"):
        return await _all(importer, actor, ids=ids, file_id=file_id, reasons=[reason] if reason else (), source=source)


async def retry_early(importer: "Importer", actor: Actor = SYSTEM) -> int:
    """Read again what came before that on which it builds, as often as that lets more of it in; how many rows entered.

    To be called under the import's lock, once something new has been taken in.
    """
    entered = 0
    while recorded := (await _all(importer, actor, reasons=[reason.value for reason in TOO_EARLY])).recorded:
        entered += recorded
    return entered


async def _all(
    importer: "Importer",
    actor: Actor,
    *,
    ids: Sequence[UUID] = (),
    file_id: UUID | None = None,
    reasons: Sequence[str] = (),
    source: str = "",
) -> Retried:
    quarantine = Quarantine(importer.tables)
    retried = Retried()
    after: UUID | None = None
    while kept := await quarantine.take(
        ids=ids, file_id=file_id, reasons=reasons, source=source, after=after, limit=_AT_ONCE
    ):
        after = kept[-1].id
        for _, group in groupby(kept, key=lambda row: (row.source, row.kind, row.export_on, row.file_id, row.basis)):
            await _retry(importer, quarantine, list(group), {}, actor, retried)
    return retried


async def correct(importer: "Importer", id: UUID, cells: dict[str, str], actor: Actor) -> Retried:
    """Read one open row again with these cells (title → text) in place of its own.

    Raises NotFound where no such row waits, BadInput for a title its file doesn't have.
    """
    quarantine = Quarantine(importer.tables)
    async with importer.tables.only_one("import"):
        kept = await quarantine.take(ids=[id])
        if not kept:
            raise NotFound("没有此待处理记录，或已处理。")
        titles = kept[0].layout.titles
        if unknown := [title for title in cells if title not in titles]:
            raise BadInput(f"此文件没有“{unknown[0][:40]}”列；可用：{'、'.join(titles)}。", "cells")
        retried = Retried()
        await _retry(importer, quarantine, kept, cells, actor, retried)
        return retried


async def _retry(
    importer: "Importer",
    quarantine: Quarantine,
    kept: list[Kept],
    cells: dict[str, str],
    actor: Actor,
    retried: Retried,
) -> None:
    """Rows of one file, or of one partition of a topic."""
    if kept[0].kind == MESSAGE:  # no record was found in it: only its source can send it anew
        retried.waiting += len(kept)
        return
    first, today = kept[0], importer.settings.now().date()
    medium, _, mark = first.basis.partition(":")
    origin = Origin(
        source=first.source,
        kind=first.kind,
        export_on=first.export_on,
        file_id=first.file_id,
        file_mark=mark or first.sha256.hex()[:16],
        actor=actor,
        medium=medium or "file",
        taken_on=today,
    )
    keyring = importer.store.keyring
    await keyring.preload([row.key_holder for row in kept])
    reader = first.layout.reader(today)
    parsed: dict[UUID, Parsed] = {}
    for row in kept:
        own = row.cells(keyring)
        parsed[row.id] = _lost(row) if own is None else reader.read(RawRow(row.row, _corrected(row, own, cells)))
    decision = await _recorded(importer.decider(first.source), list(parsed.values()), origin)
    if decision.touched:
        parameters = await importer.parameters()
        await record_findings(importer.decider(first.source), decision.touched, parameters, origin)
    by_row = {id(item): key for key, item in parsed.items()}
    failed = [(by_row[id(row.parsed)], with_columns(fault, reader.columns)) for row, fault in decision.faults]
    waiting = {key for key, _ in failed}
    await quarantine.close([key for key in parsed if key not in waiting], failed)
    retried.recorded += len(parsed) - len(failed)
    retried.waiting += len(failed)
    for _, fault in failed:
        retried.reasons[fault.reason.label] = retried.reasons.get(fault.reason.label, 0) + 1


def _corrected(row: Kept, own: list[Cell], cells: dict[str, str]) -> list[Cell]:
    return [cells.get(title, cell) for title, cell in zip(row.layout.titles, own, strict=False)]


def _lost(row: Kept) -> Parsed:
    return Parsed(row.row, "", "", b"", fault=Fault(Reason.UNREADABLE, _EXPIRED))


async def _recorded(decider: Decider, rows: list[Parsed], origin: Origin) -> Decision:
    world = decider.world
    for attempt in range(_ATTEMPTS):
        await decider.start()
        decision = await decider.decide(rows, origin)
        if not decision.append.messages and not decision.append.events:
            return decision
        try:
            appended = await world.log.append(decision.append)
        except (VersionConflict, IdentifierTaken):
            world.keyring.forget(decision.append.keys)
            if attempt == _ATTEMPTS - 1:
                raise
            continue
        if not appended.duplicate:
            world.keyring.confirm(decision.append.keys)
            return decision
    raise VersionConflict("其他人一直在修改同样的记录；请稍后重试。")


__all__ = ["Retried", "correct", "retry", "retry_early"]
