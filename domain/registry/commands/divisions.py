"""Decisions about divisions."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import DISTRICT
from domain.errors import BadInput, RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load
from domain.registry.divisions import Division, official_divisions


@dataclass(frozen=True, kw_only=True)
class OpenDivision(Command):
    """设立村（社区）：新的 12 位区划代码，前 9 位为所属街道。"""

    ROLES: ClassVar = DISTRICT
    code: Annotated[str, Doc("12 位区划代码；后三位 001–199 为社区，200–399 为村")]
    name: Annotated[str, Doc("名称")]
    from_on: Annotated[date, Doc("设立日期")]

    def decide(self, by: Decision) -> Decided:
        known = {record.code for record in official_divisions()}
        if len(self.code) != 12 or not self.code.isdigit() or self.code[:9] not in known:
            raise BadInput("区划代码应为 12 位数字，且前 9 位为本区街道代码。", "code")
        if self.code in known:
            raise RuleViolated(f"区划代码 {self.code} 已在用；撤销的代码也不得重新使用。")
        if not self.name.strip():
            raise BadInput("名称不能为空。", "name")
        division = Division.open(
            by.new_id,
            by.now,
            code=self.code,
            name=self.name.strip(),
            parent_code=self.code[:9],
            kind="village" if self.code[9:] >= "200" else "community",
            from_on=self.from_on,
        )
        return (division,)
        yield  # asks for nothing


@dataclass(frozen=True, kw_only=True)
class CloseDivision(Command):
    """撤销区划：代码此后不再使用。"""

    ROLES: ClassVar = DISTRICT
    division_id: Annotated[UUID, Doc("区划标识")]
    from_on: Annotated[date, Doc("撤销日期")]

    def decide(self, by: Decision) -> Decided:
        division: Division = yield Load(Division, self.division_id)
        division.close(by.now, from_on=self.from_on)
        return (division,)
