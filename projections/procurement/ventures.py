"""Venture projects and the support fund in the read models."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area
from domain.codes import FundSource, VentureState
from domain.kernel import Event
from domain.procurement import SupportFund, Venture
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import FEN, Doc, Figures, Many, One, Owner, Relations, view


@view("venture", area=Area.PROCUREMENT, scope_from="division_code", order=("year", "id"))
@dataclass
class VentureRow:
    """公益创投项目"""

    id: Annotated[UUID, Doc("项目标识")]
    title: Annotated[str, Doc("项目名称")]
    year: Annotated[int, Doc("申报年度")]
    division_code: Annotated[str, Doc("项目所在区划代码")]
    organisation_id: Annotated[UUID, Doc("承接运营的社会组织")]
    beneficiaries: Annotated[str, Doc("受益人群")]
    state: Annotated[VentureState, Doc("状态")]
    asked_fen: Annotated[int, Doc("申请金额"), FEN]
    granted_fen: Annotated[int | None, Doc("资助金额"), FEN]
    source: Annotated[FundSource | None, Doc("资金来源")]
    spent_fen: Annotated[int | None, Doc("支出金额"), FEN]
    served_count: Annotated[int | None, Doc("服务人次")]
    finish_by: Annotated[date | None, Doc("完成期限")]
    result: Annotated[str | None, Doc("成效，或撤项的原因")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "organisation": One("organisation", local="organisation_id"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("state", "year", "organisation_id", "division_code", "source", "finish_by")


@view("support_fund", area=Area.PROCUREMENT, scope_from="division_code", order=("division_code", "id"))
@dataclass
class SupportFundRow:
    """社会组织扶持发展专项资金"""

    id: Annotated[UUID, Doc("扶持资金标识")]
    division_code: Annotated[str, Doc("区划代码")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "years": Many("support_fund_year", on="support_fund_id", order=("year",)),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("division_code",)


@view(
    "support_fund_year",
    area=Area.PROCUREMENT,
    key=("support_fund_id", "year"),
    owner=Owner("support_fund", "support_fund_id"),
    scope_from="division_code",
    order=("year", "support_fund_id"),
    figures=Figures(("year", "amount_fen", "least_fen")),
)
@dataclass
class SupportFundYearRow:
    """扶持资金各年金额"""

    support_fund_id: Annotated[UUID, Doc("扶持资金标识")]
    year: Annotated[int, Doc("年度")]
    division_code: Annotated[str, Doc("区划代码")]
    amount_fen: Annotated[int, Doc("安排金额"), FEN]
    least_fen: Annotated[int | None, Doc("规划要求的最低金额；规划没有规定的年度为空"), FEN]
    short_fen: Annotated[int, Doc("低于规划的差额"), FEN]
    legal_basis: Annotated[str, Doc("资金安排文件及文号")]
    corrected: Annotated[bool, Doc("是否更正过")]

    RELATIONS: ClassVar[Relations] = {"fund": One("support_fund", local="support_fund_id")}
    FILTERS: ClassVar[tuple[str, ...]] = ("support_fund_id", "year", "division_code", "short_fen")


class Ventures(Projection):
    """What happens to ventures and funds. A part of the projection `Procurement`, never run by itself."""

    @handles(Venture.Created)
    def venture_proposed(self, event: Venture.Created, at: LogEvent, to: Changes) -> None:
        """A proposal."""
        to.insert(
            VentureRow,
            event.originator_id,
            on=event.timestamp.date(),
            title=event.title,
            year=event.year,
            division_code=event.division_code,
            organisation_id=event.organisation_id,
            beneficiaries=event.beneficiaries,
            state=VentureState.PROPOSED,
            asked_fen=event.asked_fen,
        )

    @handles(Venture.Selected)
    def venture_selected(self, event: Venture.Selected, at: LogEvent, to: Changes) -> None:
        """Money was granted."""
        said: dict[str, Any] = {"granted_fen": event.granted_fen, "source": event.source}
        _venture(to, event, state=VentureState.SELECTED, finish_by=event.finish_by, **said)

    @handles(Venture.Started)
    def venture_started(self, event: Venture.Started, at: LogEvent, to: Changes) -> None:
        """It runs."""
        _venture(to, event, state=VentureState.RUNNING)

    @handles(Venture.Finished)
    def venture_finished(self, event: Venture.Finished, at: LogEvent, to: Changes) -> None:
        """What came of it."""
        said: dict[str, Any] = {"served_count": event.served_count, "spent_fen": event.spent_fen}
        _venture(to, event, state=VentureState.FINISHED, result=event.result, **said)

    @handles(Venture.Withdrawn)
    def venture_withdrawn(self, event: Venture.Withdrawn, at: LogEvent, to: Changes) -> None:
        """Not done after all."""
        _venture(to, event, state=VentureState.WITHDRAWN, result=event.reason)

    @handles(SupportFund.Created)
    def fund_opened(self, event: SupportFund.Created, at: LogEvent, to: Changes) -> None:
        """A division's fund."""
        on, division = event.timestamp.date(), event.division_code
        to.insert(SupportFundRow, event.originator_id, on=on, division_code=division)

    @handles(SupportFund.YearSet)
    def fund_year_set(self, event: SupportFund.YearSet, at: LogEvent, to: Changes) -> None:
        """A year's amount, or the corrected one."""
        to.put(
            SupportFundYearRow,
            (event.originator_id, event.year),
            on=event.timestamp.date(),
            division_code=event.division_code,
            amount_fen=event.amount_fen,
            least_fen=event.least_fen,
            short_fen=max(0, (event.least_fen or 0) - event.amount_fen),
            legal_basis=event.legal_basis,
            corrected=event.corrects_version is not None,
        )


def _venture(to: Changes, event: Event, **columns: Any) -> None:
    to.patch(VentureRow, event.originator_id, on=event.timestamp.date(), decided=True, **columns)
