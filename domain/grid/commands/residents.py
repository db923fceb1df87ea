"""Decisions about residents: surveys, visits given out and made, and moves that grid workers report.

A death is reported by the registry's own `ReportDeath`, which grid workers may give: it is unconfirmed until an office
confirms it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID, uuid5

from domain.access import CASEWORKERS
from domain.clock import month_of
from domain.codes import ChangeState, GridVisitResult, Living, ResidentEnd, Tenure, VisitPurpose
from domain.errors import BadInput, NotFound, RuleViolated
from domain.grid.alone import AloneUnvisited, born_by, last_day_of, month_span
from domain.grid.commands.grids import chosen_grid
from domain.grid.grid import Grid, grid_id, grids_of
from domain.grid.limits import HANDS
from domain.grid.move import MoveReport
from domain.grid.resident import Resident, resident_id
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany, LoadTagged
from domain.registry.person import Person
from domain.registry.places import demand_division

PersonId = Annotated[UUID, Doc("人员标识")]
MOST = 100
"""Residents of one allocation."""


def demand_living(person: Person) -> None:
    """Raise RuleViolated where nobody can be called on."""
    if person.death_confirmed or person.moved_out or person.merged_into is not None:
        raise RuleViolated("此人已死亡、迁出或记录已合并，不能办理；请核对人员。")


@dataclass(frozen=True, kw_only=True)
class SurveyResident(Command):
    """采集居民信息：居住状况等由本人陈述；首次采集即列入网格，在别的网格的改为现网格。"""

    ROLES: ClassVar = HANDS
    person_id: PersonId
    living: Annotated[Living, Doc("居住状况")]
    surveyed_on: Annotated[date, Doc("采集日期")]
    grid_code: Annotated[str, Doc("网格代码；不填则不变")] = ""
    tenure: Annotated[Tenure, Doc("居住类型")] = Tenure.UNKNOWN
    emergency_contact: Annotated[str | None, Doc("紧急联系人和电话，加密保存")] = None
    note: Annotated[str | None, Doc("其他情况，加密保存")] = None

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        demand_living(person)
        division = person.division_code
        grids: dict[UUID, Grid] = yield LoadTagged(Grid, (grids_of(division),))
        code = chosen_grid(self.grid_code, division, grids, None, by)
        known: dict[UUID, Resident] = yield LoadMany(Resident, (resident_id(person.id),))
        resident = known.get(resident_id(person.id))
        if resident is None:
            resident = Resident.enter(
                by.now, person_id=person.id, grid_code=code, division_code=division, from_on=self.surveyed_on
            )
        else:
            kept = code or (resident.grid_code if resident.division_code == division else "")
            resident.transfer(by.now, to_division_code=division, grid_code=kept, moved_on=self.surveyed_on)
        resident.survey(
            by.now,
            living=self.living,
            tenure=self.tenure,
            emergency_contact=self.emergency_contact,
            note=self.note,
            by=by.actor.name,
            surveyed_on=self.surveyed_on,
        )
        return (resident,)


@dataclass(frozen=True, kw_only=True)
class AllocateGridVisits(Command):
    """分派走访：为一批居民指定走访人和期限；不填走访人的由所在网格的网格员（代管期间为代管网格员）走访。"""

    ROLES: ClassVar = CASEWORKERS
    person_ids: Annotated[tuple[UUID, ...], Doc("人员标识，一次至多 100 人")]
    purpose: Annotated[VisitPurpose, Doc("走访事由")]
    due_on: Annotated[date, Doc("期限")]
    worker: Annotated[str, Doc("走访人账号")] = ""

    def decide(self, by: Decision) -> Decided:
        people = tuple(dict.fromkeys(self.person_ids))
        if not 0 < len(people) <= MOST:
            raise BadInput(f"一次应分派 1 至 {MOST} 人，现为 {len(people)} 人；请分批办理。", "person_ids")
        found: dict[UUID, Resident] = yield LoadMany(Resident, tuple(resident_id(person) for person in people))
        grids: dict[UUID, Grid] = yield LoadMany(
            Grid, tuple({grid_id(each.grid_code) for each in found.values() if each.grid_code})
        )
        changed = []
        for person in people:
            resident = found.get(resident_id(person))
            if resident is None or not by.actor.covers(resident.division_code):
                raise NotFound(f"没有找到人员 {person} 的网格信息，或不在您的管辖范围内；请先采集居民信息。")
            grid = grids.get(grid_id(resident.grid_code))
            worker = self.worker or (grid.worker_on(by.today) if grid is not None else "")
            visit = uuid5(by.new_id, str(person))
            resident.allocate(by.now, visit_id=visit, worker=worker, purpose=self.purpose, due_on=self.due_on)
            changed.append(resident)
        return tuple(changed)


@dataclass(frozen=True, kw_only=True)
class AllocateMonthlyVisits(Command):
    """分派月度走访：采集为独居、年满参数年龄、本月尚未见到的居民，由所在网格的网格员于月底前走访；已分派的不重复，没有网格员的留待分派。"""

    ROLES: ClassVar = CASEWORKERS
    division_code: Annotated[str, Doc("区划代码，含全部下级")]

    def decide(self, by: Decision) -> Decided:
        demand_division(self.division_code)
        since, until = month_span(month_of(by.today))
        age = by.parameters.value("grid.alone_age", self.division_code, by.today)
        wish = AloneUnvisited(self.division_code, born_by(by.today, age), since, until)
        people: tuple[UUID, ...] = yield wish
        found: dict[UUID, Resident] = yield LoadMany(Resident, tuple(resident_id(person) for person in people))
        grids: dict[UUID, Grid] = yield LoadMany(
            Grid, tuple({grid_id(each.grid_code) for each in found.values() if each.grid_code})
        )
        changed = []
        for resident in found.values():
            grid = grids.get(grid_id(resident.grid_code))
            worker = grid.worker_on(by.today) if grid is not None else ""
            if worker and not resident.owes(VisitPurpose.ALONE_80) and by.actor.covers(resident.division_code):
                resident.allocate(
                    by.now,
                    visit_id=uuid5(by.new_id, str(resident.person_id)),
                    worker=worker,
                    purpose=VisitPurpose.ALONE_80,
                    due_on=last_day_of(by.today),
                )
                changed.append(resident)
        if not changed:
            raise RuleViolated("本月没有可以分派的独居高龄老人走访：均已走访、已分派，或所在网格没有网格员。")
        return tuple(changed)


@dataclass(frozen=True, kw_only=True)
class LogGridVisit(Command):
    """登记走访：何时见到何人、情况如何；需要帮助的另报需求线索，搬离、去世的另行上报。"""

    ROLES: ClassVar = HANDS
    person_id: PersonId
    result: Annotated[GridVisitResult, Doc("走访结果")]
    visited_on: Annotated[date, Doc("走访日期")]
    purpose: Annotated[VisitPurpose, Doc("走访事由")] = VisitPurpose.CARE
    note: Annotated[str | None, Doc("情况，加密保存；未见到或有情况的必填")] = None

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        known: dict[UUID, Resident] = yield LoadMany(Resident, (resident_id(person.id),))
        resident = known.get(resident_id(person.id))
        if resident is None:
            demand_living(person)
            resident = Resident.enter(
                by.now,
                person_id=person.id,
                grid_code="",
                division_code=person.division_code,
                from_on=self.visited_on,
            )
        resident.log_visit(
            by.now,
            visit_id=by.new_id,
            purpose=self.purpose,
            result=self.result,
            note=self.note,
            by=by.actor.name,
            visited_on=self.visited_on,
            acts_for=by.actor.acts_for,
        )
        return (resident,)


@dataclass(frozen=True, kw_only=True)
class EndResident(Command):
    """不再列入网格：登记有误等；死亡、迁出的随人口登记办理。"""

    ROLES: ClassVar = CASEWORKERS
    person_id: PersonId
    reason: Annotated[ResidentEnd, Doc("原因")]
    from_on: Annotated[date, Doc("自何日起")]

    def decide(self, by: Decision) -> Decided:
        resident: Resident = yield Load(Resident, resident_id(self.person_id))
        if resident.ended is not None:
            raise RuleViolated("此人已不再列入网格，无需重复办理。")
        resident.end(by.now, reason=self.reason, from_on=self.from_on)
        return (resident,)


@dataclass(frozen=True, kw_only=True)
class ResumeResident(Command):
    """重新列入网格：误登记，或此人已返回。"""

    ROLES: ClassVar = CASEWORKERS
    person_id: PersonId
    from_on: Annotated[date, Doc("自何日起")]

    def decide(self, by: Decision) -> Decided:
        resident: Resident = yield Load(Resident, resident_id(self.person_id))
        if resident.ended is None:
            raise RuleViolated("此人已在网格中，无需重新列入。")
        resident.resume(by.now, from_on=self.from_on)
        return (resident,)


@dataclass(frozen=True, kw_only=True)
class ReportMove(Command):
    """上报搬迁线索：待村（社区）或街道确认，确认前不改变居住地登记。"""

    ROLES: ClassVar = HANDS
    person_id: PersonId
    moved_on: Annotated[date, Doc("搬迁日期")]
    evidence: Annotated[str, Doc("线索来源，如“入户走访”，不写个人信息")]
    to_division_code: Annotated[str | None, Doc("迁入地区划代码；迁出本区的不填")] = None
    to_place: Annotated[str, Doc("迁出本区的迁往地")] = ""

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        demand_living(person)
        if self.to_division_code is not None:
            demand_division(self.to_division_code, "to_division_code")
        known: dict[UUID, MoveReport] = yield LoadTagged(MoveReport, (f"person:{person.id}",))
        if any(other.state is ChangeState.REPORTED for other in known.values()):
            raise RuleViolated("此人已有待确认的搬迁上报，无需重复上报。")
        report = MoveReport.make(
            by.new_id,
            by.now,
            person_id=person.id,
            to_division_code=self.to_division_code,
            to_place=self.to_place,
            moved_on=self.moved_on,
            evidence=self.evidence,
            by=by.actor.name,
            confirm_by=by.due("grid.change_confirm", person.division_code),
            division_code=person.division_code,
        )
        return (report,)


@dataclass(frozen=True, kw_only=True)
class ConfirmMove(Command):
    """确认搬迁：核实后变更居住地登记（区内迁移或迁出本区）。"""

    ROLES: ClassVar = CASEWORKERS
    report_id: Annotated[UUID, Doc("搬迁上报标识")]

    def decide(self, by: Decision) -> Decided:
        report: MoveReport = yield Load(MoveReport, self.report_id)
        person: Person = yield Load(Person, report.person_id)
        assert report.moved_on is not None
        report.confirm(by.now, by=by.actor.name)
        if report.to_division_code is None:
            person.move_out(by.now, to_place=report.to_place, moved_on=report.moved_on)
        else:
            person.move(by.now, to_division_code=report.to_division_code, moved_on=report.moved_on)
        return report, person


@dataclass(frozen=True, kw_only=True)
class RejectMove(Command):
    """搬迁不属实：写明核实情况，居住地登记不变。"""

    ROLES: ClassVar = CASEWORKERS
    report_id: Annotated[UUID, Doc("搬迁上报标识")]
    reason: Annotated[str, Doc("核实情况，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        report: MoveReport = yield Load(MoveReport, self.report_id)
        report.reject(by.now, reason=self.reason, by=by.actor.name)
        return (report,)
