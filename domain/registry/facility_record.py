"""What a facility is: its fields, its events, and what each of them changes. What may be decided: facility.py.

A facility's name, address and operator are public (机构公示), and so is what an inspection found about the house. What
is found about a person stands in that person's own records.
"""

from dataclasses import field
from datetime import date, datetime
from typing import ClassVar, NamedTuple

from domain import kernel
from domain.codes import AlarmOutcome, FacilityKind, FacilityState, InspectionResult, OperatorMode


class Inspection(NamedTuple):
    """One inspection and what is left of it: `waiting` until a demanded rectification is accepted."""

    number: int
    result: InspectionResult
    inspected_on: date
    by: str
    rectify_by: date | None
    waiting: bool


class FacilityRecord(kernel.Aggregate):
    """State and events of a facility; always used as `Facility`."""

    SUBJECT: ClassVar[str] = "facility"
    division_code: str = ""
    name: str = ""
    kind: FacilityKind = FacilityKind.INST
    state: FacilityState = FacilityState.PLANNED
    operator_mode: OperatorMode | None = None
    operator: str = ""
    address: str = ""
    bed_capacity: int = 0
    area_m2: int | None = None
    opened_on: date | None = None
    filing_no: str = ""
    inspections: dict[int, Inspection] = field(default_factory=dict)
    detectors: dict[str, str] = field(default_factory=dict)
    """Smoke detectors in place: number → where."""
    alarms: dict[str, datetime] = field(default_factory=dict)
    """Alarms that nobody has seen to yet: number of the alarm → when."""
    alarms_seen: set[str] = field(default_factory=set)
    """Numbers of every alarm ever reported."""

    class Created(kernel.Created):
        """A facility becomes known, planned or (from a source) in whatever state it is. `beds` are those planned."""

        TOPIC = "registry.FacilityRegistered"
        TITLE = "登记设施"
        name: str
        kind: FacilityKind
        state: FacilityState
        operator_mode: OperatorMode | None
        operator: str
        address: str
        bed_capacity: int
        area_m2: int | None
        opened_on: date | None
        filing_no: str
        division_code: str
        by: str

        def gist(self) -> str:
            return f"{self.kind.label}，{self.state.label}"

    class StatusChanged(kernel.Event):
        """Another state from `effective_on`. `reference` is the number of the filing or the order, if any."""

        TOPIC = "registry.FacilityStatusChanged"
        TITLE = "设施状态变更"
        state: FacilityState
        former: FacilityState
        reason: str
        reference: str
        effective_on: date
        by: str

        def apply(self, aggregate: "FacilityRecord") -> None:
            aggregate.state = self.state
            if self.state is FacilityState.FILED and self.reference:
                aggregate.filing_no = self.reference
            if self.state is FacilityState.OPERATING and aggregate.opened_on is None:
                aggregate.opened_on = self.effective_on

        def gist(self) -> str:
            return f"{self.former.label} → {self.state.label}"

    class DetailsChanged(kernel.Event):
        """Particulars changed; what is None stays as it was."""

        TOPIC = "registry.FacilityDetailsChanged"
        TITLE = "变更设施信息"
        name: str | None
        operator_mode: OperatorMode | None
        operator: str | None
        address: str | None
        bed_capacity: int | None
        area_m2: int | None
        opened_on: date | None
        effective_on: date
        by: str

        def apply(self, aggregate: "FacilityRecord") -> None:
            for name in ("name", "operator_mode", "operator", "address", "bed_capacity", "area_m2", "opened_on"):
                if (value := getattr(self, name)) is not None:
                    setattr(aggregate, name, value)

    class Inspected(kernel.Event):
        """Officials looked at the house. What is to be mended is to be so by `rectify_by`."""

        TOPIC = "registry.FacilityInspected"
        TITLE = "设施检查"
        number: int
        result: InspectionResult
        found: str
        rectify_by: date | None
        inspected_on: date
        by: str

        def apply(self, aggregate: "FacilityRecord") -> None:
            mend = self.result is not InspectionResult.PASSED
            found = Inspection(self.number, self.result, self.inspected_on, self.by, self.rectify_by, mend)
            aggregate.inspections[self.number] = found

        def gist(self) -> str:
            return self.result.label + (f"，{self.rectify_by} 前整改" if self.rectify_by else "")

    class RectificationDone(kernel.Event):
        """What an inspection demanded is done, and accepted by an official who looked again."""

        TOPIC = "registry.FacilityRectificationDone"
        TITLE = "整改验收"
        number: int
        note: str
        done_on: date
        by: str

        def apply(self, aggregate: "FacilityRecord") -> None:
            if (known := aggregate.inspections.get(self.number)) is not None:
                aggregate.inspections[self.number] = known._replace(waiting=False)

        def gist(self) -> str:
            return f"第 {self.number} 次检查"

    class DetectorInstalled(kernel.Event):
        """An independent smoke detector (独立式感烟火灾探测报警器) is in place."""

        TOPIC = "registry.SmokeDetectorInstalled"
        TITLE = "安装烟感"
        detector_no: str
        place: str
        installed_on: date
        by: str

        def apply(self, aggregate: "FacilityRecord") -> None:
            aggregate.detectors[self.detector_no] = self.place

        def gist(self) -> str:
            return f"{self.detector_no}（{self.place}）"

    class DetectorRemoved(kernel.Event):
        """A detector is no longer in place."""

        TOPIC = "registry.SmokeDetectorRemoved"
        TITLE = "拆除烟感"
        detector_no: str
        reason: str
        removed_on: date
        by: str

        def apply(self, aggregate: "FacilityRecord") -> None:
            aggregate.detectors.pop(self.detector_no, None)

        def gist(self) -> str:
            return self.detector_no

    class SmokeAlarmRaised(kernel.Event):
        """A detector gave an alarm; `alarm_no` is the alarm's own number, so that it is reported once."""

        TOPIC = "registry.SmokeAlarmRaised"
        TITLE = "烟感报警"
        alarm_no: str
        detector_no: str

        def apply(self, aggregate: "FacilityRecord") -> None:
            aggregate.alarms[self.alarm_no] = self.timestamp
            aggregate.alarms_seen.add(self.alarm_no)

        def gist(self) -> str:
            return self.detector_no

    class SmokeAlarmHandled(kernel.Event):
        """Somebody went there and says what it was."""

        TOPIC = "registry.SmokeAlarmHandled"
        TITLE = "处置烟感报警"
        alarm_no: str
        outcome: AlarmOutcome
        note: str
        by: str

        def apply(self, aggregate: "FacilityRecord") -> None:
            aggregate.alarms.pop(self.alarm_no, None)

        def gist(self) -> str:
            return self.outcome.label
