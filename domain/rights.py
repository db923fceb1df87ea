"""Rights (权限): which account may act in which role, where and until when; granted and withdrawn by events.

A context of its own: who reads it (auditors, security administrators) and who decides on it are others than for any
business, and no business event depends on it. The name of an official account is no secret here: it stands as the actor
in the envelope of every event. What these events mean for a request that comes in is said in infra/rights.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, ClassVar, NamedTuple, Self
from uuid import UUID

from domain import kernel
from domain.access import Actor, RoleCode, account_id
from domain.errors import Forbidden, RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany
from domain.registry.places import demand_division
from domain.workdays import days_after

GRANTING = frozenset({RoleCode.ADMINISTRATOR, RoleCode.SECURITY_ADMIN})
"""Who grants rights; nobody grants any to themselves."""
KEEPERS = frozenset({RoleCode.ADMINISTRATOR, RoleCode.SECURITY_ADMIN, RoleCode.AUDIT_ADMIN})
"""Three who watch over each other (三员分立, GB/T 22239-2019): nobody is two of them, or does business beside."""


class Right(NamedTuple):
    """A role in a division's subtree for one department, from and to a day, both counted."""

    id: UUID
    role: RoleCode
    division_code: str
    department: str
    from_on: date
    to_on: date | None

    def covers(self, actor: Actor, on: date) -> bool:
        """Whether it allows what this actor claims to be, on a day."""
        in_time = self.from_on <= on and (self.to_on is None or on <= self.to_on)
        same = (self.role, self.department) == (actor.role, actor.department)
        return in_time and same and actor.division_code.startswith(self.division_code)


class Deputation(NamedTuple):
    """Another account may do what this one may, from and to a day, both counted (代办)."""

    id: UUID
    deputy: str
    from_on: date
    to_on: date


class Account(kernel.Aggregate):
    """An account, its rights and its deputies; what was withdrawn or ended is no longer among them."""

    TOPIC: ClassVar[str] = "rights.Account"
    SUBJECT: ClassVar[str] = "account"
    division_code: str = ""
    account: str = ""
    rights: tuple[Right, ...] = ()
    deputations: tuple[Deputation, ...] = ()

    class Created(kernel.Created):
        """An account is known from its first right on."""

        TOPIC = "rights.AccountOpened"
        TITLE = "登记账号"
        account: str
        division_code: str

        def gist(self) -> str:
            return self.account

    class RightGranted(kernel.Event):
        """The account may act in a role from `from_on` (to `to_on`, counted, if given)."""

        TOPIC = "rights.RightGranted"
        TITLE = "授予权限"
        account: str
        right_id: UUID
        role: RoleCode
        division_code: str
        department: str
        from_on: date
        to_on: date | None
        basis: str

        def apply(self, aggregate: "Account") -> None:
            right = Right(self.right_id, self.role, self.division_code, self.department, self.from_on, self.to_on)
            aggregate.rights = (*aggregate.rights, right)

        def gist(self) -> str:
            until = f"至 {self.to_on}" if self.to_on else "起"
            return f"{self.account}：{self.role.label}，{self.division_code}，{self.from_on} {until}"

    class RightWithdrawn(kernel.Event):
        """A right ends at once, whatever day it was given to; `last_on` is the last day it was in force at all."""

        TOPIC = "rights.RightWithdrawn"
        TITLE = "撤销权限"
        right_id: UUID
        role: RoleCode
        last_on: date
        reason: str
        effective_on: date

        def apply(self, aggregate: "Account") -> None:
            aggregate.rights = tuple(right for right in aggregate.rights if right.id != self.right_id)

        def gist(self) -> str:
            return f"{self.role.label}：{self.reason}"

    class DeputyNamed(kernel.Event):
        """Another account may do what this one may, for a time."""

        TOPIC = "rights.DeputyNamed"
        TITLE = "指定代办"
        account: str
        deputation_id: UUID
        deputy: str
        from_on: date
        to_on: date
        basis: str

        def apply(self, aggregate: "Account") -> None:
            named = Deputation(self.deputation_id, self.deputy, self.from_on, self.to_on)
            aggregate.deputations = (*aggregate.deputations, named)

        def gist(self) -> str:
            return f"{self.account} 由 {self.deputy} 代办，{self.from_on} 至 {self.to_on}"

    class DeputyEnded(kernel.Event):
        """A deputation ends at once."""

        TOPIC = "rights.DeputyEnded"
        TITLE = "终止代办"
        deputation_id: UUID
        deputy: str
        effective_on: date

        def apply(self, aggregate: "Account") -> None:
            aggregate.deputations = tuple(each for each in aggregate.deputations if each.id != self.deputation_id)

        def gist(self) -> str:
            return self.deputy

    def subjects(self) -> Iterable[str]:
        """All accounts are found by one tag."""
        yield RIGHTS

    @classmethod
    def open(cls, at: datetime, *, account: str, division_code: str) -> Self:
        """An account without rights yet."""
        if not account.strip() or account != account.strip():
            raise RuleViolated("账号不能为空，前后不能有空格。")
        return cls.create(cls.Created, id=account_id(account), at=at, account=account, division_code=division_code)

    def may(self, actor: Actor, on: date) -> bool:
        """Whether a right in force allows what this actor claims to be, on a day."""
        return any(right.covers(actor, on) for right in self.rights)

    def deputised(self, deputy: str, on: date) -> bool:
        """Whether that account may act for this one on a day."""
        return any(each.deputy == deputy and each.from_on <= on <= each.to_on for each in self.deputations)

    def grant(
        self,
        at: datetime,
        *,
        right_id: UUID,
        role: RoleCode,
        division_code: str,
        department: str,
        from_on: date,
        to_on: date | None,
        basis: str,
        visitor_until: date,
    ) -> None:
        """Grant a right. A visitor's (入户核查人员) has to end, by `visitor_until` at the latest."""
        if from_on < at.date():
            raise RuleViolated("权限不能追溯授予，首日不能早于今天。")
        if to_on is not None and to_on < from_on:
            raise RuleViolated("权限末日早于首日，请核对。")
        others = {right.role for right in self.rights if right.to_on is None or right.to_on >= from_on} - {role}
        if others and KEEPERS & {role, *others}:
            raise RuleViolated(
                "系统管理员、安全管理员、审计管理员须由三个人分别担任，也不能兼办业务；请授予另一个账号，或先撤销原有权限。"
            )
        if role is RoleCode.VISITOR and (to_on is None or to_on > visitor_until):
            raise RuleViolated(f"入户核查人员的权限必须有末日，最晚至 {visitor_until}。")
        self.record(
            self.RightGranted,
            at=at,
            account=self.account,
            right_id=right_id,
            role=role,
            division_code=division_code,
            department=department,
            from_on=from_on,
            to_on=to_on,
            basis=_written(basis, "授予权限须写明依据。"),
        )

    def withdraw(self, at: datetime, *, right_id: UUID | None, reason: str) -> None:
        """Withdraw one right, or all of them, at once."""
        chosen = [right for right in self.rights if right_id in (None, right.id)]
        if not chosen:
            raise RuleViolated("该账号没有可以撤销的权限，请核对。")
        why = _written(reason, "撤销权限须写明原因。")
        for right in chosen:
            self.record(
                self.RightWithdrawn,
                at=at,
                right_id=right.id,
                role=right.role,
                last_on=min(at.date(), right.to_on or at.date()),
                reason=why,
                effective_on=at.date(),
            )

    def name_deputy(
        self, at: datetime, *, deputation_id: UUID, deputy: str, from_on: date, to_on: date, basis: str
    ) -> None:
        """Let another account act for this one."""
        if not self.rights:
            raise RuleViolated("该账号没有有效权限，不能指定代办人。")
        if any(right.role in KEEPERS for right in self.rights):
            raise RuleViolated("系统管理员、安全管理员、审计管理员不能由他人代办；请另行授予权限。")
        if deputy == self.account or not deputy.strip():
            raise RuleViolated("代办人应为另一个账号。")
        if from_on < at.date() or to_on < from_on:
            raise RuleViolated("代办首日不能早于今天，末日不能早于首日。")
        self.record(
            self.DeputyNamed,
            at=at,
            account=self.account,
            deputation_id=deputation_id,
            deputy=deputy,
            from_on=from_on,
            to_on=to_on,
            basis=_written(basis, "指定代办须写明依据。"),
        )

    def end_deputy(self, at: datetime, *, deputy: str) -> None:
        """That account no longer acts for this one."""
        chosen = [each for each in self.deputations if each.deputy == deputy]
        if not chosen:
            raise RuleViolated(f"{deputy} 不是该账号的代办人，请核对。")
        for each in chosen:
            self.record(self.DeputyEnded, at=at, deputation_id=each.id, deputy=deputy, effective_on=at.date())


RIGHTS = "rights:district"
"""Tag of everything that happens to rights."""


def _written(text: str, demand: str) -> str:
    if not text.strip():
        raise RuleViolated(demand)
    return text.strip()


def _demand_another(by: Decision, account: str, others: Account | None = None) -> None:
    """Nobody gives rights to themselves, neither directly nor as somebody's deputy."""
    deputies = {each.deputy for each in others.deputations} if others is not None else set()
    if account in (by.actor.name, by.actor.acts_for) or by.actor.name in deputies:
        raise Forbidden("不能给自己授予权限或指定自己代办；请由另一名管理员办理。")


@dataclass(frozen=True, kw_only=True)
class GrantRight(Command):
    """授予权限：账号以何角色、在何区划和部门、自何日至何日办理；不能授予自己。"""

    ROLES: ClassVar = GRANTING
    account: Annotated[str, Doc("账号")]
    granted_role: Annotated[RoleCode, Doc("授予的角色")]
    division_code: Annotated[str, Doc("区划代码，含全部下级")]
    from_on: Annotated[date, Doc("首日")]
    basis: Annotated[str, Doc("依据，如任命文件、服务合同编号")]
    department: Annotated[str, Doc("部门：civil_affairs、finance、health、audit")] = "civil_affairs"
    to_on: Annotated[date | None, Doc("末日；入户核查人员必填")] = None

    def decide(self, by: Decision) -> Decided:
        known: dict[UUID, Account] = yield LoadMany(Account, (account_id(self.account),))
        account = known.get(account_id(self.account))
        _demand_another(by, self.account, account)
        demand_division(self.division_code, "division_code")
        if not by.actor.covers(self.division_code):
            raise Forbidden(f"区划 {self.division_code} 不在您的管辖范围内，不能授予。")
        Actor(self.account, self.granted_role, self.division_code, self.department)  # refuses an unknown department
        if account is None:
            account = Account.open(by.now, account=self.account, division_code=by.actor.division_code)
        days = by.parameters.value("limits.visitor_right", self.division_code, by.today)
        account.grant(
            by.now,
            right_id=by.new_id,
            role=self.granted_role,
            division_code=self.division_code,
            department=self.department,
            from_on=self.from_on,
            to_on=self.to_on,
            basis=self.basis,
            visitor_until=days_after(self.from_on, days),
        )
        return (account,)


@dataclass(frozen=True, kw_only=True)
class WithdrawRight(Command):
    """撤销权限：立即生效；不填权限标识时撤销该账号的全部权限。"""

    ROLES: ClassVar = GRANTING
    account: Annotated[str, Doc("账号")]
    reason: Annotated[str, Doc("原因，不写个人信息")]
    right_id: Annotated[UUID | None, Doc("权限标识；不填为全部")] = None

    def decide(self, by: Decision) -> Decided:
        account: Account = yield Load(Account, account_id(self.account))
        account.withdraw(by.now, right_id=self.right_id, reason=self.reason)
        return (account,)


@dataclass(frozen=True, kw_only=True)
class NameDeputy(Command):
    """指定代办：在一段时间内，代办人可以办理该账号有权办理的事项，事件中仍记代办人本人。"""

    ROLES: ClassVar = GRANTING
    account: Annotated[str, Doc("被代办的账号")]
    deputy: Annotated[str, Doc("代办人账号")]
    from_on: Annotated[date, Doc("首日")]
    to_on: Annotated[date, Doc("末日")]
    basis: Annotated[str, Doc("依据，如休假或外出安排，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        _demand_another(by, self.deputy)
        account: Account = yield Load(Account, account_id(self.account))
        account.name_deputy(
            by.now,
            deputation_id=by.new_id,
            deputy=self.deputy,
            from_on=self.from_on,
            to_on=self.to_on,
            basis=self.basis,
        )
        return (account,)


@dataclass(frozen=True, kw_only=True)
class EndDeputy(Command):
    """终止代办：立即生效。"""

    ROLES: ClassVar = GRANTING
    account: Annotated[str, Doc("被代办的账号")]
    deputy: Annotated[str, Doc("代办人账号")]

    def decide(self, by: Decision) -> Decided:
        account: Account = yield Load(Account, account_id(self.account))
        account.end_deputy(by.now, deputy=self.deputy)
        return (account,)


__all__ = ["GRANTING", "RIGHTS", "Account", "EndDeputy", "GrantRight", "NameDeputy", "WithdrawRight"]
