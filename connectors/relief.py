"""The relief office's rows: slips of the warehouse, disaster statistics by street, winter and spring lists."""

from collections.abc import Iterator, Sequence
from datetime import date
from types import MappingProxyType
from uuid import UUID

from connectors.deciding import Handler, Row, Turn, fact_of, singly
from connectors.facts import DisasterReportFact, StockDirection, StockSlipFact, WinterAidFact
from connectors.people import citizen_ids, person_from_row
from connectors.reading.rows import Reason, RowFault
from connectors.world import World
from domain.clock import at
from domain.codes import AidKind
from domain.parameters import official_parameters
from domain.relief import Disaster, DisasterReports, ReliefAid, Stock
from domain.relief.clock import end_of
from domain.relief.contradictions import report_findings, stock_findings, winter_findings
from domain.relief.figures import Figures

SOURCE = "relief"
DISTRICT = "440704"
"""Whose warehouses and disasters these are, where a row does not say."""
_DAILY_HOUR = 9
_LIST = "冬春救助名单"


def handlers(world: World) -> MappingProxyType[str, Handler]:
    """How each kind of the relief office's rows is decided."""
    return MappingProxyType({"stock": Slips(world), "reports": Reports(world), "winter": Winters(world)})


def facility_id(world: World, warehouse: str) -> UUID:
    """The facility that the relief office calls this."""
    return world.derive("facility", SOURCE, warehouse)


def disaster_id(world: World, fact: DisasterReportFact) -> UUID:
    """The disaster that the statistics call this: by its title and its first day."""
    return world.derive("disaster", SOURCE, fact.title, fact.occurred_on.isoformat())


class Slips:
    """Slips of the warehouse: what came in is a lot, what went out may be more than there was and is a finding then."""

    def __init__(self, world: World) -> None:
        self._world = world

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Each row by itself."""
        return singly(rows)

    async def load(self, facts: Sequence[StockSlipFact]) -> None:
        """The stocks that the slips are of."""
        await self._world.load([Stock.id_for(facility_id(self._world, f.warehouse), f.item) for f in facts], ())

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report it. A slip is never changed: another content under its number is somebody's mistake."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, StockSlipFact)
        if turn.knows(row):
            message = "此单据的此项物资已登记，内容与现在不同；单据不能修改，请核对单号，或以新单据冲回。"
            raise RowFault(Reason.INCONSISTENT, message, ("slip_no", "item"))
        place, on = facility_id(self._world, fact.warehouse), fact.on or turn.export_on
        moment = turn.at(on)
        stock = self._world.get(Stock, Stock.id_for(place, fact.item))
        if stock is None:
            where = fact.division_code or DISTRICT
            stock = Stock.open(moment, facility_id=place, item=fact.item, division_code=where)
            self._world.add(stock)
        if fact.direction is StockDirection.IN:
            lot = {"qty_count": fact.qty_count, "unit_fen": fact.unit_fen, "origin": fact.origin}
            stock.report_received(moment, voucher_no=fact.slip_no, **lot)  # type: ignore[arg-type]  # as named
        else:
            slip = {"qty_count": fact.qty_count, "voucher_no": fact.slip_no, "issued_on": on}
            missing = stock.report_issued(moment, **slip)  # type: ignore[arg-type]  # as named
            turn.find(stock_findings(stock, fact.slip_no, missing, on), row)
        turn.change(stock)
        turn.record(row)


class Reports:
    """Disaster statistics: what each street reported of each disaster, in whatever order the rows come."""

    def __init__(self, world: World) -> None:
        self._world = world

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Each row by itself."""
        return singly(rows)

    async def load(self, facts: Sequence[DisasterReportFact]) -> None:
        """The disasters, and what the streets have reported of them."""
        disasters = [disaster_id(self._world, fact) for fact in facts]
        units = [DisasterReports.id_for(id, f.division_code) for id, f in zip(disasters, facts, strict=True)]
        await self._world.load([*disasters, *units], ())

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report it; a disaster nobody knows yet begins with its first row."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, DisasterReportFact)
        assert fact.on is not None
        world, occurred_at = self._world, at(fact.occurred_on)
        disaster = world.get(Disaster, disaster_id(world, fact)) or self._begin(fact, turn)
        reports = world.get(DisasterReports, DisasterReports.id_for(disaster.id, fact.division_code))
        if reports is None:
            reports = DisasterReports.open(
                turn.at(fact.on),
                disaster_id=disaster.id,
                division_code=fact.division_code,
                occurred_at=occurred_at,
                daily_hour=_DAILY_HOUR,
                due_at=None,
            )
            world.add(reports)
        known = len(reports.reports)
        reports.report_filed(turn.at(fact.on), stage=fact.stage, figures=Figures(*fact.figures), as_of=end_of(fact.on))
        if len(reports.reports) > known:
            turn.find(report_findings(reports, fact.on), row)
        turn.change(disaster)
        turn.change(reports)
        turn.record(row)

    def _begin(self, fact: DisasterReportFact, turn: Turn) -> Disaster:
        occurred_at = at(fact.occurred_on)
        disaster = Disaster.register(
            disaster_id(self._world, fact),
            occurred_at,
            kind=fact.disaster,
            title=fact.title,
            affected_codes=(DISTRICT,),
            division_code=DISTRICT,
            by="",
        )
        disaster.report_occurred(occurred_at, occurred_at=occurred_at)
        self._world.add(disaster)
        return disaster


class Winters:
    """Winter and spring lists: who was helped with how much, and when it was paid."""

    def __init__(self, world: World) -> None:
        self._world = world

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Each row by itself."""
        return singly(rows)

    async def load(self, facts: Sequence[WinterAidFact]) -> None:
        """Those whom the rows name, and their aid of the winter."""
        world = self._world
        world.resolve(citizen_ids(facts, "citizen_id"))
        people = {f.citizen_id: world.person_id(f.citizen_id) or world.reserved_id(f.citizen_id) for f in facts}
        aids = [ReliefAid.id_for(AidKind.WINTER_SPRING, f.season, people[f.citizen_id]) for f in facts]
        await world.load([*people.values(), *aids])

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report the entry, the amount and the payment."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, WinterAidFact)
        world, on = self._world, _day_of(fact, turn)
        person = person_from_row(world, fact.citizen_id, fact.name, fact.division_code, on)
        aid = world.get(ReliefAid, ReliefAid.id_for(AidKind.WINTER_SPRING, fact.season, person.id))
        moment = turn.at(on)
        if aid is None:
            aid = ReliefAid.report_winter(
                moment,
                person_id=person.id,
                season=fact.season,
                head_count=fact.head_count,
                situation=fact.situation or _LIST,
                division_code=fact.division_code,
            )
            world.add(aid)
        aid.report_decided(moment, amount_fen=fact.amount_fen)
        if fact.paid_on is not None:
            paid = {"amount_fen": fact.amount_fen, "paid_on": fact.paid_on, "payment_no": fact.payment_no}
            aid.report_paid(moment, fund_source=fact.fund_source, **paid)  # type: ignore[arg-type]  # as named
        turn.find(winter_findings(aid, person, official_parameters(), on), row)
        turn.change(person)
        turn.change(aid)
        turn.record(row)


def _day_of(fact: WinterAidFact, turn: Turn) -> date:
    """The day it was paid, else that of the list's export."""
    return fact.paid_on or fact.on or turn.export_on
