"""Hospitals in the read models: agreements, and whose windows they are."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area, window_id
from domain.codes import HospitalLevel, HospitalState, Ward
from domain.medical import Hospital
from domain.registry import Person
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import COUNTED, FEN, Doc, Many, One, Owner, Private, Relations, Through, view

WINDOW = Through("hospital_desk", "hospital_id")
"""What a hospital's window sees beside the area's readers: its own hospital's rows."""


@view("medical_person", area=None, scope_from="division_code", internal=True, listed=False)
@dataclass
class MedicalPersonRow:
    """迁移过的患者的现属区划"""

    person_id: Annotated[UUID, Doc("人员标识")]
    division_code: Annotated[str, Doc("区划代码")]


# Public: which hospitals settle is for every patient to know, and nothing here is about anybody.
@view("hospital", area=Area.MEDICAL, scope_from="division_code", order=("code", "id"), public=True)
@dataclass
class HospitalRow:
    """定点医疗机构"""

    id: Annotated[UUID, Doc("定点医疗机构标识")]
    code: Annotated[str, Doc("医药机构编码")]
    title: Annotated[str, Doc("医院名称")]
    level: Annotated[HospitalLevel, Doc("医院等级")]
    state: Annotated[HospitalState, Doc("定点协议状态")]
    agreement_no: Annotated[str, Doc("协议编号")]
    from_on: Annotated[date, Doc("协议首日")]
    to_on: Annotated[date, Doc("协议末日")]
    suspended_from: Annotated[date | None, Doc("自何日起暂停结算")]
    geriatric_from: Annotated[date | None, Doc("老年病区自何日起纳入结算")]
    home_bed_from: Annotated[date | None, Doc("家庭病床自何日起纳入结算")]
    division_code: Annotated[str, Doc("管理归属区划代码")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "months": Many("hospital_month", on="hospital_id", order=("month",)),
        "reconciliations": Many("reconciliation", on="hospital_id", order=("business_on",)),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("code", "title", "level", "state", "division_code")


@view(
    "hospital_desk",
    area=Area.MEDICAL,
    key=("hospital_id", "account_id"),
    owner=Owner("hospital", "hospital_id"),
    order=("hospital_id", "account_id"),
    listed=False,
    private=Private(account="account_id", until="to_on", open="open", since="from_on"),
)
@dataclass
class HospitalDeskRow:
    """本人所在的医院结算窗口"""

    hospital_id: Annotated[UUID, Doc("定点医疗机构标识")]
    account_id: Annotated[UUID, Doc("窗口账号标识")]
    open: Annotated[bool, Doc("是否有效")]
    from_on: Annotated[date, Doc("首日")]
    to_on: Annotated[date, Doc("末日")]

    RELATIONS: ClassVar[Relations] = {"hospital": One("hospital", local="hospital_id")}
    FILTERS: ClassVar[tuple[str, ...]] = ()


@view(
    "hospital_month",
    area=Area.MEDICAL,
    key=("hospital_id", "month"),
    owner=Owner("hospital", "hospital_id"),
    order=("month", "hospital_id"),
    through=WINDOW,
)
@dataclass
class HospitalMonthRow:
    """医院月度结算汇总（退费记负数）"""

    hospital_id: Annotated[UUID, Doc("定点医疗机构标识")]
    month: Annotated[str, Doc("月份")]
    made_count: Annotated[int, Doc("结算笔数"), COUNTED]
    undone_count: Annotated[int, Doc("撤销和冲正笔数"), COUNTED]
    total_fen: Annotated[int, Doc("医疗费总额（减去撤销）"), FEN, COUNTED]
    assistance_fen: Annotated[int, Doc("医疗救助支出（减去撤销）"), FEN, COUNTED]
    person_fen: Annotated[int, Doc("个人负担（减去撤销）"), FEN, COUNTED]
    cleared_fen: Annotated[int, Doc("已清算拨付"), FEN, COUNTED]

    RELATIONS: ClassVar[Relations] = {"hospital": One("hospital", local="hospital_id")}
    FILTERS: ClassVar[tuple[str, ...]] = ("hospital_id", "month")


class Hospitals(Projection):
    """What happens to hospitals and their windows. A part of the projection `Medical`, never run by itself."""

    @handles(Person.Moved)
    def moved(self, event: Person.Moved, at: LogEvent, to: Changes) -> None:
        """A patient's rows go along; who never moved needs no row here, since each row has its own division."""
        to.put(MedicalPersonRow, event.originator_id, on=event.moved_on, division_code=event.to_division_code)

    @handles(Hospital.Created)
    def designated(self, event: Hospital.Created, at: LogEvent, to: Changes) -> None:
        """An agreement."""
        to.insert(
            HospitalRow,
            event.originator_id,
            on=event.from_on,
            code=event.code,
            title=event.title,
            level=event.level,
            state=HospitalState.IN_FORCE,
            agreement_no=event.agreement_no,
            from_on=event.from_on,
            to_on=event.to_on,
            division_code=event.division_code,
        )

    @handles(Hospital.Renewed)
    def renewed(self, event: Hospital.Renewed, at: LogEvent, to: Changes) -> None:
        """The next one."""
        said = {"level": event.level, "agreement_no": event.agreement_no, "to_on": event.to_on}
        self._change(event, at, to, event.from_on, state=HospitalState.IN_FORCE, **said)

    @handles(Hospital.Suspended)
    def suspended(self, event: Hospital.Suspended, at: LogEvent, to: Changes) -> None:
        """Nobody is admitted."""
        state = HospitalState.SUSPENDED
        self._change(event, at, to, event.from_on, state=state, suspended_from=event.from_on)

    @handles(Hospital.Resumed)
    def resumed(self, event: Hospital.Resumed, at: LogEvent, to: Changes) -> None:
        """Patients are admitted again."""
        self._change(event, at, to, event.from_on, state=HospitalState.IN_FORCE, suspended_from=None)

    @handles(Hospital.Ended)
    def agreement_ended(self, event: Hospital.Ended, at: LogEvent, to: Changes) -> None:
        """Over."""
        self._change(event, at, to, event.timestamp.date(), state=HospitalState.ENDED, to_on=event.last_on)

    @handles(Hospital.WardAdmitted)
    def ward(self, event: Hospital.WardAdmitted, at: LogEvent, to: Changes) -> None:
        """A ward takes part."""
        column = "geriatric_from" if event.ward is Ward.GERIATRIC else "home_bed_from"
        self._change(event, at, to, event.from_on, **{column: event.from_on})

    @handles(Hospital.DeskBound)
    def bound(self, event: Hospital.DeskBound, at: LogEvent, to: Changes) -> None:
        """An account works at the window."""
        key = (event.originator_id, window_id(event.account))
        on = event.timestamp.date()
        to.put(HospitalDeskRow, key, on=on, open=True, from_on=event.from_on, to_on=event.to_on)

    @handles(Hospital.DeskReleased)
    def released(self, event: Hospital.DeskReleased, at: LogEvent, to: Changes) -> None:
        """It does no longer."""
        key = (event.originator_id, window_id(event.account))
        to.patch(HospitalDeskRow, key, on=event.timestamp.date(), open=False)

    def _change(self, event: Any, at: LogEvent, to: Changes, on: date, **columns: Any) -> None:
        to.patch(HospitalRow, event.originator_id, on=on, decided=at.decided, **columns)
