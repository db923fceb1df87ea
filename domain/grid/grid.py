"""Grids (网格): the parts of a community on the map, and who answers for each, from and to a day.

A grid's code is its community's twelve digits and three more. A border that is drawn anew replaces the old one from a
day on; the old one stays in the history, so that an incident of last year lies in the grid of last year.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import ClassVar, NamedTuple, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.errors import BadInput, RuleViolated
from domain.grid.geometry import Point, Ring, contains, ring_of
from domain.grid.limits import written
from domain.registry.places import demand_division

_GRIDS = UUID("0d3f5f1e-2f0c-5c37-9a52-7d6f4bb0a3e1")
_CODE_LENGTH = 15


def grid_id(code: str) -> UUID:
    """The id of a grid, by its code alone."""
    return uuid5(_GRIDS, code)


def grids_of(division_code: str) -> str:
    """Tag of every grid of a community."""
    return f"community_grids:{division_code}"


def demand_grid_code(code: str, field: str = "grid_code") -> str:
    """The code itself; raises BadInput where it is not a community's code and three digits more."""
    if not (len(code) == _CODE_LENGTH and code.isascii() and code.isdigit()):
        raise BadInput(f"网格代码“{code[:20]}”应为 15 位数字：所在村（社区）的 12 位代码加 3 位序号。", field)
    demand_division(code[:12], field)
    return code


class Assignment(NamedTuple):
    """An account answers for a grid, from and to a day, both counted; as a deputy beside or in place of its worker."""

    worker: str
    deputy: bool
    from_on: date
    to_on: date | None

    def holds(self, on: date) -> bool:
        """Whether it is in force on a day."""
        return self.from_on <= on and (self.to_on is None or on <= self.to_on)


class Border(NamedTuple):
    """What the grid's border is from a day on."""

    from_on: date
    ring: Ring


class Grid(kernel.Aggregate):
    """One grid. `workers` are the assignments that have not been ended before they began, `borders` all there were."""

    TOPIC: ClassVar[str] = "grid.Grid"
    SUBJECT: ClassVar[str] = "grid"
    division_code: str = ""
    code: str = ""
    name: str = ""
    borders: tuple[Border, ...] = ()
    opened_on: date | None = None
    workers: tuple[Assignment, ...] = ()
    closed_on: date | None = None

    class Created(kernel.Created):
        """The grid exists from `from_on`; a source may know its name and not its border."""

        TOPIC = "grid.GridDefined"
        TITLE = "划定网格"
        code: str
        name: str
        division_code: str
        polygon: tuple[Point, ...] | None
        from_on: date

        def apply(self, aggregate: "Grid") -> None:
            aggregate.opened_on = self.from_on
            if self.polygon is not None:
                aggregate.borders = (Border(self.from_on, self.polygon),)

        def gist(self) -> str:
            return f"{self.code} {self.name}".rstrip()

    class Redefined(kernel.Event):
        """Another name or border holds from `from_on`; what is None stays as it was."""

        TOPIC = "grid.GridRedefined"
        TITLE = "调整网格"
        name: str | None
        polygon: tuple[Point, ...] | None
        reason: str
        from_on: date

        def apply(self, aggregate: "Grid") -> None:
            if self.name is not None:
                aggregate.name = self.name
            if self.polygon is not None:
                later = Border(self.from_on, self.polygon)
                aggregate.borders = tuple(sorted((*aggregate.borders, later), key=lambda border: border.from_on))

        def gist(self) -> str:
            return self.reason

    class Closed(kernel.Event):
        """The grid no longer exists from `from_on`."""

        TOPIC = "grid.GridClosed"
        TITLE = "撤销网格"
        reason: str
        from_on: date

        def apply(self, aggregate: "Grid") -> None:
            aggregate.closed_on = self.from_on

        def gist(self) -> str:
            return self.reason

    class WorkerAssigned(kernel.Event):
        """An account answers for the grid from `from_on` (to `to_on`, counted, if given)."""

        TOPIC = "grid.GridWorkerAssigned"
        TITLE = "指派网格员"
        code: str
        worker: str
        deputy: bool
        from_on: date
        to_on: date | None

        def apply(self, aggregate: "Grid") -> None:
            made = Assignment(self.worker, self.deputy, self.from_on, self.to_on)
            aggregate.workers = (*aggregate.workers, made)

        def gist(self) -> str:
            until = f"至 {self.to_on}" if self.to_on else "起"
            return f"{self.worker}{'（代管）' if self.deputy else ''}，{self.from_on} {until}"

    class WorkerReleased(kernel.Event):
        """The account answers for the grid until `last_on`; what had not begun then never does."""

        TOPIC = "grid.GridWorkerReleased"
        TITLE = "解除网格员指派"
        worker: str
        from_on: date
        last_on: date
        reason: str

        def apply(self, aggregate: "Grid") -> None:
            kept = []
            for each in aggregate.workers:
                if (each.worker, each.from_on) == (self.worker, self.from_on):
                    if self.last_on >= each.from_on:
                        kept.append(each._replace(to_on=self.last_on))
                else:
                    kept.append(each)
            aggregate.workers = tuple(kept)

        def gist(self) -> str:
            return f"{self.worker}：{self.reason}"

        def true_from(self) -> date:
            return self.timestamp.date()

    def subjects(self) -> Iterable[str]:
        """All grids of a community are found together: a point on the map is looked up in them."""
        yield grids_of(self.division_code)

    @classmethod
    def define(
        cls, at: datetime, *, code: str, name: str, polygon: Iterable[tuple[int, int]] | None, from_on: date
    ) -> Self:
        """A grid that exists from `from_on`; raises BadInput or RuleViolated for a wrong code or border."""
        demand_grid_code(code)
        return cls.create(
            cls.Created,
            id=grid_id(code),
            at=at,
            code=code,
            name=written(name, "请填写网格名称。"),
            division_code=code[:12],
            polygon=None if polygon is None else ring_of(polygon),
            from_on=from_on,
        )

    def redefine(
        self,
        at: datetime,
        *,
        name: str | None,
        polygon: Iterable[tuple[int, int]] | None,
        reason: str,
        from_on: date,
    ) -> None:
        """Give the grid another name or border from a day on."""
        self._demand_open()
        if self.opened_on is not None and from_on < self.opened_on:
            raise RuleViolated(f"网格 {self.code} 自 {self.opened_on} 起设立，不能自更早的日期调整。")
        ring = None if polygon is None else ring_of(polygon)
        new_name = None if name is None or name.strip() == self.name else written(name, "网格名称不能为空。")
        if new_name is None and ring in (None, self.border_on(from_on)):
            raise RuleViolated(f"网格 {self.code} 的名称和边界与现有登记相同，无需调整。")
        why = written(reason, "调整网格须写明原因。")
        self.record(self.Redefined, at=at, name=new_name, polygon=ring, reason=why, from_on=from_on)

    def close(self, at: datetime, *, reason: str, from_on: date) -> None:
        """The grid is given up; whoever answered for it no longer does."""
        self._demand_open()
        why = written(reason, "撤销网格须写明原因，以及辖区并入哪个网格。")
        last_on = max(at.date(), from_on - timedelta(days=1))
        for worker in dict.fromkeys(e.worker for e in self.workers if e.to_on is None or e.to_on > last_on):
            self.release(at, worker=worker, last_on=last_on, reason="网格撤销")
        self.record(self.Closed, at=at, reason=why, from_on=from_on)

    def assign(self, at: datetime, *, worker: str, deputy: bool, from_on: date, to_on: date | None) -> None:
        """Let an account answer for the grid. It has one worker at a time; a deputy only for a time that ends."""
        self._demand_open()
        who = written(worker, "请填写网格员账号。")
        if from_on < at.date():
            raise RuleViolated("指派不能追溯，首日不能早于今天。")
        if to_on is not None and to_on < from_on:
            raise RuleViolated("指派末日早于首日，请核对。")
        if deputy and to_on is None:
            raise RuleViolated("代管网格员须有末日；长期负责的请指派为网格员。")
        for each in self.workers:
            meets = (to_on is None or each.from_on <= to_on) and (each.to_on is None or from_on <= each.to_on)
            if meets and each.worker == who:
                raise RuleViolated(f"{who} 在此期间已负责网格 {self.code}，无需重复指派。")
            if meets and not deputy and not each.deputy:
                raise RuleViolated(
                    f"网格 {self.code} 在此期间已由 {each.worker} 负责；请先解除原指派，或指派为代管网格员。"
                )
        self.record(self.WorkerAssigned, at=at, code=self.code, worker=who, deputy=deputy, from_on=from_on, to_on=to_on)

    def release(self, at: datetime, *, worker: str, last_on: date, reason: str) -> None:
        """End an account's assignment after `last_on`, not before today."""
        if last_on < at.date():
            raise RuleViolated("解除指派不能追溯，末日不能早于今天。")
        why = written(reason, "解除指派须写明原因。")
        chosen = [
            each for each in self.workers if each.worker == worker and (each.to_on is None or each.to_on > last_on)
        ]
        if not chosen:
            raise RuleViolated(f"{worker} 在 {last_on} 之后不负责网格 {self.code}，无需解除。")
        for each in chosen:
            self.record(self.WorkerReleased, at=at, worker=worker, from_on=each.from_on, last_on=last_on, reason=why)

    def worker_on(self, on: date) -> str:
        """Who answers for the grid on a day: a deputy where there is one, else its worker; empty where nobody does."""
        held = [each for each in self.workers if each.holds(on)]
        return next((each.worker for each in held if each.deputy), next((each.worker for each in held), ""))

    def border_on(self, on: date) -> Ring | None:
        """The border of a day: of those that held by then the latest; of two from the same day the one decided last."""
        held = [border for border in self.borders if border.from_on <= on]
        return held[-1].ring if held else None

    def holds(self, point: Point, on: date) -> bool:
        """Whether a place lies in this grid on a day, by the border of that day."""
        border = self.border_on(on)
        open_then = self.closed_on is None or on < self.closed_on
        return open_then and border is not None and contains(border, point)

    def report_defined(self, at: datetime, *, name: str, from_on: date) -> None:
        """What a source calls the grid now."""
        if name and name != self.name:
            self.record(self.Redefined, at=at, name=name, polygon=None, reason="来源登记", from_on=from_on)

    def _demand_open(self) -> None:
        if self.closed_on is not None:
            raise RuleViolated(f"网格 {self.code} 已于 {self.closed_on} 撤销，不能再办理变更。")


def grid_at(grids: Iterable[Grid], point: Point, on: date) -> str:
    """The code of the grid a place lies in; where borders touch, the first by code; empty where none has it."""
    return next((grid.code for grid in sorted(grids, key=lambda g: g.code) if grid.holds(point, on)), "")
