"""Social organisations, budgets and purchases as the tests need them, in one line each."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from domain.access import Actor, RoleCode
from domain.codes import FundSource, OrgKind, Scheme, TenderMethod
from domain.funds import Budget
from domain.procurement import Organisation, Purchase
from domain.procurement.contract import Dimensions, Party, Term
from domain.procurement.credit_code import parse_credit_code
from tests.unit.domain.samples import on

STREET_CODE = "440704004"
CODE = "52440704MJL123454D"
BUYER = Actor("buyer", RoleCode.STREET_OFFICER, STREET_CODE)
OTHER = Actor("other", RoleCode.STREET_OFFICER, STREET_CODE)
MONEY = Actor("money", RoleCode.FINANCE_OFFICER, "440704")
PAYER = Actor("payer", RoleCode.FINANCE_OFFICER, "440704")
EVEN = Dimensions(2_500, 2_500, 2_500, 2_500)
WELL = Dimensions(9_000, 8_000, 8_500, 9_500)


def preparing(**fields: Any) -> Organisation:
    """One that is being set up in the street."""
    given = {
        "name": "江海区晨光社工中心",
        "kind": OrgKind.PRIVATE_NON_ENTERPRISE,
        "sponsor": "",
        "local": True,
        "social_work": True,
        "division_code": STREET_CODE,
        "by": "taking",
        **fields,
    }
    return Organisation.prepare(given.pop("id", uuid4()), on("2014-01-06"), **given)


def registered(**fields: Any) -> Organisation:
    """One that is in the register since January 2014."""
    made = preparing(**fields)
    made.register(
        on("2014-01-20"),
        code=parse_credit_code(CODE),
        representative="拟某甲",
        certified_count=8,
        by="district",
        report_by=date(2015, 3, 31),
        inspect_by=date(2015, 6, 1),
    )
    return made


def budget(amount_fen: int = 50_000_000, **fields: Any) -> Budget:
    """The district's money for services of 2015."""
    given = {"year": 2015, "source": FundSource.DISTRICT, "scheme": Scheme.PURCHASE, "division_code": "440704"}
    given |= {"legal_basis": "年度预算", "by": "money", **fields}
    return Budget.approve(on("2015-01-05"), amount_fen=amount_fen, **given)


def opened(**fields: Any) -> Purchase:
    """A home-care service to be bought."""
    given = {"title": "外海居家养老服务", "item": "HOME_CARE", "division_code": STREET_CODE, "by": "buyer", **fields}
    return Purchase.open(uuid4(), on("2015-01-06"), **given)


def budgeted(*parts: tuple[Budget, int], **fields: Any) -> Purchase:
    """With money of these budgets."""
    made = opened(**fields)
    for money, fen in parts or ((budget(), 18_000_000),):
        made.reserve(on("2015-01-07"), budget_id=money.id, source=money.source, amount_fen=fen, by="money")
        money.reserve(on("2015-01-07"), purchase_id=made.id, amount_fen=fen)
    return made


def tendered(*parts: tuple[Budget, int], organisation: UUID | None = None, **fields: Any) -> Purchase:
    """With an organisation chosen, for all the money."""
    made = budgeted(*parts, **fields)
    made.tender(
        on("2015-01-15"),
        method=TenderMethod.NEGOTIATION,
        basis="",
        bidders=3,
        organisation_id=organisation or uuid4(),
        price_fen=made.reserved_fen,
        by="buyer",
        direct_below_fen=20_000_000,
        open_from_fen=200_000_000,
        bidders_least=3,
    )
    return made


def terms(*amounts: int, start: date = date(2015, 2, 1)) -> tuple[Term, ...]:
    """Milestones a month after one another."""
    return tuple(
        Term(no, f"第{no}期", fen, date(start.year, start.month + no - 1, 28))
        for no, fen in enumerate(amounts, start=1)
    )


def signed(*amounts: int, money: tuple[tuple[Budget, int], ...] = (), **fields: Any) -> Purchase:
    """Under contract from February to December 2015, in these instalments: three of 60,000 yuan unless given."""
    made = tendered(*money, **fields)
    made.sign(
        on("2015-01-20"),
        contract_no="JH-2015-01",
        party=Party(made.organisation_id, CODE, local=True, social_work=True),
        starts_on=date(2015, 2, 1),
        ends_on=date(2015, 12, 31),
        terms=terms(*(amounts or (6_000_000, 6_000_000, 6_000_000))),
        longer_basis="",
        by="buyer",
        usual_months=12,
        most_months=36,
    )
    return made


def accept(purchase: Purchase, no: int, fen: int | None = None) -> None:
    """Deliver and accept a milestone."""
    purchase.deliver(on("2015-06-01"), no=no, note="按月服务 120 户", by="centre", accept_by=date(2015, 6, 15))
    purchase.accept(
        on("2015-06-02"),
        no=no,
        by="other",
        accepted_fen=fen,
        reason="" if fen is None else "少服务 10 户",
        pay_by=date(2015, 7, 2),
        evaluate_by=date(2015, 6, 30),
    )


def scored(*amounts: int, marks: Dimensions = WELL, **fields: Any) -> Purchase:
    """Everything accepted, and evaluated."""
    made = signed(*amounts, **fields)
    for milestone in made.milestones:
        accept(made, milestone.term.no)
    made.evaluate(
        on("2015-06-05"),
        marks=marks,
        weights=EVEN,
        least_bp=7_000,
        evaluator="第三方评估机构",
        note="",
        by="other",
        pay_by=date(2015, 7, 6),
    )
    return made
