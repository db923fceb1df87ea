"""Facilities: PLANNED → FILED → OPERATING → {RECTIFYING, SUSPENDED, CLOSED}.

养老机构管理办法 (MCA order 66, 2020, text to be checked): an institution for the elderly is registered and files with
the county's civil affairs office; what is not an institution (day care, stations, warehouses) opens without a filing.
A house that is told to mend something takes nobody new until an official accepts that it is mended.

The id follows from the name under which a facility was registered first, so that files that only write the name find
it; a later change of name keeps the id.
"""

import re
import unicodedata
from datetime import date, datetime
from typing import Any, ClassVar, Self
from uuid import UUID, uuid5

from domain.codes import AlarmOutcome, FacilityKind, FacilityState, InspectionResult, OperatorMode
from domain.errors import RuleViolated
from domain.registry.facility_record import FacilityRecord, Inspection

_FACILITIES = UUID("0d9f5c1e-6f51-5d0b-9a63-4407040006ab")
MUST_FILE = frozenset({FacilityKind.INST, FacilityKind.RURAL_HOME})
"""Institutions for the elderly, which file with civil affairs before they open."""
RESIDENTIAL = MUST_FILE | {FacilityKind.COMPREHENSIVE, FacilityKind.DISABILITY_CARE}
"""Where people live and have a bed."""
DAY = frozenset(
    {FacilityKind.DAY_CARE, FacilityKind.COMPREHENSIVE, FacilityKind.HAPPINESS_HOME}
    | {FacilityKind.HOME_HQ, FacilityKind.HOME_STATION, FacilityKind.DISABILITY_CARE}
)
"""Where people come for the day."""
_NEXT = {
    FacilityState.PLANNED: {FacilityState.FILED, FacilityState.OPERATING, FacilityState.CLOSED},
    FacilityState.FILED: {FacilityState.OPERATING, FacilityState.CLOSED},
    FacilityState.OPERATING: {FacilityState.RECTIFYING, FacilityState.SUSPENDED, FacilityState.CLOSED},
    FacilityState.RECTIFYING: {FacilityState.OPERATING, FacilityState.SUSPENDED, FacilityState.CLOSED},
    FacilityState.SUSPENDED: {FacilityState.OPERATING, FacilityState.RECTIFYING, FacilityState.CLOSED},
    FacilityState.CLOSED: set(),
}


def plain_name(name: str) -> str:
    """A facility's name as it is compared: full-width forms folded, no spaces or brackets."""
    return re.sub(r"[\s()（）]+", "", unicodedata.normalize("NFKC", name))


def facility_id(name: str) -> UUID:
    """The id of the facility registered under this name."""
    return uuid5(_FACILITIES, plain_name(name))


class Facility(FacilityRecord):
    """A place where services are given or goods are kept: institutions, stations, day care, warehouses, shelters."""

    TOPIC: ClassVar[str] = "registry.Facility"

    class Created(FacilityRecord.Created):
        """A facility becomes known. Named again, since the library would make up another first event."""

    @classmethod
    def register(
        cls,
        at: datetime,
        *,
        name: str,
        kind: FacilityKind,
        division_code: str,
        state: FacilityState = FacilityState.PLANNED,
        operator_mode: OperatorMode | None = None,
        operator: str = "",
        address: str = "",
        bed_capacity: int = 0,
        area_m2: int | None = None,
        opened_on: date | None = None,
        filing_no: str = "",
        by: str = "",
    ) -> Self:
        """A facility that was not known: planned, or in the state a source says it is in. Area in whole m²."""
        if not plain_name(name):
            raise RuleViolated("设施名称不能为空，请按登记证书填写。")
        if bed_capacity < 0 or (area_m2 is not None and area_m2 <= 0):
            raise RuleViolated("床位数不能为负，面积应大于 0，请核对。")
        return cls.create(
            cls.Created,
            id=facility_id(name),
            at=at,
            name=name.strip(),
            kind=kind,
            state=state,
            operator_mode=operator_mode,
            operator=operator.strip(),
            address=address.strip(),
            bed_capacity=bed_capacity,
            area_m2=area_m2,
            opened_on=opened_on,
            filing_no=filing_no.strip(),
            division_code=division_code,
            by=by,
        )

    # Facts of sources

    def report_state(self, at: datetime, *, state: FacilityState, effective_on: date, reason: str = "") -> None:
        """A source says in what state it is."""
        if state is not self.state:
            self._change(at, state, reason, "", effective_on, "")

    def report_details(
        self,
        at: datetime,
        *,
        effective_on: date,
        operator_mode: OperatorMode | None = None,
        operator: str | None = None,
        address: str | None = None,
        bed_capacity: int | None = None,
        area_m2: int | None = None,
        opened_on: date | None = None,
    ) -> None:
        """A source gives particulars; those that are known already record nothing."""
        given: dict[str, Any] = {"operator_mode": operator_mode, "operator": operator, "address": address}
        given |= {"bed_capacity": bed_capacity, "area_m2": area_m2, "opened_on": opened_on}
        news = {name: value for name, value in given.items() if value is not None and value != getattr(self, name)}
        if news:
            blank = dict.fromkeys(("name", *given))
            self.record(self.DetailsChanged, at=at, effective_on=effective_on, by="", **{**blank, **news})

    def report_inspection(
        self, at: datetime, *, result: InspectionResult, inspected_on: date, found: str = "", by: str = ""
    ) -> None:
        """A source reports an inspection; history opens no work, so it carries no day to mend by."""
        self._inspected(at, result, found, None, inspected_on, by)

    def report_alarm(self, at: datetime, *, alarm_no: str, detector_no: str) -> None:
        """A detector gave an alarm, known to be here or not; the same alarm is recorded once."""
        if alarm_no not in self.alarms_seen:
            self.record(self.SmokeAlarmRaised, at=at, alarm_no=alarm_no, detector_no=detector_no)

    # Decisions

    def file(self, at: datetime, *, filing_no: str, by: str) -> None:
        """The filing of an institution with civil affairs (备案)."""
        if self.kind not in MUST_FILE:
            raise RuleViolated(f"{self.kind.label}无需办理养老机构备案。")
        if not filing_no.strip():
            raise RuleViolated("请填写备案编号。")
        self._demand("备案", FacilityState.PLANNED)
        self._change(at, FacilityState.FILED, "备案", filing_no.strip(), at.date(), by)

    def open(self, at: datetime, *, opened_on: date, by: str) -> None:
        """It begins to work. An institution has to be filed first."""
        if self.kind in MUST_FILE and self.state is FacilityState.PLANNED:
            raise RuleViolated(f"“{self.name}”是{self.kind.label}，登记后须先向区民政部门备案，再开始运营。")
        self._demand("开始运营", FacilityState.PLANNED, FacilityState.FILED)
        self._change(at, FacilityState.OPERATING, "开业", "", opened_on, by)

    def change_details(self, at: datetime, *, by: str, **given: object) -> None:
        """Correct or change particulars; raises RuleViolated where nothing would change or it is closed."""
        if self.state is FacilityState.CLOSED:
            raise RuleViolated(f"“{self.name}”已关停，不再变更信息。")
        names = ("name", "operator_mode", "operator", "address", "bed_capacity", "area_m2", "opened_on")
        news = {name: given.get(name) for name in names}
        news = {name: value if value != getattr(self, name) else None for name, value in news.items()}
        if not any(value is not None for value in news.values()):
            raise RuleViolated("没有需要变更的内容。")
        beds, area = news["bed_capacity"], news["area_m2"]
        if (isinstance(beds, int) and beds < 0) or (isinstance(area, int) and area <= 0):
            raise RuleViolated("床位数不能为负，面积应大于 0，请核对。")
        self.record(self.DetailsChanged, at=at, effective_on=at.date(), by=by, **news)

    def inspect(
        self,
        at: datetime,
        *,
        result: InspectionResult,
        found: str,
        inspected_on: date,
        rectify_by: date | None,
        by: str,
    ) -> None:
        """Record an inspection; what is to be mended by a day puts a working house under rectification."""
        if self.state in (FacilityState.PLANNED, FacilityState.CLOSED):
            raise RuleViolated(f"“{self.name}”现为“{self.state.label}”，不登记检查。")
        if inspected_on > at.date():
            raise RuleViolated("检查日期不能晚于今天。")
        mend = result is not InspectionResult.PASSED
        if mend and not found.strip():
            raise RuleViolated("要求整改的，请写明发现的问题。")
        if mend and (rectify_by is None or rectify_by < at.date()):
            raise RuleViolated("要求整改的，请填写今天以后的整改期限。")
        self._inspected(at, result, found.strip(), rectify_by if mend else None, inspected_on, by)
        state = {InspectionResult.RECTIFY: FacilityState.RECTIFYING, InspectionResult.SUSPEND: FacilityState.SUSPENDED}
        new = state.get(result)
        if new is not None and new in _NEXT[self.state]:
            self._change(at, new, f"第 {max(self.inspections)} 次检查", "", at.date(), by)

    def accept_rectification(self, at: datetime, *, number: int, note: str, done_on: date, by: str) -> None:
        """An official looked again and accepts; with the last open one the house is back at work."""
        known = self.inspections.get(number)
        if known is None or not known.waiting:
            raise RuleViolated(f"第 {number} 次检查没有待验收的整改。")
        if not known.inspected_on <= done_on <= at.date():
            raise RuleViolated("整改完成日期应在检查日与今天之间。")
        if not note.strip():
            raise RuleViolated("请写明复查看到的整改情况。")
        self.record(self.RectificationDone, at=at, number=number, note=note.strip(), done_on=done_on, by=by)
        halted = self.state in (FacilityState.RECTIFYING, FacilityState.SUSPENDED)
        if halted and not self.open_inspections:
            self._change(at, FacilityState.OPERATING, f"第 {number} 次检查整改合格", "", at.date(), by)

    def suspend(self, at: datetime, *, reason: str, by: str) -> None:
        """Stop the service, as when what was to be mended is not; who lives there is looked after."""
        self._demand("暂停服务", FacilityState.OPERATING, FacilityState.RECTIFYING)
        self._change(at, FacilityState.SUSPENDED, _written(reason, "请写明暂停服务的原因。"), "", at.date(), by)

    def resume(self, at: datetime, *, reason: str, by: str) -> None:
        """Work again; not while something is still to be mended."""
        self._demand("恢复运营", FacilityState.SUSPENDED, FacilityState.RECTIFYING)
        if waiting := self.open_inspections:
            raise RuleViolated(f"第 {waiting[0].number} 次检查要求的整改尚未验收，不能恢复运营。")
        self._change(at, FacilityState.OPERATING, _written(reason, "请写明恢复运营的依据。"), "", at.date(), by)

    def close(self, at: datetime, *, reason: str, by: str, residents: int) -> None:
        """End it for good. `residents` are the people still there, who are to be settled elsewhere first."""
        if residents:
            raise RuleViolated(f"“{self.name}”尚有 {residents} 名在院老年人，安置完毕并登记离院后才能关停。")
        if self.state is FacilityState.CLOSED:
            raise RuleViolated(f"“{self.name}”已经关停。")
        self._change(at, FacilityState.CLOSED, _written(reason, "请写明关停的原因。"), "", at.date(), by)

    def install_detector(self, at: datetime, *, detector_no: str, place: str, installed_on: date, by: str) -> None:
        """A smoke detector is in place."""
        number = _written(detector_no, "请填写烟感编号。")
        if number in self.detectors:
            raise RuleViolated(f"烟感 {number} 已安装在{self.detectors[number]}，不能重复登记。")
        if installed_on > at.date():
            raise RuleViolated("安装日期不能晚于今天。")
        place = _written(place, "请填写安装位置。")
        self.record(self.DetectorInstalled, at=at, detector_no=number, place=place, installed_on=installed_on, by=by)

    def remove_detector(self, at: datetime, *, detector_no: str, reason: str, by: str) -> None:
        """A smoke detector is taken away."""
        if detector_no not in self.detectors:
            raise RuleViolated(f"“{self.name}”没有编号为 {detector_no} 的烟感。")
        why = _written(reason, "请写明拆除的原因。")
        self.record(self.DetectorRemoved, at=at, detector_no=detector_no, reason=why, removed_on=at.date(), by=by)

    def handle_alarm(self, at: datetime, *, alarm_no: str, outcome: AlarmOutcome, note: str, by: str) -> None:
        """Somebody went there and says what it was."""
        if alarm_no not in self.alarms:
            raise RuleViolated(f"没有编号为 {alarm_no} 的待处置报警，或已处置。")
        if outcome in (AlarmOutcome.FIRE, AlarmOutcome.SMOKE) and not note.strip():
            raise RuleViolated("有烟或起火的，请写明处置情况。")
        self.record(self.SmokeAlarmHandled, at=at, alarm_no=alarm_no, outcome=outcome, note=note.strip(), by=by)

    @property
    def open_inspections(self) -> tuple[Inspection, ...]:
        """Inspections whose rectification is not accepted yet."""
        return tuple(each for each in self.inspections.values() if each.waiting)

    def demand_open_for(self, what: str) -> None:
        """Raise RuleViolated where it takes nobody new now."""
        if self.state is not FacilityState.OPERATING:
            raise RuleViolated(f"“{self.name}”现为“{self.state.label}”，不能{what}；须在运营中。")

    def _inspected(
        self,
        at: datetime,
        result: InspectionResult,
        found: str,
        rectify_by: date | None,
        inspected_on: date,
        by: str,
    ) -> None:
        self.record(
            self.Inspected,
            at=at,
            number=len(self.inspections) + 1,
            result=result,
            found=found,
            rectify_by=rectify_by,
            inspected_on=inspected_on,
            by=by,
        )

    def _change(
        self, at: datetime, state: FacilityState, reason: str, reference: str, effective_on: date, by: str
    ) -> None:
        self.record(
            self.StatusChanged,
            at=at,
            state=state,
            former=self.state,
            reason=reason,
            reference=reference,
            effective_on=effective_on,
            by=by,
        )

    def _demand(self, what: str, *states: FacilityState) -> None:
        if self.state not in states:
            allowed = "、".join(state.label for state in states)
            raise RuleViolated(f"“{self.name}”现为“{self.state.label}”，不能{what}；须为：{allowed}。")


def _written(text: str, demand: str) -> str:
    if not text.strip():
        raise RuleViolated(demand)
    return text.strip()
