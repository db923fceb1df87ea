"""A service is bought from the catalogue to the last instalment, and a village posts what it has to, by GraphQL."""

from typing import Any

from domain.access import Actor, RoleCode
from infra.log import PostgresLog
from tests.fixtures import story as told
from tests.fixtures.story import CLERK, OFFICER, REVIEWER, STRANGER, STREET, VILLAGE, WORKER, Story

village = told.village

REGISTRAR = Actor("登记员丁", RoleCode.DISTRICT_CLERK, "440704")
MONEY = Actor("财务戊", RoleCode.FINANCE_OFFICER, "440704")
PAYER = Actor("财务己", RoleCode.FINANCE_OFFICER, "440704")
AUDITOR = Actor("审计癸", RoleCode.AUDITOR, "440704")
PURCHASE = """query P($id: UUID!, $least: Position) { purchase(id: $id, minPosition: $least) {
    state reservedYuan acceptedYuan paidYuan amountFen scoreBp renewable
    organisation { name creditCode representative state }
    fundings { source reservedFen spentFen budget { freeFen } }
    milestones { no state acceptedFen paidFen }
    payments { paymentNo source state preparedBy approvedBy amountFen }
    timeline(first: 50) { nodes { title detail } } } }"""


async def registered(story: Story, name: str, code: str) -> str:
    """An organisation of the street, taken on there and registered by the district."""
    (id,) = await story.do(OFFICER, "prepareOrganisation", name=name, kind="PRIVATE_NON_ENTERPRISE", socialWork=True)
    given: dict[str, Any] = {"organisationId": id, "creditCode": code, "representative": "拟某甲", "certifiedCount": 8}
    await story.do(REGISTRAR, "registerOrganisation", **given)
    return id


async def test_bought_accepted_evaluated_paid(village: Story, log: PostgresLog) -> None:
    story = village
    centre = await registered(story, "江海区晨光社工中心", "52440704MJL123454D")
    (twin,) = await story.do(OFFICER, "prepareOrganisation", name="冒名中心", kind="PRIVATE_NON_ENTERPRISE")
    again = {"organisationId": twin, "creditCode": "52440704mjl123454d", "representative": "拟某乙"}
    await story.refused(REGISTRAR, "registerOrganisation", "已登记给另一社会组织", **again)
    await story.refused(OFFICER, "registerOrganisation", "无权办理", "FORBIDDEN", **again)
    assert ("ORG_REPORT", "2017-03-31") in await story.queue(OFFICER)

    plan = {"year": 2016, "scheme": "PURCHASE", "amountFen": 50_000_000, "legalBasis": "江财预〔2016〕1号"}
    (district,) = await story.do(MONEY, "approveBudget", source="DISTRICT", **plan)
    (street,) = await story.do(MONEY, "approveBudget", source="STREET", divisionCode=STREET, **plan)
    (project,) = await story.do(OFFICER, "openPurchase", title="外海居家养老服务", item="HOME_CARE")
    for budget, fen in ((district, 10_000_000), (street, 8_000_000)):
        await story.do(MONEY, "reservePurchaseBudget", purchaseId=project, budgetId=budget, amountFen=fen)
    price = {"purchaseId": project, "organisationId": centre, "priceFen": 18_000_000, "bidders": 3}
    await story.do(OFFICER, "tenderPurchase", method="NEGOTIATION", **price)
    contract = {
        "contractNo": "JH-2016-01",
        "startsOn": "2016-01-15",
        "endsOn": "2016-12-31",
        "milestoneTitles": ["上半年", "下半年"],
        "milestonesFen": [9_000_000, 9_000_000],
        "milestonesDueOn": ["2016-06-30", "2016-12-31"],
    }
    await story.do(OFFICER, "signContract", purchaseId=project, **contract)
    assert await story.queue(OFFICER, step="DELIVER") == [("DELIVER", "2016-06-30"), ("DELIVER", "2016-12-31")]

    story.on("2016-06-28")
    await story.do(OFFICER, "deliverMilestone", purchaseId=project, no=1, note="服务 120 户")
    await story.refused(OFFICER, "acceptMilestone", "您已为此项目立项", purchaseId=project, no=1)
    await story.do(REVIEWER, "acceptMilestone", purchaseId=project, no=1)
    assert ("PAY_SERVICE", "2016-07-28") in await story.queue(MONEY)
    ask = {"purchaseId": project, "milestoneNo": 1, "amountFen": 9_000_000, "budgetId": district}
    await story.do(MONEY, "preparePurchasePayment", **ask)
    await story.refused(MONEY, "approvePurchasePayment", "您已提出此笔付款", purchaseId=project, paymentNo=1)
    await story.do(PAYER, "approvePurchasePayment", purchaseId=project, paymentNo=1)

    story.on("2016-12-30")
    await story.do(OFFICER, "deliverMilestone", purchaseId=project, no=2, note="服务 118 户")
    await story.do(REVIEWER, "acceptMilestone", purchaseId=project, no=2, acceptedFen=8_900_000, reason="少 2 户")
    last = {"purchaseId": project, "milestoneNo": 2, "budgetId": street, "amountFen": 8_000_000}
    await story.refused(MONEY, "preparePurchasePayment", "绩效评价完成后支付", **last)
    marks = {"savingsBp": 9_000, "effectivenessBp": 8_000, "transparencyBp": 8_500, "professionalismBp": 9_500}
    await story.do(REVIEWER, "evaluatePurchase", purchaseId=project, evaluator="第三方", **marks)
    for number, (budget, fen) in enumerate(((street, 8_000_000), (district, 900_000)), start=2):
        await story.do(MONEY, "preparePurchasePayment", **{**last, "budgetId": budget, "amountFen": fen})
        await story.do(PAYER, "approvePurchasePayment", purchaseId=project, paymentNo=number)
    await story.do(PAYER, "closePurchase", purchaseId=project)

    seen = (await story.ask.data(PURCHASE, CLERK, id=project, least=story.position))["purchase"]
    assert (seen["state"], seen["scoreBp"], seen["renewable"]) == ("CLOSED", 8_650, True)
    assert seen["organisation"]["creditCode"] == "52440704MJL123454D"
    assert [f["spentFen"] for f in sorted(seen["fundings"], key=lambda f: f["source"])] == [
        *(9_900_000, 8_000_000),
    ]
    assert {f["budget"]["freeFen"] for f in seen["fundings"]} == {40_100_000, 42_000_000}
    assert [p["source"] for p in seen["payments"]] == ["DISTRICT", "STREET", "DISTRICT"]
    assert [p["preparedBy"] != p["approvedBy"] for p in seen["payments"]] == [True] * 3
    assert "购买服务绩效评价" in [entry["title"] for entry in seen["timeline"]["nodes"]]
    await _seen_by_whom(story, project)
    rows = await log.read(0, 1000)
    assert not any("拟某甲".encode() in row.payload for row in rows)


async def _seen_by_whom(story: Story, project: str) -> None:
    """The street's own purchase: another street, a village and outsiders don't see it; who represents it is masked."""
    counts = "query C($least: Position) { purchases(first: 5, minPosition: $least) { totalCount } }"
    for who, count in ((OFFICER, 1), (MONEY, 1), (STRANGER, 0), (WORKER, 0)):
        assert (await story.ask.data(counts, who, least=story.position))["purchases"]["totalCount"] == count
    seen = (await story.ask.data(PURCHASE, CLERK, id=project, least=story.position))["purchase"]
    masked = (await story.ask.data(PURCHASE, AUDITOR, id=project, least=story.position))["purchase"]
    assert (seen["organisation"]["representative"], masked["organisation"]["representative"]) == ("拟某甲", "****")
    await story.refused(STRANGER, "closePurchase", "无权办理", "FORBIDDEN", purchaseId=project)
    await story.refused(STRANGER, "terminateContract", "没有找到", "NOT_FOUND", purchaseId=project, reason="x")


async def test_an_organisation_revoked_gets_no_contract_and_its_running_one_is_settled(village: Story) -> None:
    story = village
    centre = await registered(story, "江海区晨光社工中心", "52440704MJL123454D")
    told = {"reason": "骗取登记", "letterNo": "江民罚〔2016〕1号"}
    await story.refused(REGISTRAR, "revokeOrganisation", "听证告知书", organisationId=centre, **told)
    story.on("2016-02-01")
    await story.do(REGISTRAR, "revokeOrganisation", organisationId=centre, heardOn="2016-01-12", **told)
    (project,) = await story.do(OFFICER, "openPurchase", title="居家养老", item="HOME_CARE")
    plan = {"year": 2016, "scheme": "PURCHASE", "amountFen": 1_000_000, "legalBasis": "预算", "source": "DISTRICT"}
    (budget,) = await story.do(MONEY, "approveBudget", **plan)
    await story.do(MONEY, "reservePurchaseBudget", purchaseId=project, budgetId=budget, amountFen=1_000_000)
    price = {"purchaseId": project, "organisationId": centre, "priceFen": 1_000_000, "bidders": 1}
    await story.refused(OFFICER, "tenderPurchase", "已撤销登记”，不能承接", method="DIRECT", **price)
    asked = {"least": story.position, "filter": {"state": ["REVOKED"]}}
    query = """query O($filter: OrganisationFilter, $least: Position) {
        organisations(filter: $filter, first: 5, minPosition: $least) {
            nodes { name endedOn timeline(first: 20) { nodes { title } } } } }"""
    (seen,) = (await story.ask.data(query, OFFICER, **asked))["organisations"]["nodes"]
    assert seen["endedOn"] == "2016-02-01"
    assert "撤销社会组织登记" in [entry["title"] for entry in seen["timeline"]["nodes"]]


async def test_a_village_posts_what_it_has_to(village: Story) -> None:
    story = village
    ids = await story.do(WORKER, "openDisclosures", period="2015-Q4")
    assert len(ids) == 6
    assert await story.queue(WORKER) == [("DISCLOSE", "2016-01-11")] * 6
    story.on("2016-01-20")
    digest = "ab" * 32
    await story.do(WORKER, "postDisclosure", disclosureId=ids[0], place="村务公开栏", contentHash=digest)
    await story.refused(
        STRANGER, "postDisclosure", "没有找到", "NOT_FOUND", disclosureId=ids[1], place="x", contentHash=digest
    )
    ask = {"disclosureId": ids[0], "question": "拟某丙问：工程款付给了谁"}
    await story.do(WORKER, "questionDisclosure", **ask)
    overdue = """query D($filter: DisclosureFilter, $least: Position) {
        disclosures(filter: $filter, first: 50, minPosition: $least) { totalCount nodes {
            topic postBy dueOn light postedOn question division { name } } } }"""
    missing = {"open": True, "state": ["DUE"]}
    found = (await story.ask.data(overdue, CLERK, filter=missing, least=story.position))["disclosures"]
    assert found["totalCount"] == 5
    assert {node["light"] for node in found["nodes"]} == {"RED"}
    assert {node["division"]["name"] for node in found["nodes"]} == {"麻三村委会"}
    (asked,) = (await story.ask.data(overdue, WORKER, filter={"state": ["QUESTIONED"]}, least=story.position))[
        "disclosures"
    ]["nodes"]
    assert (asked["postedOn"], asked["dueOn"], asked["question"]) == ("2016-01-20", "2016-02-03", ask["question"])
    assert (await story.ask.data(overdue, STRANGER, filter={}, least=story.position))["disclosures"]["totalCount"] == 0

    assert len(await story.do(CLERK, "openDisclosures", period="2015-Q4")) == 62 * 6  # one village had listed its own
    made = {"kind": "SUPERVISION_COMMITTEE", "result": "DONE", "heldOn": "2015-03-01"}
    await story.do(WORKER, "makeCommunityRecord", **made)
    (helper,) = await story.do(OFFICER, "registerPerson", name="拟某丁", divisionCode=VILLAGE)
    (volunteer,) = await story.do(WORKER, "enrolVolunteer", personId=helper)
    served = {"volunteerId": volunteer, "activity": "探访", "minutes": 90, "servedOn": "2016-01-20"}
    await story.do(WORKER, "logVolunteerService", **served)
    query = """query V($least: Position) { volunteers(first: 5, minPosition: $least) {
        nodes { minutes person { name } services { activity } } } }"""
    (seen,) = (await story.ask.data(query, WORKER, least=story.position))["volunteers"]["nodes"]
    assert (seen["minutes"], seen["person"]["name"]) == (90, "拟某丁")


FIGURES = """query F($names: [String!], $period: String!, $division: String, $group: Breakdown, $least: Position) {
    indicators(names: $names, period: $period, division: $division, by: $group, minPosition: $least) {
        name value target unit populationBasis divisionCode divisionName } }"""


async def figures(story: Story, by: Actor, *names: str, **given: Any) -> dict[str, Any]:
    """Values by name."""
    asked = {"names": list(names) or None, "period": "2016", "least": story.position, **given}
    found = (await story.ask.data(FIGURES, by, **asked))["indicators"]
    return {each["name"]: each["value"] for each in found}


async def test_the_plans_figures_come_from_the_log(village: Story) -> None:
    story = village
    await registered(story, "江海区晨光社工中心", "52440704MJL123454D")
    fund = {"legalBasis": "江财预"}
    await story.do(MONEY, "setSupportFund", year=2015, amountFen=36_300_000, **fund)
    await story.do(MONEY, "setSupportFund", year=2016, amountFen=39_000_000, **fund)
    for code, one, cross in ((VILLAGE, True, 5), ("440704004202", True, 4), ("440704001001", False, 5)):
        told = {"divisionCode": code, "year": 2014, "heldOn": "2014-03-20", "committeeCount": 5, "eligibleCount": 0}
        await story.do(CLERK, "holdElection", crossCount=cross, onePerson=one, **told)
        await story.do(CLERK, "setCadreAllowance", divisionCode=code, year=2016, personMonths=60, totalFen=15_000_000)
        made = {"divisionCode": code, "heldOn": "2014-06-01"}
        await story.do(CLERK, "makeCommunityRecord", kind="PUBLIC_STATION", result="DONE", **made)
        await story.do(CLERK, "makeCommunityRecord", kind="MODEL_UNIT", result="TITLED", **made)
    centres = {"kind": "FAMILY_CENTRE", "result": "DONE", "divisionCode": STREET, "heldOn": "2014-06-01"}
    await story.do(CLERK, "makeCommunityRecord", **centres)
    found = await figures(story, CLERK)
    assert (found["organisations"], found["organisations_per_10000"]) == (1, 6)  # 0.06 of 164,600 people
    assert (found["support_fund_fen"], found["support_fund_growth"]) == (39_000_000, 744)
    assert found["support_fund_short_fen"] == 930_000  # 300,000 × 1.1³ = 399,300 yuan
    assert (found["one_person_share"], found["cross_membership_share"]) == (6_667, 9_333)
    assert (found["cadre_allowance_avg"], found["model_units"]) == (250_000, 3)
    assert (found["station_coverage"], found["family_centre_coverage"]) == (476, 3_333)  # 3 of 63, 1 of 3
    assert found["contracted_local_share"] is None
    own = await figures(story, WORKER, "station_coverage", "cross_membership_share")
    assert own == {"station_coverage": 10_000, "cross_membership_share": 10_000}
    assert set(await figures(story, WORKER)) & {"organisations", "dibao_persons", "model_units"} == {
        *("dibao_persons", "model_units"),
    }
    assert await story.ask.codes(FIGURES, WORKER, names=["organisations"], period="2016") == ["FORBIDDEN"]
    streets = await story.ask.data(FIGURES, CLERK, names=["model_units"], period="2016", group="STREET")
    assert {each["divisionCode"]: each["value"] for each in streets["indicators"]} == {
        "440704001": 1,
        "440704004": 2,
        "440704005": 0,
    }
    before = await figures(story, CLERK, "organisations", "support_fund_fen", "one_person_share", period="2013")
    assert before == {"organisations": 0, "support_fund_fen": 0, "one_person_share": None}
