"""Decisions about standards."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import DISTRICT
from domain.assistance.standards import Standard
from domain.kernel import Command, Decided, Decision, Doc, Load
from domain.registry.places import demand_division


@dataclass(frozen=True, kw_only=True)
class AdoptStandard(Command):
    """调整标准：自指定日期起施行参数的新数值，随后对所涉个案重算。"""

    ROLES: ClassVar = DISTRICT
    param_code: Annotated[str, Doc("参数代码，如 dibao.standard.urban")]
    value: Annotated[int, Doc("新数值，以参数自己的单位计（金额为分，比例为万分之一）")]
    from_on: Annotated[date, Doc("施行首日")]
    basis: Annotated[str, Doc("依据文件及文号")]
    division_code: Annotated[str, Doc("适用区划代码")] = "440704"
    to_on: Annotated[date | None, Doc("施行末日；不填表示至下次调整")] = None

    def decide(self, by: Decision) -> Decided:
        standard = Standard.adopt(
            by.new_id,
            by.now,
            parameters=by.parameters,
            param_code=self.param_code,
            value=self.value,
            division_code=demand_division(self.division_code),
            from_on=self.from_on,
            to_on=self.to_on,
            legal_basis=self.basis,
        )
        return (standard,)
        yield  # asks for nothing


@dataclass(frozen=True, kw_only=True)
class RevokeStandard(Command):
    """撤销误录的标准：如同从未施行，记录保留可查。"""

    ROLES: ClassVar = DISTRICT
    standard_id: Annotated[UUID, Doc("标准标识")]
    reason: Annotated[str, Doc("撤销原因")]

    def decide(self, by: Decision) -> Decided:
        standard: Standard = yield Load(Standard, self.standard_id)
        standard.revoke(by.now, reason=self.reason)
        return (standard,)
