"""Decisions about designated hospitals and whose windows they are."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import DISTRICT, Actor, RoleCode, account_id
from domain.codes import HospitalLevel, Ward
from domain.errors import RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany
from domain.medical.hospital import Hospital
from domain.rights import Account

HospitalId = Annotated[UUID, Doc("定点医疗机构标识")]
Reason = Annotated[str, Doc("原因，不写个人信息")]


@dataclass(frozen=True, kw_only=True)
class DesignateHospital(Command):
    """签订定点协议：医院自首日至末日纳入同步结算；同一医药机构编码只登记一次，以后用续签。"""

    ROLES: ClassVar = DISTRICT
    code: Annotated[str, Doc("医药机构编码（国家医保编码）")]
    title: Annotated[str, Doc("医院名称")]
    level: Annotated[HospitalLevel, Doc("医院等级")]
    agreement_no: Annotated[str, Doc("协议编号")]
    from_on: Annotated[date, Doc("协议首日")]
    to_on: Annotated[date, Doc("协议末日")]
    division_code: Annotated[str, Doc("医院管理归属区划代码；不填为本人辖区")] = ""

    def decide(self, by: Decision) -> Decided:
        if (yield LoadMany(Hospital, (Hospital.id_for(self.code.strip()),))):
            raise RuleViolated(f"医药机构 {self.code.strip()} 已登记；协议到期或变更请办理续签。")
        return (
            Hospital.designate(
                by.now,
                code=self.code,
                title=self.title,
                level=self.level,
                agreement_no=self.agreement_no,
                from_on=self.from_on,
                to_on=self.to_on,
                by=by.actor.name,
                division_code=self.division_code or by.actor.division_code,
            ),
        )


@dataclass(frozen=True, kw_only=True)
class RenewAgreement(Command):
    """续签定点协议：新的期限和等级。"""

    ROLES: ClassVar = DISTRICT
    hospital_id: HospitalId
    level: Annotated[HospitalLevel, Doc("医院等级")]
    agreement_no: Annotated[str, Doc("协议编号")]
    from_on: Annotated[date, Doc("协议首日")]
    to_on: Annotated[date, Doc("协议末日")]

    def decide(self, by: Decision) -> Decided:
        hospital: Hospital = yield Load(Hospital, self.hospital_id)
        hospital.renew(
            by.now,
            level=self.level,
            agreement_no=self.agreement_no,
            from_on=self.from_on,
            to_on=self.to_on,
            by=by.actor.name,
        )
        return (hospital,)


@dataclass(frozen=True, kw_only=True)
class SuspendHospital(Command):
    """暂停定点结算：自该日起不再登记新的就诊，此前登记的照常结算。"""

    ROLES: ClassVar = DISTRICT
    hospital_id: HospitalId
    from_on: Annotated[date, Doc("自何日起暂停")]
    reason: Reason

    def decide(self, by: Decision) -> Decided:
        hospital: Hospital = yield Load(Hospital, self.hospital_id)
        hospital.suspend(by.now, from_on=self.from_on, reason=self.reason, by=by.actor.name)
        return (hospital,)


@dataclass(frozen=True, kw_only=True)
class ResumeHospital(Command):
    """恢复定点结算。"""

    ROLES: ClassVar = DISTRICT
    hospital_id: HospitalId
    from_on: Annotated[date, Doc("自何日起恢复")]
    reason: Reason

    def decide(self, by: Decision) -> Decided:
        hospital: Hospital = yield Load(Hospital, self.hospital_id)
        hospital.resume(by.now, from_on=self.from_on, reason=self.reason, by=by.actor.name)
        return (hospital,)


@dataclass(frozen=True, kw_only=True)
class EndAgreement(Command):
    """终止定点协议。"""

    ROLES: ClassVar = DISTRICT
    hospital_id: HospitalId
    last_on: Annotated[date, Doc("协议最后一日")]
    reason: Reason

    def decide(self, by: Decision) -> Decided:
        hospital: Hospital = yield Load(Hospital, self.hospital_id)
        hospital.end(by.now, last_on=self.last_on, reason=self.reason, by=by.actor.name)
        return (hospital,)


@dataclass(frozen=True, kw_only=True)
class AdmitWard(Command):
    """将医院的老年病区或家庭病床纳入结算。"""

    ROLES: ClassVar = DISTRICT
    hospital_id: HospitalId
    ward: Annotated[Ward, Doc("病区")]
    from_on: Annotated[date, Doc("自何日起")]
    basis: Annotated[str, Doc("依据文件")]

    def decide(self, by: Decision) -> Decided:
        hospital: Hospital = yield Load(Hospital, self.hospital_id)
        hospital.admit_ward(by.now, ward=self.ward, from_on=self.from_on, basis=self.basis)
        return (hospital,)


@dataclass(frozen=True, kw_only=True)
class BindDesk(Command):
    """指定医院结算窗口账号：该账号在期限内只能查看和办理本医院的就诊和结算；账号须先有医院结算窗口权限。"""

    ROLES: ClassVar = DISTRICT
    hospital_id: HospitalId
    account: Annotated[str, Doc("账号")]
    from_on: Annotated[date, Doc("首日")]
    to_on: Annotated[date, Doc("末日")]

    def decide(self, by: Decision) -> Decided:
        hospital: Hospital = yield Load(Hospital, self.hospital_id)
        accounts: dict[UUID, Account] = yield LoadMany(Account, (account_id(self.account),))
        desk = Actor(self.account, RoleCode.HOSPITAL_DESK, by.actor.division_code)
        if not any(account.may(desk, self.from_on) for account in accounts.values()):
            raise RuleViolated(
                f"账号 {self.account} 在 {self.from_on} 没有医院结算窗口权限；请先由系统管理员或安全管理员授予。"
            )
        hospital.bind_desk(by.now, account=self.account, from_on=self.from_on, to_on=self.to_on, by=by.actor.name)
        return (hospital,)


@dataclass(frozen=True, kw_only=True)
class ReleaseDesk(Command):
    """取消医院结算窗口账号：立即生效。"""

    ROLES: ClassVar = DISTRICT
    hospital_id: HospitalId
    account: Annotated[str, Doc("账号")]
    reason: Reason

    def decide(self, by: Decision) -> Decided:
        hospital: Hospital = yield Load(Hospital, self.hospital_id)
        hospital.release_desk(by.now, account=self.account, reason=self.reason, by=by.actor.name)
        return (hospital,)
