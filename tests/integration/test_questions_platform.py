"""The ready queries of the municipal platform: what is new, a disaster, rejected and corrected rows."""

import asyncio
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from connectors.importer import Options, opened_importer
from domain.access import Actor, RoleCode
from domain.clock import CHINA
from domain.kernel import event_classes
from domain.relief import Stock
from tests.files.make import CASE_TITLES, case, person, write_csv
from tests.fixtures import story as told
from tests.fixtures.questions import QUERIES, answer, ask, projected
from tests.fixtures.story import CLERK, OFFICER, STREET, VILLAGE, WORKER, Story

village = told.village

CITY = Actor("市平台", RoleCode.PLATFORM, "4407")
AUDITOR = Actor("审计员", RoleCode.AUDITOR, "440704", "audit")
ELSEWHERE = Actor("邻区平台", RoleCode.PLATFORM, "440703")
AREAS = {"assistance", "care", "medical", "relief"}
SHOWN = {"person", "household", "case", "facility", "grid", "incident", "clue", "organisation", "purchase", "division"}


class Follower:
    """A platform that fetches what is new, seven at a time, while the district works."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.seen: list[dict[str, Any]] = []
        self.position = story.position
        self.fetched = 0
        self.over = asyncio.Event()

    async def fetch(self) -> None:
        """Until the district is done and everything has been fetched."""
        text = QUERIES["Changes"].replace("first: 500", "first: 7")
        while True:
            last = self.over.is_set()
            found = (await self.story.ask.data(text, CITY, since=self.position))["changes"]
            self.fetched += 1
            assert found["position"] >= self.position
            self.seen += found["nodes"]
            self.position = found["position"]
            if not found["more"]:
                if last:
                    return
                await asyncio.sleep(0.01)


async def test_what_a_municipal_platform_asks(village: Story, tmp_path: Path) -> None:
    story = village
    since = story.position = await story.store.log.head()
    follower = Follower(story)
    async with asyncio.TaskGroup() as meanwhile:
        meanwhile.create_task(follower.fetch())
        for number in range(3):
            await story.applies(number)
            await story.do(OFFICER, "acceptCase")
        story.case = ""
        disaster = await struck(story)
        await rejected(story, tmp_path)
        await projected(story)
        follower.over.set()

    # Every event of the areas a platform reads, in the log's order, each once; whole, or in pieces while it grew.
    titles = {topic: cls.TITLE for topic, cls in event_classes().items()}
    expected = [
        (row.position, row.topic, titles[row.topic])
        for row in await story.store.log.read(since, 100_000)
        if row.topic.partition(".")[0] in AREAS and any(tag.partition(":")[0] in SHOWN for tag in row.tags)
    ]
    assert [(node["position"], node["topic"], node["title"]) for node in follower.seen] == expected
    assert follower.fetched > 3
    whole = (await answer(story.ask, "Changes", CITY, since=0))["changes"]  # past the divisions, which are not theirs
    assert (whole["nodes"], whole["more"]) == (follower.seen, False)
    assert whole["position"] == follower.position == await story.store.log.head()
    assert {topic.partition(".")[0] for _, topic, _ in expected} >= {"assistance", "relief"}
    assert "拟某" not in str(whole)
    assert await ask(story.ask, "Changes", ELSEWHERE, since=since) == []
    street = (await story.ask.data(QUERIES["Changes"], told.STRANGER, since=since))["changes"]["nodes"]
    assert {node["divisionCode"][:9] for node in street} == {told.STRANGER.division_code}  # of the imported file
    assessor = Actor("评估员", RoleCode.ASSESSOR, "440704")
    assert (await story.ask.data(QUERIES["Changes"], assessor, since=since))["changes"]["nodes"] == []
    # Of whom something is told is a reading like another.
    person = next(subject[7:] for node in follower.seen for subject in node["subjects"] if subject[:7] == "person:")
    today = datetime.now(CHINA).date().isoformat()
    read = await ask(story.ask, "WhoViewed", AUDITOR, person=person, since=today, until=today)
    assert {(each["actor"], each["operation"]) for each in read} >= {(CITY.name, "Changes")}
    away = Actor("别街审计员", RoleCode.AUDITOR, told.ELSEWHERE, "audit")
    assert await ask(story.ask, "WhoViewed", away, person=person, since=today, until=today) == []
    assert await story.ask.codes(QUERIES["Changes"], CITY, since=10**9) == ["BAD_USER_INPUT"]

    (seen,) = (await answer(story.ask, "Disasters", CITY))["disasters"]["nodes"]
    assert (seen["id"], seen["stateLabel"], seen["reliefBy"]) == (disaster, "已发生", "2016-01-11T18:00:00+08:00")
    told_of = [(report["divisionCode"], report["affectedCount"], report["lossFen"]) for report in seen["reports"]]
    assert sorted(told_of) == [("440704", 30, 1_234_500), (STREET, 30, 1_234_500)]
    (clock,) = seen["clocks"]
    assert (clock["headCount"], clock["inTimeCount"], clock["waitingCount"]) == (12, 2, 10)


async def struck(story: Story) -> str:
    """A typhoon at six: two people relieved, ten who wait, the reports; of fifty tents nine allocated."""
    people = [
        (await story.do(OFFICER, "registerPerson", name=f"拟某{name}", divisionCode=VILLAGE))[0] for name in "子丑"
    ]
    occurred = {"occurredAt": "2016-01-11T06:00:00+08:00", "affectedCodes": [VILLAGE]}
    disaster, *_ = await story.do(CLERK, "registerDisaster", kind="TYPHOON", title="台风试验", **occurred)
    shelter = str(uuid4())
    of: dict[str, Any] = {"disasterId": disaster}
    await story.do(WORKER, "evacuatePersons", personIds=people, facilityId=shelter, **of)
    await story.do(WORKER, "evacuateGroup", headCount=10, facilityId=shelter, divisionCode=VILLAGE, **of)
    await story.do(WORKER, "deliverRelief", personIds=people, items=["WATER"], counts=[2], **of)
    counted = {"affectedCount": 30, "evacuatedCount": 12, "lossFen": 1_234_500}
    await story.do(OFFICER, "fileDisasterReport", stage="INITIAL", **counted, **of)
    await story.do(CLERK, "fileDisasterReport", stage="INITIAL", sumUnits=True, **of)
    goods = {"facilityId": str(uuid4()), "item": "TENT"}
    bought = {"qtyCount": 50, "unitFen": 45_000, "origin": "PURCHASE", "voucherNo": "采1"}
    (stock,) = await story.do(CLERK, "receiveStock", **goods, **bought)
    await story.do(CLERK, "putAwayStock", **goods, lotNo=1, acceptedCount=50)
    slip = {"facilityId": goods["facilityId"], "allocationNo": "调1", "items": ["TENT"], "counts": [9]}
    await story.do(CLERK, "allocateStock", toDivisionCode=VILLAGE, **slip)
    await projected(story)
    kept = await story.store.load(Stock, UUID(stock))
    assert kept is not None
    (row,) = (await answer(story.ask, "Disasters", CITY))["stocks"]["nodes"]
    assert (row["freeCount"], row["allocatedCount"], row["shippedCount"]) == (41, 9, 0)
    assert (row["freeCount"], row["valueFen"]) == (kept.balance, 41 * 45_000)
    return disaster


async def rejected(story: Story, folder: Path) -> None:
    """A file of cases with two broken rows; one of them comes again, mended."""
    settings = story.ask.settings.model_copy(update={"data_dir": folder})
    head, broken, never = person(1), person(2), person(3)
    rows = [
        case("C1", head),
        case("C2", broken, **{"保障金额（元）": "五百五"}),
        case("C3", never, 起始保障年月="2015-13"),
    ]
    async with opened_importer(story.store.log, settings.database_url, settings) as importer:
        for day, given in (("2015-11-30", rows), ("2015-12-31", [case("C2", broken)])):
            path = write_csv(folder / f"{day}.csv", given, CASE_TITLES)
            await importer.import_file(path, "assistance", Options(export_on=date.fromisoformat(day)))
    story.position = await story.store.log.head()
    found = await answer(story.ask, "Rejects", CITY)
    (waits,) = found["rejected"]["nodes"]
    (mended,) = found["corrected"]["nodes"]
    assert (waits["rowNumber"], waits["source"], waits["columnNames"]) == (4, "assistance", ["起始保障年月"])
    assert (mended["rowNumber"], bool(mended["closedAt"])) == (3, True)
    assert never["姓名"] not in str(found)
    assert (await answer(story.ask, "Rejects", ELSEWHERE))["rejected"]["totalCount"] == 0
