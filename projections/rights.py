"""Rights: who may act in which role, where and until when, and who stands in for whom."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area, RoleCode
from domain.rights import Account
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import Doc, Many, One, Owner, Relations, view

NEVER = date(2999, 12, 31)
"""Last day of a right without an end: a day all the same, so that one filter finds what was in force.

Not the last one Python knows, which the database driver takes for infinity.
"""


@view("account", area=Area.RIGHTS, scope_from="division_code", order=("account", "id"), indexes=(("account",),))
@dataclass
class AccountRow:
    """账号"""

    id: Annotated[UUID, Doc("账号标识")]
    account: Annotated[str, Doc("账号")]
    division_code: Annotated[str, Doc("授权单位区划代码")]

    RELATIONS: ClassVar[Relations] = {
        "rights": Many("right", on="account_id", order=("from_on",)),
        "deputations": Many("deputation", on="account_id", order=("from_on",)),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("account",)


@view("right", area=Area.RIGHTS, scope_from="division_code", order=("account", "from_on", "id"))
@dataclass
class RightRow:
    """权限"""

    id: Annotated[UUID, Doc("权限标识")]
    account_id: Annotated[UUID, Doc("账号标识")]
    account: Annotated[str, Doc("账号")]
    role: Annotated[RoleCode, Doc("角色")]
    division_code: Annotated[str, Doc("区划代码，含全部下级")]
    department: Annotated[str, Doc("部门")]
    from_on: Annotated[date, Doc("首日")]
    last_on: Annotated[date, Doc("末日；撤销的为撤销当日，无末日的为 2999-12-31")]
    basis: Annotated[str, Doc("依据")]
    granted_by: Annotated[str, Doc("授予人账号")]
    withdrawn_on: Annotated[date | None, Doc("撤销日期")]
    withdrawn_by: Annotated[str | None, Doc("撤销人账号")]
    reason: Annotated[str | None, Doc("撤销原因")]

    RELATIONS: ClassVar[Relations] = {"division": One("division", local="division_code")}
    FILTERS: ClassVar[tuple[str, ...]] = ("account", "role", "division_code", "department", "from_on", "last_on")


@view("deputation", area=Area.RIGHTS, owner=Owner("account", "account_id"), order=("account", "from_on", "id"))
@dataclass
class DeputationRow:
    """代办"""

    id: Annotated[UUID, Doc("代办标识")]
    account_id: Annotated[UUID, Doc("被代办账号标识")]
    account: Annotated[str, Doc("被代办的账号")]
    deputy: Annotated[str, Doc("代办人账号")]
    from_on: Annotated[date, Doc("首日")]
    last_on: Annotated[date, Doc("末日；终止的为终止当日")]
    basis: Annotated[str, Doc("依据")]
    ended_on: Annotated[date | None, Doc("终止日期")]

    RELATIONS: ClassVar[Relations] = {}
    FILTERS: ClassVar[tuple[str, ...]] = ("account", "deputy", "from_on", "last_on")


class Rights(Projection):
    """Accounts, rights and deputations. What is in force is asked by `lastOn`: nothing here looks at a clock."""

    name = "rights"
    version = 1
    views = (AccountRow, RightRow, DeputationRow)
    contexts = ("rights",)
    personal = False

    @handles(Account.Created)
    def opened(self, event: Account.Created, at: LogEvent, to: Changes) -> None:
        """An account is known."""
        known = {"account": event.account, "division_code": event.division_code}
        to.insert(AccountRow, event.originator_id, on=event.timestamp.date(), **known)

    @handles(Account.RightGranted)
    def granted(self, event: Account.RightGranted, at: LogEvent, to: Changes) -> None:
        """A right begins."""
        to.insert(
            RightRow,
            event.right_id,
            on=event.from_on,
            account_id=event.originator_id,
            account=event.account,
            role=event.role,
            division_code=event.division_code,
            department=event.department,
            from_on=event.from_on,
            last_on=event.to_on or NEVER,
            basis=event.basis,
            granted_by=at.actor,
        )

    @handles(Account.RightWithdrawn)
    def withdrawn(self, event: Account.RightWithdrawn, at: LogEvent, to: Changes) -> None:
        """A right ends."""
        on = event.effective_on
        said: dict[str, Any] = {"withdrawn_on": on, "withdrawn_by": at.actor, "reason": event.reason}
        to.patch(RightRow, event.right_id, on=on, decided=True, last_on=event.last_on, **said)

    @handles(Account.DeputyNamed)
    def deputised(self, event: Account.DeputyNamed, at: LogEvent, to: Changes) -> None:
        """Somebody stands in."""
        to.insert(
            DeputationRow,
            event.deputation_id,
            on=event.from_on,
            account_id=event.originator_id,
            account=event.account,
            deputy=event.deputy,
            from_on=event.from_on,
            last_on=event.to_on,
            basis=event.basis,
        )

    @handles(Account.DeputyEnded)
    def ended(self, event: Account.DeputyEnded, at: LogEvent, to: Changes) -> None:
        """Nobody stands in any more."""
        on = event.effective_on
        to.patch(DeputationRow, event.deputation_id, on=on, decided=True, last_on=on, ended_on=on)
