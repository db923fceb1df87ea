"""Venture projects (公益创投): a village and an organisation try a service out, on money that is granted once.

Plan (二)2: the happiness homes of 麻三, 丰盛, 威西 and 英南 took part in the city's 养老·助残 venture, run by the
district's 晨光 and 阳光 social-work centres.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

from domain import kernel
from domain.codes import FundSource, VentureState
from domain.errors import RuleViolated
from domain.formulas import yuan
from domain.kernel import NO_ID
from domain.wording import written


class Venture(kernel.Aggregate):
    """One project from its proposal to what came of it."""

    TOPIC: ClassVar[str] = "procurement.Venture"
    SUBJECT: ClassVar[str] = "venture"
    division_code: str = ""
    title: str = ""
    organisation_id: UUID = NO_ID
    state: VentureState = VentureState.PROPOSED
    asked_fen: int = 0
    granted_fen: int = 0
    proposed_by: str = ""

    class Created(kernel.Created):
        """An organisation proposes a project for a village or community."""

        TOPIC = "procurement.VentureProposed"
        TITLE = "申报公益创投"
        title: str
        year: int
        organisation_id: UUID
        beneficiaries: str
        asked_fen: int
        division_code: str
        by: str

        def apply(self, aggregate: "Venture") -> None:
            aggregate.proposed_by = self.by

        def gist(self) -> str:
            return f"{self.title}，申请 {yuan(self.asked_fen)}"

    class Selected(kernel.Event):
        """Chosen, with this much of that source; to be done by `finish_by`."""

        TOPIC = "procurement.VentureSelected"
        TITLE = "公益创投立项"
        granted_fen: int
        source: FundSource
        basis: str
        by: str
        finish_by: date

        def apply(self, aggregate: "Venture") -> None:
            aggregate.state = VentureState.SELECTED
            aggregate.granted_fen = self.granted_fen

        def gist(self) -> str:
            return f"{self.source.label} {yuan(self.granted_fen)}，{self.finish_by} 前完成"

    class Started(kernel.Event):
        """The service runs."""

        TOPIC = "procurement.VentureStarted"
        TITLE = "公益创投启动"
        by: str
        effective_on: date

        def apply(self, aggregate: "Venture") -> None:
            aggregate.state = VentureState.RUNNING

    class Finished(kernel.Event):
        """What came of it: whom it served, what it cost."""

        TOPIC = "procurement.VentureFinished"
        TITLE = "公益创投结项"
        served_count: int
        spent_fen: int
        result: str
        by: str

        def apply(self, aggregate: "Venture") -> None:
            aggregate.state = VentureState.FINISHED

        def gist(self) -> str:
            return f"服务 {self.served_count} 人次，支出 {yuan(self.spent_fen)}"

    class Withdrawn(kernel.Event):
        """Not done after all."""

        TOPIC = "procurement.VentureWithdrawn"
        TITLE = "公益创投撤项"
        reason: str
        by: str

        def apply(self, aggregate: "Venture") -> None:
            aggregate.state = VentureState.WITHDRAWN

        def gist(self) -> str:
            return self.reason

    def subjects(self) -> Iterable[str]:
        """What happens to a venture stands on its operator's timeline."""
        yield f"organisation:{self.organisation_id}"

    @classmethod
    def propose(
        cls,
        id: UUID,
        at: datetime,
        *,
        title: str,
        organisation_id: UUID,
        beneficiaries: str,
        asked_fen: int,
        division_code: str,
        by: str,
    ) -> Self:
        """A proposal; the operator's standing is the caller's check."""
        if asked_fen <= 0:
            raise RuleViolated("申请金额应大于 0。")
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            title=written(title, "请填写创投项目名称。"),
            year=at.year,
            organisation_id=organisation_id,
            beneficiaries=written(beneficiaries, "请填写受益人群，不写个人信息。"),
            asked_fen=asked_fen,
            division_code=division_code,
            by=by,
        )

    def select(
        self, at: datetime, *, granted_fen: int, source: FundSource, basis: str, by: str, finish_by: date
    ) -> None:
        """Grant it money, by another hand than whoever proposed it."""
        self._demand("立项", VentureState.PROPOSED)
        if by == self.proposed_by:
            raise RuleViolated("您已申报此项目，不能再办理立项；请由其他人办理。")
        if not 0 < granted_fen <= self.asked_fen:
            raise RuleViolated(f"资助金额应大于 0，且不超过申请的 {yuan(self.asked_fen)}。")
        if finish_by <= at.date():
            raise RuleViolated("完成期限应晚于今天。")
        text = written(basis, "请填写评审结果或批准文号。")
        self.record(
            self.Selected, at=at, granted_fen=granted_fen, source=source, basis=text, by=by, finish_by=finish_by
        )

    def start(self, at: datetime, *, by: str) -> None:
        """It begins."""
        self._demand("启动", VentureState.SELECTED)
        self.record(self.Started, at=at, by=by, effective_on=at.date())

    def finish(self, at: datetime, *, served_count: int, spent_fen: int, result: str, by: str) -> None:
        """Close it with its result; no more is spent than was granted."""
        self._demand("结项", VentureState.RUNNING)
        if served_count < 0 or not 0 <= spent_fen <= self.granted_fen:
            raise RuleViolated(f"服务人次不能为负数，支出应在 0 至资助金额 {yuan(self.granted_fen)} 之间。")
        text = written(result, "请写明项目成效，不写个人信息。")
        self.record(self.Finished, at=at, served_count=served_count, spent_fen=spent_fen, result=text, by=by)

    def withdraw(self, at: datetime, *, reason: str, by: str) -> None:
        """End it without a result; a process may use it too where the operator is revoked."""
        self._demand("撤项", VentureState.PROPOSED, VentureState.SELECTED, VentureState.RUNNING)
        self.record(self.Withdrawn, at=at, reason=written(reason, "撤项须写明原因。"), by=by)

    def _demand(self, what: str, *states: VentureState) -> None:
        if self.state not in states:
            allowed = "、".join(state.label for state in states)
            raise RuleViolated(f"创投项目现为“{self.state.label}”，不能{what}；须为：{allowed}。")
