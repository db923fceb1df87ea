"""Disasters in any state, for tests of the read models."""

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from uuid import UUID

from domain.clock import at as instant
from domain.codes import (
    AffectedBy,
    AffectedState,
    AidKind,
    CasualtyKind,
    CasualtyState,
    DisasterKind,
    FundSource,
    HouseDamage,
    ReliefItem,
    ReportStage,
    ResponseLevel,
    StockOrigin,
)
from domain.kernel import Aggregate
from domain.parameters import official_parameters
from domain.registry import Person
from domain.relief import Affected, Casualty, Disaster, DisasterReports, ReliefAid, Stock
from domain.relief.affected import Handed
from domain.relief.amounts import amount_of
from domain.relief.clock import clock_of
from domain.relief.figures import Figures

HOUR = timedelta(hours=1)
STREET = "440704001"
WATER = (Handed(ReliefItem.WATER, 2),)


def relief(new_id: Callable[[], UUID], chance: random.Random, people: Sequence[Person], on: date) -> list[Aggregate]:
    """A disaster with everything that hangs on it, some way along."""
    struck = instant(on)
    disaster = Disaster.register(
        new_id(),
        struck - HOUR,
        kind=DisasterKind.TYPHOON,
        title="台风",
        affected_codes=(STREET,),
        division_code="440704",
        by="甲",
        area=((0, 0), (10, 0), (10, 10)),
        warning="橙色预警",
    )
    disaster.occur(struck + HOUR, occurred_at=struck, clock=clock_of(struck, struck, official_parameters(), "440704"))
    made: list[Aggregate] = [disaster, *_people(new_id, chance, disaster, people)]
    made += [_casualty(new_id(), disaster, people[0]), _reports(chance, disaster), *_stocks(new_id, disaster)]
    made += [_aid(chance, disaster, one) for one in people[1:4]]
    disaster.respond(struck + 2 * HOUR, level=ResponseLevel.III, grounds="预案", by="甲")
    disaster.change_area(struck + 2 * HOUR, affected_codes=(STREET, "440704004"), by="甲")
    disaster.alarm(struck + 8 * HOUR, waiting_count=3)
    later = struck + timedelta(days=3)
    steps: list[Callable[[], None]] = [
        lambda: disaster.stabilise(later, stable_at=later, by="甲"),
        lambda: disaster.flare_up(later, reason="又涨水", by="甲"),
        lambda: disaster.stabilise(later, stable_at=later, by="甲"),
        lambda: disaster.verify(later, report_no=3, by="甲"),
        lambda: disaster.recover(later, by="甲"),
        lambda: disaster.close(later, note="完成", by="甲"),
    ]
    _some(chance, steps)
    return made


def _some(chance: random.Random, steps: Sequence[Callable[[], None]]) -> None:
    for step in steps[: chance.randrange(len(steps) + 1)]:
        step()


def _people(
    new_id: Callable[[], UUID], chance: random.Random, disaster: Disaster, people: Sequence[Person]
) -> list[Affected]:
    struck = disaster.occurred_at
    assert struck is not None
    ids = [one.id for one in people]
    disaster.list_vulnerable(struck + HOUR, ids[:3])
    said = {"disaster_id": disaster.id, "occurred_at": struck, "relief_by": disaster.relief_by, "by": "乙"}
    made = []
    for one in people:
        known = chance.choice(list(AffectedBy))
        place = {"person_id": one.id, "division_code": one.division_code, "known_by": known}
        made.append(Affected.person(struck + HOUR, **place, **said))  # type: ignore[arg-type]  # as named
    early = {**said, "occurred_at": None, "relief_by": None}
    group = Affected.group(new_id(), struck - HOUR, head_count=20, division_code=people[0].division_code, **early)  # type: ignore[arg-type]
    group.start_clock(struck, occurred_at=struck, relief_by=struck + 12 * HOUR)
    group.recount(struck + HOUR, head_count=22, reason="又到", by="乙")
    made.append(group)
    for each in made:
        at = struck + chance.randrange(2, 20) * HOUR
        if each.state is AffectedState.TO_CHECK and chance.randrange(2):
            each.check(at, affected=False, by="乙")
            if chance.randrange(2):
                each.check(at, affected=True, by="乙")
            continue
        each.evacuate(at, facility_id=new_id(), evacuated_at=at, by="乙")
        each.lapse(at)
        if chance.randrange(3):
            each.relieve(at, delivered_at=at, items=WATER, by="乙")
            each.relieve(at + HOUR, delivered_at=at + HOUR, items=WATER, by="乙")
            if chance.randrange(3) == 0:
                each.void_delivery(at + HOUR, version=min(each.deliveries), reason="误登", by="乙")
        if chance.randrange(2):
            each.go_home(at + HOUR, returned_at=at, by="乙")
    return made


def _casualty(id: UUID, disaster: Disaster, one: Person) -> Casualty:
    struck = disaster.occurred_at
    assert struck is not None
    who = {"disaster_id": disaster.id, "person_id": one.id, "division_code": one.division_code}
    said = {"kind": CasualtyKind.MISSING, "name": "拟某", "particulars": "落水", "happened_at": struck, "by": "丙"}
    made = Casualty.enter(id, struck + HOUR, **who, **said)  # type: ignore[arg-type]  # as named
    made.change(struck + 9 * HOUR, state=CasualtyState.FOUND, grounds="自行返回", by="丙")
    return made


def _reports(chance: random.Random, disaster: Disaster) -> DisasterReports:
    struck = disaster.occurred_at
    assert struck is not None
    due = struck + 2 * HOUR
    where = {"disaster_id": disaster.id, "division_code": STREET, "occurred_at": struck}
    made = DisasterReports.open(struck, daily_hour=9, due_at=due, **where)  # type: ignore[arg-type]  # as named
    figures = Figures(affected_count=100, evacuated_count=40, loss_fen=12_345_600)
    more = Figures(affected_count=120, evacuated_count=60, loss_fen=12_345_600)
    first, day = struck + chance.randrange(1, 5) * HOUR, timedelta(days=1)
    last = struck + 5 * day
    steps: list[Callable[[], None]] = [
        lambda: made.file(first, stage=ReportStage.INITIAL, figures=figures, as_of=first, by="丁"),
        lambda: made.correct(first + HOUR, report_no=1, figures=more, by="丁", note="录入错误"),
        lambda: made.file(struck + 2 * day, stage=ReportStage.ZERO, figures=None, as_of=struck + day, by="丁"),
        lambda: made.stabilise(struck + 3 * day, due_at=last),
        lambda: made.resume(struck + 3 * day),
        lambda: made.stabilise(struck + 4 * day, due_at=last),
        lambda: made.file(last, stage=ReportStage.VERIFIED, figures=more, as_of=last, by="丁"),
    ]
    _some(chance, steps)
    return made


def _stocks(new_id: Callable[[], UUID], disaster: Disaster) -> list[Stock]:
    struck = disaster.occurred_at
    assert struck is not None
    place = new_id()
    tents = Stock.open(struck, facility_id=place, item=ReliefItem.TENT, division_code="440704")
    quilts = Stock.open(struck, facility_id=place, item=ReliefItem.QUILT, division_code="440704")
    tents.receive(struck, qty_count=50, unit_fen=45_000, origin=StockOrigin.PURCHASE, voucher_no="采1", by="戊")
    tents.put_away(struck, lot_no=1, accepted_count=48, rejected_count=2, by="戊", reason="破损")
    said = {"to_division_code": STREET, "disaster_id": disaster.id, "by": "戊"}
    tents.allocate(struck, allocation_no="调1", qty_count=30, **said)  # type: ignore[arg-type]  # as named
    slip = Stock.allocation_id(place, "调1")
    tents.ship(struck, allocation_id=slip, by="戊")
    moved = {"allocation_id": slip, "by": "戊"}
    tents.deliver(struck, qty_count=20, receipt_no="签1", delivered_at=struck, **moved)  # type: ignore[arg-type]
    tents.give_back(struck, qty_count=6, shipped=True, reason="多余", **moved)  # type: ignore[arg-type]
    tents.scrap(struck, qty_count=4, grounds="损毁", **moved)  # type: ignore[arg-type]
    tents.scrap(struck, qty_count=1, grounds="霉变", by="戊")
    tents.count(struck, counted_count=22, explanation="漏记", counted_on=struck.date(), by="戊")
    quilts.report_received(struck, qty_count=5, unit_fen=9_900, origin=StockOrigin.OPENING, voucher_no="")
    quilts.report_issued(struck, qty_count=8, voucher_no="出1", issued_on=struck.date(), disaster_id=disaster.id)
    return [tents, quilts]


def _aid(chance: random.Random, disaster: Disaster, one: Person) -> ReliefAid:
    struck = disaster.occurred_at
    assert struck is not None
    now, day = struck, struck.date()
    said = {"head_count": 2, "days": 0, "nominated": False, "situation": "全倒", "by": "己"}
    made = ReliefAid.apply_for(
        now,
        kind=AidKind.REBUILD,
        person_id=one.id,
        disaster_id=disaster.id,
        season=None,
        division_code=one.division_code,
        review_by=day,
        **said,  # type: ignore[arg-type]  # as named
    )
    graded = {"grade": HouseDamage.COLLAPSED, "rooms": 2, "report": "全倒", "assessed_on": day}
    vote = {"for_count": 9, "against_count": 1, "held_on": day, "by": "己", "next_by": day}
    span = {"from_on": day, "to_on": day + timedelta(days=7), "submit_by": day + timedelta(days=9)}
    after = now + timedelta(days=9)
    computed = amount_of(
        AidKind.REBUILD, official_parameters(), "440704", day, head_count=2, days=0, damage=HouseDamage.COLLAPSED
    )
    paid = {"fund_source": FundSource.DISTRICT, "payment_no": "支1", "paid_on": after.date(), "by": "壬"}
    steps: list[Callable[[], None]] = [
        lambda: made.assess_damage(now, by="庚", **graded),  # type: ignore[arg-type]
        lambda: made.review(now, **vote),  # type: ignore[arg-type]
        lambda: made.post_notice(now, notice_no="公1", by="己", **span),  # type: ignore[arg-type]
        lambda: made.object(now, reason="另有房", review_by=day),
        lambda: made.review(now, **vote),  # type: ignore[arg-type]
        lambda: made.transfer(now, to_division_code="440704002001", moved_on=day),
        lambda: made.submit(after, opinion="同意", by="庚", decide_by=after.date()),
        lambda: made.hold(after, reason="待核"),
        lambda: made.release(after, reason="属实"),
        lambda: made.decide(after, computed=computed, by="辛", pay_by=after.date()),
        lambda: made.pay(after, **paid),  # type: ignore[arg-type]
        lambda: made.report_returned(after, reason="户名不符", returned_on=after.date()),
    ]
    _some(chance, steps)
    if made.state.value == "applied" and chance.randrange(2):
        made.withdraw(after, reason="撤回")
    return made
