"""A case's events as sentences: what happened, by whom, on what basis, and how each amount was computed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from api.cli.base import local
from api.cli.recount import Recount
from domain.access import RoleCode
from domain.assistance import Payment
from domain.clock import CHINA, next_month
from domain.findings import Finding
from domain.formulas import Computed, Step, yuan
from domain.kernel import Event
from domain.parameters import Parameters, Unit
from infra.codec import EventCodec
from infra.log import LogEvent


@dataclass(frozen=True, slots=True)
class Told:
    """One step: the day from which it is true, what happened, and what is known of it."""

    when: date
    title: str
    lines: tuple[str, ...]


def tell(rows: Iterable[LogEvent], case_id: UUID, codec: EventCodec, parameters: Parameters) -> list[Told]:
    """The steps of a case in order of business time; payments of the same amount in a row are one step.

    Nothing personal is decrypted. `parameters` are held against amounts that came without their computation.
    """
    events = [(row, codec.decode(row, with_personal=False)) for row in rows]
    events.sort(key=lambda pair: (pair[1].true_from(), pair[0].position))
    recount = Recount((event for row, event in events if row.stream_id == case_id), parameters)
    return list(_steps(events, case_id, recount))


def _steps(events: Sequence[tuple[LogEvent, Event]], case_id: UUID, recount: Recount) -> Iterator[Told]:
    run: list[tuple[LogEvent, Payment.Created]] = []
    for row, event in events:
        if isinstance(event, Payment.Created):
            if run and not _continues(run[-1][1], event):
                yield _payments(run)
                run = []
            run.append((row, event))
            continue
        if run:
            yield _payments(run)
            run = []
        yield _step(row, event, case_id, recount)
    if run:
        yield _payments(run)


def _continues(before: Payment.Created, event: Payment.Created) -> bool:
    same = (before.amount_fen, before.kind) == (event.amount_fen, event.kind)
    return same and event.month == next_month(before.month)


def _payments(run: Sequence[tuple[LogEvent, Payment.Created]]) -> Told:
    (first_row, first), (last_row, last) = run[0], run[-1]
    if len(run) == 1:
        return _step(first_row, first, first.case_id)
    amount, total = yuan(first.amount_fen), yuan(first.amount_fen * len(run))
    lines = (
        f"{first.kind.label}，每月 {amount}，共 {len(run)} 笔，合计 {total}",
        _whence(first_row, f"位置 {first_row.position} 至 {last_row.position}"),
    )
    return Told(first.true_from(), f"逐月发放 {first.month} 至 {last.month}", lines)


def _step(row: LogEvent, event: Event, case_id: UUID, recount: Recount | None = None) -> Told:
    detail = event.gist()
    if isinstance(event, Finding.Created):
        detail = f"{event.rule.label}：{event.detail}"
    lines = [detail] if detail else []
    if isinstance(computed := getattr(event, "computed", None), Computed):
        lines.extend(_computation("按规则计算", computed, event))
    elif recount is not None and (counted := recount.of(event)) is not None:
        lines.extend(_computation("来源未附计算过程，按规则复核", counted, event))
    lines.append(_whence(row, f"位置 {row.position}"))
    if (corrected := getattr(event, "corrects_version", None)) is not None:
        lines.append(f"更正该事件流第 {corrected} 号事件，原事件保留")
    if row.stream_id != case_id and (subject := _subject(row)):
        lines.insert(0, f"（{subject}的事件）")
    return Told(event.true_from(), event.TITLE or row.topic, tuple(lines))


def _subject(row: LogEvent) -> str:
    own = str(row.stream_id)
    kind = next((tag.partition(":")[0] for tag in row.tags if tag.endswith(own)), "")
    return {"household": "家庭", "person": "人员"}.get(kind, "")


def _whence(row: LogEvent, place: str) -> str:
    role = f"（{RoleCode(row.role).label}）" if row.role in set(RoleCode) else ""
    parts = [
        f"经办：{row.actor or '未记载'}{role}",
        f"来源：{row.source}" if row.source else "",
        f"依据：{row.basis}" if row.basis else "",
        f"发生于 {row.occurred.astimezone(CHINA):%Y-%m-%d}，记录于 {local(row.recorded_at)}",
        place,
    ]
    return "；".join(part for part in parts if part)


def _computation(how: str, computed: Computed, event: Event) -> Iterator[str]:
    """The rule's own result with its trace, and whether what was granted agrees with it."""
    granted = getattr(event, "monthly_fen", getattr(event, "new_fen", computed.amount_fen))
    agreed = "与核定金额一致" if granted == computed.amount_fen else f"与核定的 {yuan(granted)}不一致"
    yield f"{how}：{yuan(computed.amount_fen)}（{agreed}）；公式：{computed.formula}"
    for step in computed.steps:
        yield f"  · {step.name}：{_value(step)}" + (f"（{step.basis}）" if step.basis else "")
    yield f"  · 采用参数：{'、'.join(computed.parameters)}"


def _value(step: Step) -> str:
    if step.unit == Unit.FEN:
        return yuan(step.value)
    if step.unit == Unit.BP:
        return f"{step.value / 100:g}%"
    return f"{step.value} {next((unit.label for unit in Unit if unit == step.unit), step.unit)}"
