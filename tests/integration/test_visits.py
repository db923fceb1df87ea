"""A year's verification by sample by GraphQL, each with their own token: hash, draw, visits, recheck, account.

And what a purchased visitor sees: their own open visits until the day, whatever they ask for; and nothing once their
right is withdrawn.
"""

import asyncio
from typing import Any
from uuid import UUID

import orjson
import pytest

from domain.access import Actor, RoleCode
from domain.assistance.drawing import digest_of, hash_of
from domain.errors import RuleViolated
from infra.draws import verify_draw
from infra.rights import EVERY
from tests.fixtures import story as told
from tests.fixtures.story import CLERK, OFFICER, REVIEWER, STREET, VILLAGE, Story
from tests.integration.test_questions import advance

village = told.village

ADMIN = Actor("安全管理员", RoleCode.SECURITY_ADMIN, "440704")
VISITOR = Actor("社工甲", RoleCode.VISITOR, STREET)
OTHER = Actor("社工乙", RoleCode.VISITOR, STREET)
AUDITOR = Actor("审计员", RoleCode.AUDITOR, "440704", "audit")
SEED = "2016 年 3 月 1 日摇出的种子 7f3a9c，公布散列前由三人分别写下各一段"
MINE = "{ myVisits { totalCount nodes { id name phone address memberCount dueOn } } }"
DRAWN = """query Drawn($least: Position) { visits(minPosition: $least) { nodes { id householdId caseId state stateLabel
    visitor dueOn finding report recheckBy rechecked: recheckedOn recheckedBy case { caseNo } } } }"""
CAMPAIGN = """query Campaign($id: UUID!, $least: Position) { campaign(id: $id, minPosition: $least) {
    year cycleFrom state seedHash seed
    populationCount householdCount listDigest drawnAtPosition allocated submitted confirmed toRecheck
    rechecked coverageBp coveredByVisits coveredByOfficials leftBefore visits { totalCount } } }"""
TRICKS = """query Tricks($home: UUID!, $case: UUID!) {
    persons(first: 1000) { totalCount nodes { id name citizenId } } households { totalCount } cases { totalCount }
    payments { totalCount } visits { totalCount } workItems { totalCount }
    findings { totalCount } rights { totalCount } accounts { totalCount } quarantine { totalCount }
    case(id: $case) { id account } household(id: $home) { id address }
    past: case(id: $case, asOf: "2016-02-01T00:00:00+08:00", effectiveOn: "2016-01-31") { id } }"""


async def over_http(story: Story, query: str, by: Actor, **variables: Any) -> dict[str, Any]:
    """What the service answers to a token: authentication, rights and scope are all in the way."""
    body = orjson.dumps({"query": query, "variables": variables})
    headers = story.ask.headers(by) | {"content-type": "application/json"}
    answer = await story.ask.http.post("/graphql", content=body, headers=headers)
    found: dict[str, Any] = answer.json()
    return found


async def mine(story: Story, by: Actor = VISITOR) -> list[dict[str, Any]]:
    """A visitor's own visits, once the read models have caught up."""
    await story.ask.data("query L($p: Position) { cases(minPosition: $p) { totalCount } }", CLERK, p=story.position)
    found = await over_http(story, MINE, by)
    assert "errors" not in found, found
    nodes: list[dict[str, Any]] = found["data"]["myVisits"]["nodes"]
    assert found["data"]["myVisits"]["totalCount"] == len(nodes)
    return nodes


async def morning(story: Story, day: str) -> None:
    """Another day, and everybody has noticed."""
    story.on(day)
    await story.ask.service.running().dispatcher.rights.refresh()


async def granted(story: Story, who: Actor, to_on: str | None = "2016-05-31") -> None:
    """The right to be what an actor says they are."""
    base = {"account": who.name, "grantedRole": who.role.name, "divisionCode": who.division_code, "basis": "合同3号"}
    day = story.today.date().isoformat()
    await story.do(ADMIN, "grantRight", **base, fromOn=day, department=who.department, toOn=to_on)


async def households(story: Story, count: int = 4) -> dict[str, str]:
    """Households whose dibao is paid from February on: household → case."""
    cases = []
    for number in range(count):
        cases.append(await story.applies(number))
        await advance(story, 5)
    story.on("2016-01-19")
    for case in cases:
        story.case = case
        await story.do(CLERK, "confirmCase")
    story.case = ""
    found = await story.ask.data(
        "query C($p: Position) { cases(minPosition: $p) { nodes { id householdId } } }", CLERK, p=story.position
    )
    return {node["householdId"]: node["id"] for node in found["cases"]["nodes"]}


async def known_at_home(story: Story, household: str) -> None:
    """Telephone and address of a household's head."""
    asked = "query H($id: UUID!) { household(id: $id) { headId } }"
    head = (await story.ask.data(asked, CLERK, id=household))["household"]["headId"]
    contact = {"phone": "075012345678", "address": "麻三村一巷1号"}
    await story.do(OFFICER, "correctPersonDetails", personId=head, **contact)


async def drawn(story: Story) -> tuple[str, list[dict[str, Any]]]:
    """The campaign of 2016, opened on 1 March and drawn a week later, and the visits to make."""
    await morning(story, "2016-03-01")
    (campaign,) = await story.do(CLERK, "openCampaign", year=2016, seedHash=hash_of(SEED))
    await morning(story, "2016-03-07")
    await story.refused(CLERK, "drawSample", "与已公布的散列不符", campaignId=campaign, seed=SEED + "。")
    await story.do(CLERK, "drawSample", campaignId=campaign, seed=SEED)
    found = await story.ask.data(DRAWN, CLERK, least=story.position)
    return campaign, found["visits"]["nodes"]


async def allocate(story: Story, campaign: str, visits: list[dict[str, Any]], **given: Any) -> None:
    """Give visits to the visitor until the end of March, unless told otherwise."""
    ids = [visit["householdId"] for visit in visits]
    how = {"visitor": VISITOR.name, "dueOn": "2016-03-31", **given}
    await story.do(CLERK, "allocateVisits", campaignId=campaign, householdIds=ids, **how)


def result(visit: dict[str, Any], finding: str = "AS_STATED", day: str = "2016-03-10") -> dict[str, Any]:
    """What somebody hands in."""
    return {"visitId": visit["id"], "finding": finding, "report": "两人在家，家中无新购电器", "visitedOn": day}


async def test_a_year_from_the_published_hash_to_the_whole(village: Story) -> None:
    story = village
    homes = await households(story)
    campaign, visits = await drawn(story)
    assert [visit["state"] for visit in visits] == ["DRAWN", "DRAWN"]
    how = {"campaignId": campaign, "visitor": VISITOR.name, "dueOn": "2016-03-31"}
    await story.refused(CLERK, "allocateVisits", "没有覆盖", **how, householdIds=[visits[0]["householdId"]])
    await granted(story, VISITOR)
    await allocate(story, campaign, visits)
    seen = await mine(story)
    assert [visit["id"] for visit in seen] == sorted(visit["id"] for visit in visits)
    assert {(visit["memberCount"], visit["dueOn"], visit["name"][:3]) for visit in seen} == {
        (2, "2016-03-31", "拟某甲")
    }

    await morning(story, "2016-03-10")
    same, above = visits
    await story.do(VISITOR, "submitVisitResult", **result(same))
    assert [visit["id"] for visit in await mine(story)] == [above["id"]]
    await story.do(VISITOR, "submitVisitResult", **result(above, "ABOVE_STANDARD"))
    assert await mine(story) == []
    assert await story.queue(OFFICER, step=["SAMPLE_RECHECK"]) == [("SAMPLE_RECHECK", "2016-03-31")]
    stop = {"caseId": above["caseId"], "reason": "收入超过标准", "fromOn": "2016-04-01"}
    await story.refused(CLERK, "suspendCase", "尚未由工作人员复查", **stop)

    await morning(story, "2016-03-15")
    await story.refused(VISITOR, "recheckHousehold", "无权办理", "FORBIDDEN", **result(above, day="2016-03-15"))
    await story.do(OFFICER, "recheckHousehold", **result(above, "DIFFERENT", "2016-03-14"))
    assert await story.queue(OFFICER, step=["SAMPLE_RECHECK"]) == []
    await story.refused(CLERK, "closeCampaign", "尚有 2 户", campaignId=campaign)
    for home in homes.keys() - {visit["householdId"] for visit in visits}:
        looked = {"finding": "AS_STATED", "report": "年检入户", "visitedOn": "2016-03-14"}
        await story.do(OFFICER, "recordVisit", caseId=homes[home], **looked)
    await story.do(CLERK, "closeCampaign", campaignId=campaign)
    await story.do(CLERK, "suspendCase", **stop)

    row = (await story.ask.data(CAMPAIGN, AUDITOR, id=campaign, least=story.position))["campaign"]
    assert (row["state"], row["populationCount"], row["householdCount"]) == ("CLOSED", 4, 2)
    assert (row["allocated"], row["submitted"], row["confirmed"], row["toRecheck"], row["rechecked"]) == (2, 2, 1, 1, 1)
    assert (row["coverageBp"], row["coveredByVisits"], row["coveredByOfficials"], row["leftBefore"]) == (10000, 1, 3, 0)
    assert (row["seed"], row["seedHash"], row["visits"]) == (SEED, hash_of(SEED), {"totalCount": 2})
    order = sorted((UUID(home) for home in homes), key=lambda id: hash_of(f"{SEED}:{id}"))
    assert row["listDigest"] == digest_of(order[:2])
    found = {v["id"]: v for v in (await story.ask.data(DRAWN, OFFICER, least=story.position))["visits"]["nodes"]}
    assert (found[above["id"]]["state"], found[above["id"]]["recheckedBy"]) == ("RECHECKED", OFFICER.name)
    assert found[same["id"]]["report"] == "两人在家，家中无新购电器"
    verified = await verify_draw(story.store, UUID(campaign))
    assert verified.unaltered, verified


async def test_the_second_year_takes_the_others_and_a_forged_list_is_found_out(village: Story) -> None:
    story = village
    homes = await households(story, 3)
    campaign, visits = await drawn(story)
    await morning(story, "2017-03-01")
    (second,) = await story.do(CLERK, "openCampaign", year=2017, seedHash=hash_of(SEED))
    with pytest.raises(RuleViolated, match="尚未抽取"):
        await verify_draw(story.store, UUID(second))
    await granted(story, VISITOR, "2017-04-30")
    await allocate(story, campaign, visits, dueOn="2017-03-31")
    await story.do(VISITOR, "submitVisitResult", **result(visits[0], day="2017-03-01"))
    await story.refused(CLERK, "drawSample", "尚未结束", campaignId=second, seed=SEED)
    await story.do(CLERK, "closeCampaign", campaignId=campaign)
    await story.do(CLERK, "drawSample", campaignId=second, seed=SEED)
    for year in (campaign, second):
        assert (await verify_draw(story.store, UUID(year))).unaltered
    row = (await story.ask.data(CAMPAIGN, CLERK, id=second, least=story.position))["campaign"]
    assert (row["populationCount"], row["householdCount"]) == (3, 2)
    assert homes.keys() - await drawn_in(story, second) == {visits[0]["householdId"]}

    # The same log with one household of the list exchanged for another.
    rows = await story.store.log.stream(UUID(second))
    listed = next(row for row in rows if row.topic == "assistance.HouseholdsDrawn")
    payload = orjson.loads(listed.payload)
    payload["households"][0] = visits[0]["householdId"]
    forged = _Forged(story, listed.position, orjson.dumps(payload, option=orjson.OPT_SORT_KEYS))
    found = await verify_draw(forged, UUID(second))  # type: ignore[arg-type]
    assert [check.holds for check in found.checks] == [True, True, True, False, False]
    assert not found.unaltered


async def drawn_in(story: Story, campaign: str) -> set[str]:
    """Households drawn in a campaign."""
    nodes = (await story.ask.data(DRAWN.replace("{ visits(", "{ visits(first: 500, "), CLERK))["visits"]["nodes"]
    rows = await story.store.log.stream(UUID(campaign))
    listed = orjson.loads(next(row for row in rows if row.topic == "assistance.HouseholdsDrawn").payload)
    assert {node["householdId"] for node in nodes} >= set(listed["households"])
    return set(listed["households"])


class _Forged:
    """The store over a log in which one payload was altered, as somebody with the database's files might."""

    def __init__(self, story: Story, position: int, payload: bytes) -> None:
        store, log = story.store, story.store.log
        self.log, self.codec, self.replay, self.load_many = self, store.codec, store.replay, store.load_many
        self.head, self.tagged, self._stream = log.head, log.tagged, log.stream
        self._position, self._payload = position, payload

    async def stream(self, id: UUID) -> list[Any]:
        """The stream with the altered row."""
        import msgspec

        rows = await self._stream(id)
        return [msgspec.structs.replace(r, payload=self._payload) if r.position == self._position else r for r in rows]


async def test_a_visitor_gets_round_nothing(village: Story) -> None:
    story = village
    await households(story, 2)
    campaign, (visit,) = await drawn(story)
    await known_at_home(story, visit["householdId"])
    assert (await over_http(story, MINE, VISITOR))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    for who in (VISITOR, OTHER):
        await granted(story, who)
    await allocate(story, campaign, [visit])
    (seen,) = await mine(story)
    assert (seen["phone"], seen["address"], seen["memberCount"]) == ("075012345678", "麻三村一巷1号", 2)
    assert await mine(story, OTHER) == []
    assert set(story.ask.service.running().schema.kinds["my_visit"].leaves) == {
        *("id", "caseId", "applicantId", "visitorId", "open", "dueOn", "name", "phone", "address", "memberCount"),
        *("validFrom", "fromPosition"),
    }

    case, home = visit["caseId"], visit["householdId"]
    found = (await over_http(story, TRICKS, VISITOR, home=home, case=case))["data"]
    assert {name: part for name, part in found.items() if part} == {
        name: ({"totalCount": 0, "nodes": []} if name == "persons" else {"totalCount": 0})
        for name in found
        if found[name] is not None
    }
    hashes = "{ campaigns { nodes { seedHash visits { totalCount } } } }"  # what is published is for everybody
    (published,) = (await over_http(story, hashes, VISITOR))["data"]["campaigns"]["nodes"]
    assert published == {"seedHash": hash_of(SEED), "visits": {"totalCount": 0}}
    assert all(found[name] is None for name in ("case", "household", "past"))
    for subject in (f"case:{case}", f"household:{home}", f"division:{VILLAGE}"):
        asked = f'{{ timeline(subject: "{subject}") {{ totalCount }} }}'
        assert (await over_http(story, asked, VISITOR))["data"]["timeline"] == {"totalCount": 0}
    for position in range(story.position - 60, story.position + 1):
        asked = f"{{ logEntry(position: {position}) {{ topic }} }}"
        assert (await over_http(story, asked, VISITOR))["data"] == {"logEntry": None}
    wider = '{ myVisits(asOf: "2016-03-08T00:00:00+08:00") { totalCount } }'
    assert (await over_http(story, wider, VISITOR))["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    # Neither a token for a wider division, nor another role, is covered by the right.
    for claim in (
        Actor(VISITOR.name, RoleCode.VISITOR, "440704"),
        Actor(VISITOR.name, RoleCode.STREET_OFFICER, STREET),
        Actor(VISITOR.name, RoleCode.AUDITOR, STREET),
    ):
        assert (await over_http(story, MINE, claim))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    await story.refused(OTHER, "submitVisitResult", "没有找到", "NOT_FOUND", **result(visit, day="2016-03-07"))
    looked = {"caseId": case, "finding": "AS_STATED", "report": "某", "visitedOn": "2016-03-07"}
    await story.refused(VISITOR, "recordVisit", "无权办理", "FORBIDDEN", **looked)


async def test_visits_end_with_their_day_and_with_the_right(village: Story) -> None:
    story = village
    await households(story, 2)
    campaign, (visit,) = await drawn(story)
    await granted(story, VISITOR)
    await allocate(story, campaign, [visit], dueOn="2016-03-10")
    await morning(story, "2016-03-10")
    assert len(await mine(story)) == 1
    await morning(story, "2016-03-11")
    assert await mine(story) == []
    await story.refused(VISITOR, "submitVisitResult", "已于 2016-03-10 到期", **result(visit, day="2016-03-11"))
    await allocate(story, campaign, [visit], dueOn="2016-03-20")
    assert len(await mine(story)) == 1

    await story.do(ADMIN, "withdrawRight", account=VISITOR.name, reason="合同终止")
    assert (await over_http(story, MINE, VISITOR))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    await story.refused(VISITOR, "submitVisitResult", "没有有效的入户核查权限", "FORBIDDEN", **result(visit))
    await granted(story, VISITOR, "2016-03-15")
    assert len(await mine(story)) == 1
    story.on("2016-03-16")  # nobody tells the service: it looks by itself
    for _ in range(int(EVERY * 40)):
        if "errors" in (found := await over_http(story, MINE, VISITOR)):
            break
        await asyncio.sleep(0.05)
    assert found["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_a_right_on_record_is_the_most_an_account_may_do_and_a_deputy_acts_for_it(village: Story) -> None:
    story = village
    await story.applies()
    case, story.case = story.case, ""
    deputy = Actor("代办丙", RoleCode.STREET_OFFICER, STREET)
    for who in (OFFICER, Actor(deputy.name, RoleCode.GRID_WORKER, STREET)):
        await granted(story, who, None)
    wide = Actor(OFFICER.name, RoleCode.DISTRICT_CLERK, "440704")
    persons = f"{{ persons(minPosition: {story.position}) {{ totalCount }} }}"
    assert (await over_http(story, persons, OFFICER))["data"]["persons"]["totalCount"] == 2
    for claim in (wide, deputy):
        assert (await over_http(story, persons, claim))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    await story.refused(wide, "acceptCase", "有效权限", "FORBIDDEN", caseId=case)
    await story.refused(deputy, "acceptCase", "有效权限", "FORBIDDEN", caseId=case)
    await story.refused(ADMIN, "nameDeputy", "不能给自己", "FORBIDDEN", **standing(story, OFFICER.name, ADMIN.name))
    await story.do(ADMIN, "nameDeputy", **standing(story, OFFICER.name, deputy.name))
    assert (await over_http(story, persons, deputy))["data"]["persons"]["totalCount"] == 2
    me = (await over_http(story, "{ me { name actsFor } }", deputy))["data"]["me"]
    assert me == {"name": deputy.name, "actsFor": OFFICER.name}
    await story.do(deputy, "acceptCase", caseId=case)
    asked = (
        "query T($s: String!, $p: Position) { timeline(subject: $s, minPosition: $p) { nodes { title actor basis } } }"
    )
    entries = (await story.ask.data(asked, CLERK, s=f"case:{case}", p=story.position))["timeline"]["nodes"]
    assert entries[-1] == {"title": "受理申请", "actor": "代办丙", "basis": f"代 {OFFICER.name} 办理"}
    assert (await over_http(story, persons, REVIEWER))["data"]["persons"]["totalCount"] == 2  # nothing on record

    await story.do(ADMIN, "endDeputy", account=OFFICER.name, deputy=deputy.name)
    await story.do(ADMIN, "withdrawRight", account=OFFICER.name, reason="调离")
    for claim in (OFFICER, deputy):
        assert (await over_http(story, persons, claim))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    story.ask.service.running().dispatcher.rights._strict = True
    await story.refused(REVIEWER, "acceptCase", "有效权限", "FORBIDDEN", caseId=case)


def standing(story: Story, account: str, deputy: str) -> dict[str, Any]:
    """One account for another, today."""
    day = story.today.date().isoformat()
    return {"account": account, "deputy": deputy, "fromOn": day, "toOn": day, "basis": "年休假"}
