"""What rows of the relief office's lists say."""

from connectors.facts import DisasterReportFact, StockDirection, StockSlipFact, WinterAidFact
from connectors.reading.demand import Values, demand, demand_citizen_id
from connectors.reading.places import division_of
from connectors.reading.rows import Kind, Reason, RowFault
from domain.codes import DisasterKind, FundSource, ReliefItem, ReportStage, StockOrigin

_FIGURES = (
    *("affected", "evacuated", "need_relief", "dead", "missing", "injured"),
    *("collapsed", "severe", "moderate", "crops", "loss"),
)
"""The mapping's fields in the order of the domain's figures; `crops` is not read."""
_YEARS = range(2000, 2100)


def stock_fact(values: Values) -> StockSlipFact:
    """One item of one slip."""
    demand(values, "moved_on")
    count, price = demand(values, "quantity"), values.get("unit_price") or 0
    if count <= 0:
        raise RowFault(Reason.INCONSISTENT, "数量应大于 0；冲回的请用相反方向的单据。", ("quantity",))
    if price < 0:
        raise RowFault(Reason.INCONSISTENT, "单价不能为负数；请核对。", ("unit_price",))
    return StockSlipFact(
        on=values.get("on"),
        slip_no=demand(values, "slip_no"),
        warehouse=demand(values, "warehouse"),
        item=ReliefItem(demand(values, "item")),
        direction=StockDirection(demand(values, "direction")),
        qty_count=count,
        unit_fen=price,
        origin=StockOrigin(values.get("origin") or StockOrigin.PURCHASE.value),
        division_code=division_of(values) if values.get("division_code") else "",
    )


def report_fact(values: Values) -> DisasterReportFact:
    """One unit's figures of one stage: a missing figure is none."""
    occurred_on, as_of = demand(values, "occurred_on"), demand(values, "as_of")
    if as_of < occurred_on:
        raise RowFault(Reason.INCONSISTENT, "数据截止时间早于灾害发生时间；请核对。", ("as_of", "occurred_on"))
    division = division_of(values, required=False)
    values["street_code"] = division  # names the record, whether a street or the whole district
    demand(values, "affected")
    figures = tuple(values.get(name) or 0 for name in _FIGURES)
    if any(figure < 0 for figure in figures):
        negative = tuple(name for name, figure in zip(_FIGURES, figures, strict=True) if figure < 0)
        raise RowFault(Reason.INCONSISTENT, "灾情数据不能为负数；请核对。", negative)
    return DisasterReportFact(
        on=as_of,
        title=demand(values, "title"),
        disaster=DisasterKind(demand(values, "disaster")),
        occurred_on=occurred_on,
        division_code=division,
        stage=ReportStage(demand(values, "stage")),
        figures=figures,
    )


def winter_fact(values: Values) -> WinterAidFact:
    """One family of a list; `2015-2016年度` is the winter that begins in 2015."""
    amount, heads = demand(values, "amount"), values.get("heads")
    if amount <= 0:
        raise RowFault(Reason.INCONSISTENT, "救助金额应大于 0；请核对。", ("amount",))
    if heads is not None and heads <= 0:
        raise RowFault(Reason.INCONSISTENT, "救助人口应大于 0；请核对。", ("heads",))
    return WinterAidFact(
        on=values.get("on"),
        season=_season(demand(values, "season")),
        name=demand(values, "name"),
        citizen_id=demand_citizen_id(values),
        division_code=division_of(values),
        head_count=heads or 1,
        amount_fen=amount,
        situation=values.get("situation") or "",
        paid_on=values.get("paid_on"),
        payment_no=values.get("payment_no") or "",
        fund_source=_fund(values.get("fund_source") or ""),
    )


def _season(text: str) -> int:
    digits = text[:4]
    if not digits.isascii() or not digits.isdigit() or int(digits) not in _YEARS:
        raise RowFault(Reason.UNREADABLE, "应为冬季所在的年份，如 2015 或 2015-2016年度。", ("season",))
    return int(digits)


def _fund(text: str) -> FundSource | None:
    """The source whose label stands in the text, or the text in it; None where none does."""
    return next((fund for fund in FundSource if text and (fund.label in text or text in fund.label)), None)


KINDS = {"stock": Kind(stock_fact), "reports": Kind(report_fact), "winter": Kind(winter_fact)}
