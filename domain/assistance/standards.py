"""Standards the district adopts itself: a parameter version as an event, beside those of the YAML files."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

from domain import kernel
from domain.errors import BadInput, ParameterNotInForce, RuleViolated
from domain.parameters import Parameters, ParameterVersion, Unit


class Standard(kernel.Aggregate):
    """One adopted version of a parameter; another value or day is another standard."""

    TOPIC: ClassVar[str] = "assistance.Standard"
    SUBJECT: ClassVar[str] = "standard"
    division_code: str = ""
    param_code: str = ""
    name: str = ""
    value: int = 0
    unit: Unit = Unit.FEN
    from_on: date | None = None
    to_on: date | None = None
    legal_basis: str = ""
    revoked: bool = False
    revoked_version: int = 0
    applied_version: int = 0

    class Created(kernel.Created):
        """The district adopted a value for a division's subtree from `from_on` (to `to_on`, counted, if given)."""

        TOPIC = "assistance.StandardAdopted"
        TITLE = "调整标准"
        param_code: str
        name: str
        value: int
        unit: Unit
        division_code: str
        from_on: date
        to_on: date | None
        legal_basis: str

    class Revoked(kernel.Event):
        """The adoption was a mistake and never held; names the version of the event it takes back."""

        TOPIC = "assistance.StandardRevoked"
        TITLE = "撤销标准"
        param_code: str
        corrects_version: int
        reason: str

        def apply(self, aggregate: "Standard") -> None:
            aggregate.revoked = True
            aggregate.revoked_version = self.originator_version

    class Applied(kernel.Event):
        """Every case concerned has been recalculated by it; how many cases came to what."""

        TOPIC = "assistance.StandardApplied"
        TITLE = "按新标准重算完毕"
        recalculated: int
        unchanged: int
        handed_over: int
        no_basis: int

        def apply(self, aggregate: "Standard") -> None:
            aggregate.applied_version = self.originator_version

    def subjects(self) -> Iterable[str]:
        """All adopted standards are found by one tag."""
        yield "standards:district"

    @classmethod
    def adopt(
        cls,
        id: UUID,
        at: datetime,
        *,
        parameters: Parameters,
        param_code: str,
        value: int,
        division_code: str,
        from_on: date,
        legal_basis: str,
        to_on: date | None = None,
    ) -> Self:
        """A new version of a known parameter, in that parameter's own unit.

        Raises BadInput for an unknown parameter, RuleViolated where the version can't be.
        """
        if param_code not in parameters.codes:
            raise BadInput(f"没有名为 {param_code[:60]} 的参数；可用：{'、'.join(parameters.codes)}。", "param_code")
        if value < 0:
            raise BadInput("参数数值不能为负。", "value")
        if not legal_basis.strip():
            raise RuleViolated("调整标准须写明依据文件及文号。")
        if to_on is not None and to_on < from_on:
            raise RuleViolated("施行末日早于首日，请核对。")
        known = parameters.any_version(param_code)
        try:
            present = parameters.find(param_code, division_code, from_on)
        except ParameterNotInForce:
            present = None
        same = present is not None and (present.value, present.division_code) == (value, division_code)
        if same and to_on is None:
            raise RuleViolated(f"自 {from_on.isoformat()} 起施行的数值与现行数值相同，无需调整。")
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            param_code=param_code,
            name=known.name,
            value=value,
            unit=known.unit,
            division_code=division_code,
            from_on=from_on,
            to_on=to_on,
            legal_basis=legal_basis.strip(),
        )

    def revoke(self, at: datetime, *, reason: str) -> None:
        """Take a mistaken adoption back; raises RuleViolated when that was done already."""
        if self.revoked:
            raise RuleViolated("此项标准已撤销，不能重复撤销。")
        self.record(self.Revoked, at=at, param_code=self.param_code, corrects_version=1, reason=reason)

    @property
    def pending(self) -> bool:
        """Whether cases concerned still have to be recalculated: after its adoption, and after a revocation."""
        return self.applied_version <= self.revoked_version

    def report_applied(
        self, at: datetime, *, recalculated: int, unchanged: int, handed_over: int, no_basis: int
    ) -> None:
        """The bulk run went through every case concerned."""
        self.record(
            self.Applied,
            at=at,
            recalculated=recalculated,
            unchanged=unchanged,
            handed_over=handed_over,
            no_basis=no_basis,
        )

    def version_adopted(self) -> ParameterVersion:
        """This standard as a parameter version."""
        assert self.from_on is not None, "its first event gives the day"
        return ParameterVersion(
            code=self.param_code,
            name=self.name,
            value=self.value,
            unit=self.unit,
            division_code=self.division_code,
            from_on=self.from_on,
            to_on=self.to_on,
            legal_basis=self.legal_basis,
        )


def with_standards(parameters: Parameters, standards: Iterable[Standard]) -> Parameters:
    """The parameters with every adopted standard that still holds, in the order of adoption."""
    holding = (standard for standard in standards if not standard.revoked)
    return parameters.with_versions(s.version_adopted() for s in sorted(holding, key=lambda s: s.created_on))
