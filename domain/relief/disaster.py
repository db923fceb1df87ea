"""A disaster from its warning to its end: WARNED → OCCURRED → RESPONDING → STABLE → VERIFIED → RECOVERING → CLOSED.

What each unit reports of it stands in reporting.py, who is affected in affected.py. A disaster belongs to the division
that recorded it, which reports upwards; the divisions it hit are named by their codes, and by a polygon where one is
known.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from domain import kernel
from domain.codes import DisasterKind, DisasterState, ResponseLevel
from domain.errors import RuleViolated
from domain.relief.clock import Clock

Ring = tuple[tuple[int, int], ...]
"""A polygon's corners in order, each (longitude, latitude) in 1e-7 degrees; its last corner joins its first. Empty:
none is known."""
LISTED_AT_ONCE = 1000
"""Most people that one event lists."""
_ACTIVE = (DisasterState.OCCURRED, DisasterState.RESPONDING)
_HALF_TURN, _QUARTER_TURN, _CORNERS = 1_800_000_000, 900_000_000, 3


class Disaster(kernel.Aggregate):
    """One disaster."""

    TOPIC: ClassVar[str] = "relief.Disaster"
    SUBJECT: ClassVar[str] = "disaster"
    division_code: str = ""
    kind: DisasterKind = DisasterKind.OTHER
    title: str = ""
    state: DisasterState = DisasterState.WARNED
    affected_codes: tuple[str, ...] = ()
    area: Ring = ()
    occurred_at: datetime | None = None
    level: ResponseLevel | None = None
    alarm_at: datetime | None = None
    relief_by: datetime | None = None
    listed: dict[UUID, None] = field(default_factory=dict)
    """People listed as vulnerable, in the order they were."""
    list_made: bool = False
    alarmed_for: datetime | None = None
    """The occurrence whose alarm has gone off."""

    class Created(kernel.Created):
        """It became known: as a warning (`warning` says whose and which), or when it had happened already."""

        TOPIC = "relief.DisasterRegistered"
        TITLE = "登记灾害"
        kind: DisasterKind
        title: str
        warning: str
        affected_codes: tuple[str, ...]
        area: Ring
        division_code: str
        by: str

        def gist(self) -> str:
            return f"{self.kind.label} {self.title}{'（预警）' if self.warning else ''}"

    class Occurred(kernel.Event):
        """It struck at `occurred_at`. The vulnerable people are to be listed, and everybody affected to be helped.

        A source's fact has no moments by which something is due.
        """

        TOPIC = "relief.DisasterOccurred"
        TITLE = "灾害发生"
        kind: DisasterKind
        occurred_at: datetime
        affected_codes: tuple[str, ...]
        area: Ring
        list_by: datetime | None
        alarm_at: datetime | None
        relief_by: datetime | None

        def apply(self, aggregate: "Disaster") -> None:
            aggregate.state = DisasterState.OCCURRED
            aggregate.occurred_at = self.occurred_at
            aggregate.affected_codes, aggregate.area = self.affected_codes, self.area
            aggregate.alarm_at, aggregate.relief_by = self.alarm_at, self.relief_by

        def gist(self) -> str:
            return f"{self.kind.label}，{self.occurred_at:%Y-%m-%d %H:%M}"

    class AreaChanged(kernel.Event):
        """It reaches other places than was known."""

        TOPIC = "relief.DisasterAreaChanged"
        TITLE = "变更受灾范围"
        affected_codes: tuple[str, ...]
        area: Ring
        by: str

        def apply(self, aggregate: "Disaster") -> None:
            aggregate.affected_codes, aggregate.area = self.affected_codes, self.area

        def gist(self) -> str:
            return f"{len(self.affected_codes)} 个区划"

    class Responded(kernel.Event):
        """A response was launched, or its level changed."""

        TOPIC = "relief.ResponseLaunched"
        TITLE = "启动救助应急响应"
        level: ResponseLevel
        former_level: ResponseLevel | None
        grounds: str
        by: str

        def apply(self, aggregate: "Disaster") -> None:
            aggregate.state, aggregate.level = DisasterState.RESPONDING, self.level

        def gist(self) -> str:
            return self.level.label

    class VulnerableListed(kernel.Event):
        """Who lives in the place and can hardly help themselves: by their ids alone, why is their own business."""

        TOPIC = "relief.VulnerableListed"
        TITLE = "列出重点人员"
        listed_ids: tuple[UUID, ...]
        complete: bool

        def apply(self, aggregate: "Disaster") -> None:
            aggregate.listed.update(dict.fromkeys(self.listed_ids))
            aggregate.list_made = aggregate.list_made or self.complete

        def gist(self) -> str:
            return f"{len(self.listed_ids)} 人"

    class AlarmRaised(kernel.Event):
        """People are still without relief, and little time is left."""

        TOPIC = "relief.ReliefAlarmRaised"
        TITLE = "救助时限告警"
        waiting_count: int
        relief_by: datetime

        def apply(self, aggregate: "Disaster") -> None:
            aggregate.alarmed_for = aggregate.occurred_at

        def gist(self) -> str:
            return f"尚有 {self.waiting_count} 人未得到救助，时限 {self.relief_by:%m-%d %H:%M}"

    class Stabilised(kernel.Event):
        """It grows no further; any response ends, and the report is verified."""

        TOPIC = "relief.DisasterStabilised"
        TITLE = "灾情稳定"
        stable_at: datetime
        by: str

        def apply(self, aggregate: "Disaster") -> None:
            aggregate.state = DisasterState.STABLE

    class FlaredUp(kernel.Event):
        """It was not stable after all."""

        TOPIC = "relief.DisasterFlaredUp"
        TITLE = "灾情反复"
        reason: str
        by: str

        def apply(self, aggregate: "Disaster") -> None:
            aggregate.state = DisasterState.OCCURRED if aggregate.level is None else DisasterState.RESPONDING

        def gist(self) -> str:
            return self.reason

    class Verified(kernel.Event):
        """The owner's verified report is filed: its number there."""

        TOPIC = "relief.DisasterVerified"
        TITLE = "灾情核定"
        report_no: int
        by: str

        def apply(self, aggregate: "Disaster") -> None:
            aggregate.state = DisasterState.VERIFIED

    class RecoveryBegun(kernel.Event):
        """Rebuilding begins."""

        TOPIC = "relief.RecoveryBegun"
        TITLE = "转入恢复重建"
        by: str

        def apply(self, aggregate: "Disaster") -> None:
            aggregate.state = DisasterState.RECOVERING

    class Closed(kernel.Event):
        """Over: recovered from, or warned of and never come."""

        TOPIC = "relief.DisasterClosed"
        TITLE = "灾害结束"
        note: str
        by: str

        def apply(self, aggregate: "Disaster") -> None:
            aggregate.state = DisasterState.CLOSED

        def gist(self) -> str:
            return self.note

    @classmethod
    def register(
        cls,
        id: UUID,
        at: datetime,
        *,
        kind: DisasterKind,
        title: str,
        affected_codes: Iterable[str],
        division_code: str,
        by: str,
        area: Ring = (),
        warning: str = "",
    ) -> Self:
        """A disaster that is warned of, or has just struck; raises RuleViolated where nobody could find it again."""
        if not title.strip():
            raise RuleViolated("请写明灾害名称，例如“1713号台风天鸽”或“某村7月2日暴雨内涝”。")
        codes = _codes(affected_codes, division_code)
        said = {"kind": kind, "title": title.strip(), "warning": warning.strip(), "affected_codes": codes}
        return cls.create(cls.Created, id=id, at=at, area=_ring(area), division_code=division_code, by=by, **said)

    def occur(self, at: datetime, *, occurred_at: datetime, clock: Clock) -> None:
        """It has struck: the clock starts. `occurred_at` may lie before `at`, and the hours count from it."""
        self._demand("登记发生", DisasterState.WARNED)
        due = {"list_by": clock.list_by, "alarm_at": clock.alarm_at, "relief_by": clock.relief_by}
        self._record_occurred(at, occurred_at, due)

    def report_occurred(self, at: datetime, *, occurred_at: datetime) -> None:
        """A source says that it struck; history starts no clock."""
        self._record_occurred(at, occurred_at, dict.fromkeys(("list_by", "alarm_at", "relief_by")))

    def change_area(self, at: datetime, *, affected_codes: Iterable[str], by: str, area: Ring = ()) -> None:
        """It reaches other places; what was said before is replaced."""
        self._demand("变更受灾范围", DisasterState.WARNED, *_ACTIVE)
        codes = _codes(affected_codes, self.division_code)
        self.record(self.AreaChanged, at=at, affected_codes=codes, area=_ring(area), by=by)

    def respond(self, at: datetime, *, level: ResponseLevel, grounds: str, by: str) -> None:
        """Launch a response, or raise or lower its level."""
        self._demand("启动应急响应", *_ACTIVE)
        if level is self.level and self.state is DisasterState.RESPONDING:
            raise RuleViolated(f"已启动{level.label}，不重复启动。")
        if not grounds.strip():
            raise RuleViolated("请写明启动或调整响应的依据（预案条款、指挥部决定文号）。")
        self.record(self.Responded, at=at, level=level, former_level=self.level, grounds=grounds.strip(), by=by)

    def list_vulnerable(self, at: datetime, person_ids: Iterable[UUID]) -> tuple[UUID, ...]:
        """Record who of the place is vulnerable, and give those who were not listed before.

        Said again it records nothing new; people found later are added. An empty first list is recorded too: it says
        that somebody looked. Raises RuleViolated before the disaster struck and after it is over.
        """
        self._demand("列出重点人员", *_ACTIVE, DisasterState.STABLE)
        new = tuple(id for id in dict.fromkeys(person_ids) if id not in self.listed)
        if not new and not self.list_made:
            self.record(self.VulnerableListed, at=at, listed_ids=(), complete=True)
        for start in range(0, len(new), LISTED_AT_ONCE):
            part, last = new[start : start + LISTED_AT_ONCE], start + LISTED_AT_ONCE >= len(new)
            self.record(self.VulnerableListed, at=at, listed_ids=part, complete=last)
        return new

    def alarm(self, at: datetime, *, waiting_count: int) -> None:
        """Raise the alarm once, from the alarm's hour on, where people still wait; before, or without any, nothing."""
        if self.alarm_at is None or self.relief_by is None or at < self.alarm_at or waiting_count <= 0:
            return
        if self.state is DisasterState.WARNED or self.alarmed_for == self.occurred_at:
            return
        self.record(self.AlarmRaised, at=at, waiting_count=waiting_count, relief_by=self.relief_by)

    def stabilise(self, at: datetime, *, stable_at: datetime, by: str) -> None:
        """It grows no further."""
        self._demand("登记灾情稳定", *_ACTIVE)
        assert self.occurred_at is not None
        if stable_at < self.occurred_at:
            raise RuleViolated("灾情稳定的时间不能早于灾害发生的时间，请核对。")
        self.record(self.Stabilised, at=at, stable_at=stable_at, by=by)

    def flare_up(self, at: datetime, *, reason: str, by: str) -> None:
        """It was not stable after all: reports are due every day again."""
        self._demand("登记灾情反复", DisasterState.STABLE)
        if not reason.strip():
            raise RuleViolated("请写明灾情反复的情况。")
        self.record(self.FlaredUp, at=at, reason=reason.strip(), by=by)

    def verify(self, at: datetime, *, report_no: int, by: str) -> None:
        """The owner's verified report is filed."""
        self._demand("核定灾情", DisasterState.STABLE)
        self.record(self.Verified, at=at, report_no=report_no, by=by)

    def recover(self, at: datetime, *, by: str) -> None:
        """Rebuilding begins."""
        self._demand("转入恢复重建", DisasterState.VERIFIED)
        self.record(self.RecoveryBegun, at=at, by=by)

    def close(self, at: datetime, *, note: str, by: str) -> None:
        """End it; a warning that did not come true ends too."""
        self._demand("结束", DisasterState.WARNED, DisasterState.VERIFIED, DisasterState.RECOVERING)
        if not note.strip():
            raise RuleViolated("请写明结束的情况：预警解除，或恢复重建已完成。")
        self.record(self.Closed, at=at, note=note.strip(), by=by)

    @property
    def active(self) -> bool:
        """Whether it has struck and is not stable yet."""
        return self.state in _ACTIVE

    def demand_struck(self, what: str) -> datetime:
        """When it struck; raises RuleViolated while it is a warning only, and once it is over."""
        if self.occurred_at is None:
            raise RuleViolated(f"“{self.title}”尚未登记发生，不能{what}；请先登记灾害发生。")
        self.demand_open(what)
        return self.occurred_at

    def demand_open(self, what: str) -> None:
        """Raise RuleViolated once it is over; a warning is enough for people to be evacuated."""
        if self.state is DisasterState.CLOSED:
            raise RuleViolated(f"“{self.title}”已结束，不能{what}。")

    def demand_within(self, division_code: str) -> None:
        """Raise RuleViolated where the disaster did not reach a division, as far as is known."""
        if not any(division_code.startswith(code) or code.startswith(division_code) for code in self.affected_codes):
            raise RuleViolated(f"区划 {division_code} 不在“{self.title}”的受灾范围内；如已波及，请先变更受灾范围。")

    def _record_occurred(self, at: datetime, occurred_at: datetime, due: Mapping[str, datetime | None]) -> None:
        where = {"affected_codes": self.affected_codes, "area": self.area}
        self.record(self.Occurred, at=at, kind=self.kind, occurred_at=occurred_at, **where, **due)

    def _demand(self, what: str, *states: DisasterState) -> None:
        if self.state not in states:
            allowed = "、".join(state.label for state in states)
            raise RuleViolated(f"“{self.title}”现为“{self.state.label}”，不能{what}；须为：{allowed}。")


def _codes(given: Iterable[str], owner: str) -> tuple[str, ...]:
    """The affected divisions, in order and each once; raises RuleViolated for none and for others' ones."""
    codes = tuple(sorted({code.strip() for code in given}))
    if not codes:
        raise RuleViolated("请至少填写一个受灾的区划代码。")
    if outside := [code for code in codes if not code.startswith(owner)]:
        raise RuleViolated(f"受灾区划 {outside[0]} 不在登记单位 {owner} 的辖区内；波及其他辖区的灾害由上级登记。")
    return codes


def _ring(area: Ring) -> Ring:
    """The polygon; raises RuleViolated where it is none."""
    corners = tuple((int(lng), int(lat)) for lng, lat in area)
    if corners and len(set(corners)) < _CORNERS:
        raise RuleViolated("受灾范围的多边形至少要有三个不同的点；不画范围的请留空。")
    if any(abs(lng) > _HALF_TURN or abs(lat) > _QUARTER_TURN for lng, lat in corners):
        raise RuleViolated("受灾范围的坐标应为经度、纬度乘以一千万的整数，请核对。")
    return corners
