"""Disasters, affected people, stock and relief money as the tests need them, in one line each."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from domain.clock import CHINA
from domain.codes import AffectedBy, AidKind, DisasterKind, HouseDamage, ReliefItem, StockOrigin
from domain.relief import Affected, Disaster, DisasterReports, ReliefAid, Stock
from domain.relief.clock import clock_of
from tests.unit.domain.samples import PARAMETERS, VILLAGE

STREET_CODE = "440704004"
STRUCK = datetime(2015, 12, 10, 6, 0, tzinfo=CHINA)
"""When the tests' disaster struck: three hours before their present."""


def moment(text: str) -> datetime:
    """That minute of the district's time: `2015-12-10 06:30`."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def warned(**fields: Any) -> Disaster:
    """A typhoon that the whole district is warned of."""
    given = {"kind": DisasterKind.TYPHOON, "title": "台风试验", "affected_codes": ("440704",), **fields}
    who = {"division_code": "440704", "by": "district", "warning": "橙色预警 1 号"} | given
    return Disaster.register(uuid4(), STRUCK - timedelta(hours=9), **who)


def struck(**fields: Any) -> Disaster:
    """One that struck at six in the morning; 外海街道 is hit unless said otherwise."""
    disaster = warned(**{"affected_codes": (STREET_CODE,), "warning": "", **fields})
    at = STRUCK + timedelta(minutes=10)
    clock = clock_of(STRUCK, at, PARAMETERS, disaster.division_code)
    disaster.occur(at, occurred_at=STRUCK, clock=clock)
    return disaster


def reporting(disaster: Disaster, unit: str = "440704", hours: int = 2) -> DisasterReports:
    """A unit that has not reported yet."""
    return DisasterReports.open(
        STRUCK + timedelta(minutes=10),
        disaster_id=disaster.id,
        division_code=unit,
        occurred_at=STRUCK,
        daily_hour=9,
        due_at=STRUCK + timedelta(hours=hours),
    )


def affected(disaster: Disaster, person_id: UUID | None = None, **fields: Any) -> Affected:
    """Somebody known to be affected half an hour after it struck; a group with `head_count`."""
    said: dict[str, Any] = {
        "disaster_id": disaster.id,
        "division_code": VILLAGE,
        "occurred_at": disaster.occurred_at,
        "relief_by": disaster.relief_by,
        "by": "community",
        **fields,
    }
    at = STRUCK + timedelta(minutes=30)
    if "head_count" in said:
        return Affected.group(uuid4(), at, **said)
    return Affected.person(at, person_id=person_id or uuid4(), **{"known_by": AffectedBy.VISITED, **said})


def stock(
    item: ReliefItem = ReliefItem.TENT, count: int = 100, *, facility_id: UUID | None = None, **lot: Any
) -> Stock:
    """One lot of an item, put away; none with a count of 0."""
    at = STRUCK - timedelta(days=30)
    made = Stock.open(at, facility_id=facility_id or uuid4(), item=item, division_code="440704")
    if count:
        said = {
            "unit_fen": 12_345,
            "origin": StockOrigin.PURCHASE,
            "voucher_no": "采〔2015〕1号",
            "by": "keeper",
            **lot,
        }
        number = made.receive(at, qty_count=count, **said)
        made.put_away(at, lot_no=number, accepted_count=count, rejected_count=0, by="keeper")
    return made


def applied_aid(disaster: Disaster | None = None, kind: AidKind = AidKind.REBUILD, **fields: Any) -> ReliefAid:
    """An application entered by the community."""
    given: dict[str, Any] = {
        "kind": kind,
        "person_id": uuid4(),
        "disaster_id": disaster.id if disaster else None,
        "season": 2015 if kind is AidKind.WINTER_SPRING else None,
        "head_count": 3,
        "days": 30 if kind is AidKind.TRANSITION else 0,
        "nominated": False,
        "situation": "正屋倒塌",
        "division_code": VILLAGE,
        "by": "community",
        "review_by": None,
        **fields,
    }
    return ReliefAid.apply_for(moment("2015-11-20 09:00"), **given)


def publicised_aid(disaster: Disaster | None = None, kind: AidKind = AidKind.REBUILD, **fields: Any) -> ReliefAid:
    """One whose notice hung until 1 December 2015."""
    aid = applied_aid(disaster, kind, **fields)
    at = moment("2015-11-23 09:00")
    if kind is AidKind.REBUILD:
        graded = {"grade": HouseDamage.COLLAPSED, "rooms": 2, "report": "全倒", "assessed_on": at.date()}
        aid.assess_damage(at, by="street", **graded)  # type: ignore[arg-type]  # as named
    aid.review(at, for_count=9, against_count=1, held_on=at.date(), by="community", next_by=None)
    at = moment("2015-11-24 09:00")
    span = {"from_on": at.date(), "to_on": at.date() + timedelta(days=7)}
    aid.post_notice(at, notice_no="公示1号", by="community", submit_by=None, **span)
    return aid


def submitted_aid(disaster: Disaster | None = None, kind: AidKind = AidKind.REBUILD, **fields: Any) -> ReliefAid:
    """One that the street has looked through."""
    aid = publicised_aid(disaster, kind, **fields)
    aid.submit(moment("2015-12-03 09:00"), opinion="同意上报", by="street", decide_by=None)
    return aid
