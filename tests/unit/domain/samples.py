"""Persons, households and cases as the tests need them, in one line each."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from domain.assistance import Case, Payment
from domain.clock import at, first_day
from domain.codes import (
    Cause,
    CloseReason,
    HouseholdKind,
    Opinion,
    PaymentKind,
    Relation,
    Scheme,
    SelfCare,
    UrbanRural,
    VisitFinding,
)
from domain.parameters import official_parameters
from domain.registry import Household, Person

VILLAGE = "440704004203"
"""麻三村 in 外海街道."""
OTHER_VILLAGE = "440704005211"
"""威西村 in 礼乐街道."""
CITIZEN_ID = "11010519491231002X"
PARAMETERS = official_parameters()


def on(text: str) -> datetime:
    """That day at nine in the morning."""
    return at(date.fromisoformat(text), 9)


def person(**fields: Any) -> Person:
    """A verified person of the village; `citizen_id=None` makes a provisional one."""
    given = {"name": "麦某", "division_code": VILLAGE, "citizen_id": CITIZEN_ID, **fields}
    id = given.pop("id", None) or uuid4()
    return Person.register(id, on("2011-01-05"), **given)


def household(*members: Person, kind: HouseholdKind = HouseholdKind.CO_LIVING) -> Household:
    """A household of the village; the first person is its head."""
    formed = Household.form(
        uuid4(),
        on("2011-01-05"),
        kind=kind,
        household_no="A1",
        division_code=VILLAGE,
        address="一巷1号",
        from_on=date(2011, 1, 5),
    )
    for place, member in enumerate(members):
        relation = Relation.SON if place else Relation.HEAD
        formed.join(on("2011-01-05"), person_id=member.id, relation=relation, effective_on=date(2011, 1, 5))
    return formed


def applied(scheme: Scheme = Scheme.DIBAO, members: tuple[UUID, ...] = (), **fields: Any) -> Case:
    """A case applied for on 5 January 2015 by its first member, three of them unless given."""
    who = members or (uuid4(), uuid4(), uuid4())
    given = {
        "scheme": scheme,
        "case_no": "N440704201500001",
        "household_id": uuid4(),
        "applicant_id": who[0],
        "member_ids": who,
        "cause": Cause.ILLNESS,
        "urban_rural": UrbanRural.RURAL,
        "division_code": VILLAGE,
        "from_on": date(2015, 1, 5),
        "accept_by": date(2015, 1, 8),
        **fields,
    }
    return Case.apply_for(uuid4(), on("2015-01-05"), **given)


def accepted(scheme: Scheme = Scheme.DIBAO, **fields: Any) -> Case:
    """A case the street accepted."""
    case = applied(scheme, **fields)
    case.accept(on("2015-01-06"), due_on=date(2015, 2, 28))
    return case


def verified(
    scheme: Scheme = Scheme.DIBAO,
    *,
    income_fen: int = 90_000,
    property_ok: bool = True,
    self_care: SelfCare = SelfCare.FULL,
    **fields: Any,
) -> Case:
    """A case whose income is known: 900 yuan a month unless given."""
    case = accepted(scheme, **fields)
    case.verify(
        on("2015-01-12"),
        monthly_income_fen=income_fen,
        property_within_limits=property_ok,
        conclusion="入户核查属实",
        self_care=self_care if scheme is Scheme.TEKUN else None,
    )
    return case


def reviewed(scheme: Scheme = Scheme.DIBAO, **fields: Any) -> Case:
    """A case that was visited and that the street has an opinion on."""
    case = verified(scheme, **fields)
    case.record_visit(
        on("2015-01-12"),
        finding=VisitFinding.AS_STATED,
        report="三人同住，属实",
        by="visiting",
        official=False,
        visited_on=date(2015, 1, 9),
    )
    case.review(on("2015-01-13"), opinion=Opinion.GRANT, note="", by="reviewing")
    return case


def publicised(scheme: Scheme = Scheme.DIBAO, **fields: Any) -> Case:
    """A case whose notice hung from 13 to 20 January 2015."""
    case = reviewed(scheme, **fields)
    case.post_notice(
        on("2015-01-13"),
        notice_no="公示〔2015〕1号",
        from_on=date(2015, 1, 13),
        to_on=date(2015, 1, 20),
        decide_by=date(2015, 2, 3),
    )
    return case


def paying(scheme: Scheme = Scheme.DIBAO, **fields: Any) -> Case:
    """A case paid from February 2015: 750 yuan for three persons with 900 yuan."""
    case = publicised(scheme, **fields)
    case.confirm(on("2015-01-21"), parameters=PARAMETERS)
    return case


def refused() -> Case:
    """A case refused for its income of 2,000 yuan."""
    case = verified(income_fen=200_000)
    case.refuse(on("2015-01-20"), reason="收入超过标准", parameters=PARAMETERS)
    return case


def suspended(**fields: Any) -> Case:
    """A case suspended from September 2015."""
    case = paying(**fields)
    case.suspend(on("2015-08-20"), reason="未按期复核", from_on=date(2015, 9, 1))
    return case


def closed(**fields: Any) -> Case:
    """A case closed with June 2015."""
    case = paying(**fields)
    case.report_closed(on("2015-06-20"), reason=CloseReason.INCOME_ABOVE, end_month="2015-06")
    return case


def payment(case: Case, month: str = "2015-03", amount_fen: int = 75_000, **fields: Any) -> Payment:
    """A payment a source reported for a case."""
    given = {
        "case_id": case.id,
        "household_id": case.household_id,
        "payee_id": case.applicant_id,
        "kind": PaymentKind.REGULAR,
        "month": month,
        "amount_fen": amount_fen,
        "division_code": case.division_code,
        "account": None,
        "batch_no": f"{month}-01",
        "fund_source": "区财政",
        "effective_on": first_day(month).replace(day=10),
        **fields,
    }
    return Payment.report_issued(uuid4(), at(first_day(month).replace(day=10)), **given)
