"""The month at the demo district's desks: everything it gives is accepted, and again it repeats nothing."""

from api.desk import sit_down
from domain.codes import HoldReason
from domain.funds.due import DueCases, DueTable
from tests.fixtures import story as told
from tests.fixtures.story import CLERK, Story
from tests.unit.domain.test_payroll import row

village = told.village

SEEN = """query Seen($p: Position) {
    workItems(filter: {open: true}, first: 100, minPosition: $p) { nodes { light } }
    cases(first: 100) { totalCount nodes { state } } notices(first: 9) { totalCount }
    referrals(first: 9) { totalCount } complaints(first: 9) { totalCount } budgets { totalCount }
    payrolls { nodes { state heldCount lines(first: 9) { nodes { held yuan } } } } }"""


async def due(wish: DueCases) -> DueTable:
    """One payment that the bank sent back, and one without an account."""
    return DueTable(0, [row(payments=1, month=wish.months[0]), row(account=None, month=wish.months[0])])


async def test_a_month_at_the_desks(village: Story) -> None:
    assert await sit_down(village.store, {DueCases: due}) == 14
    head = village.position = await village.store.log.head()
    assert await sit_down(village.store, {DueCases: due}) == 14
    assert await village.store.log.head() == head
    village.on("2015-12-31")
    seen = await village.ask.data(SEEN, CLERK, p=village.position)
    assert seen["cases"]["totalCount"] == 14
    states = {node["state"] for node in seen["cases"]["nodes"]}
    assert {"APPLIED", "ACCEPTED", "VERIFIED", "REVIEWED", "PUBLICISED", "OBJECTED", "PAYING", "REFUSED"} <= states
    assert {node["light"] for node in seen["workItems"]["nodes"]} == {"RED", "YELLOW", "GREEN"}
    counts = [seen[name]["totalCount"] for name in ("notices", "referrals", "complaints", "budgets")]
    assert counts == [2, 1, 1, 2]
    (payroll,) = seen["payrolls"]["nodes"]
    assert (payroll["state"], payroll["heldCount"]) == ("PREPARED", 1)
    held = {line["held"] for line in payroll["lines"]["nodes"]}
    assert held == {None, HoldReason.NO_ACCOUNT.name}
