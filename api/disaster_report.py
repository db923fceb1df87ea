"""`GET /disasters/{id}/report.csv`: a disaster in one table, for the municipal platform and for print.

Everything is read through the same GraphQL engine as everyone's lists, under the caller's own scope: whoever sees one
street's reports gets a file of that street's. It names nobody.
"""

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from api.auth import Authenticator
from api.graphql.engine import Caller
from api.graphql.engine import Request as Query
from api.graphql.kinds import camel
from api.plain import HEADERS, answered, known_id
from api.statistics.files import csv_of
from domain.access import Actor
from domain.errors import NotFound, Unavailable
from domain.registry.divisions import official_divisions
from domain.relief.figures import LABELS

if TYPE_CHECKING:
    from api.app import Service
    from api.platform import Platform

_QUERY = """query Report($id: UUID!) {
    disaster(id: $id) {
        title kindLabel stateLabel levelLabel divisionCode affectedCodes occurredAt stableAt reliefBy alarmedAt
        units { divisionCode dueStageLabel dueAt reportCount lateCount missedCount }
        reports { reportNo divisionCode stage stageLabel asOf filedAt dueAt late corrects correctedBy note
            affectedCount evacuatedCount needReliefCount deadCount missingCount injuredCount
            collapsedRooms severeRooms moderateRooms cropsM2 lossFen lossYuan }
        clocks { divisionCode headCount inTimeCount lateCount waitingCount overdueCount safeCount }
        allocations { allocationNo itemLabel qtyCount deliveredCount toDivisionCode stateLabel valueYuan } }
    stocks(first: 100) { nodes { facilityId itemLabel freeCount shippedCount valueYuan } } }"""
_FIGURES = tuple(name for name in LABELS if name != "loss_fen")
_RISKY = ("=", "+", "-", "@", "\t", "\r")


def add_disaster_report(service: "Service", platform: "Platform", authenticator: Authenticator) -> None:
    """Put the address into the service."""

    async def report(request: Request, actor: Actor) -> Response:
        """One disaster's report; a disaster that does not exist is not found."""
        id = known_id(request.path_params["id"])
        caller = Caller.of(actor, platform.dispatcher.rights.today)
        answer = json.loads((await service.running().answer(Query(_QUERY, {"id": str(id)}), caller)).body)
        for error in answer.get("errors", ()):
            raise Unavailable(error["message"])
        disaster = answer["data"]["disaster"]
        if disaster is None:
            raise NotFound(f"没有找到灾害 {id}，请核对标识。")
        made = platform.dispatcher.now().strftime("%Y-%m-%d %H:%M")
        content = "\ufeff" + csv_of(report_rows(disaster, answer["data"]["stocks"]["nodes"], made, actor.division_code))
        name = quote(f"灾情报告_{disaster['title']}_{made[:10]}.csv")
        headers = {**HEADERS, "content-disposition": f"attachment; filename*=UTF-8''{name}"}
        return Response(content.encode(), media_type="text/csv; charset=utf-8", headers=headers)

    handler = answered(report, authenticator, platform.dispatcher.rights)
    service.add_route("/disasters/{id}/report.csv", handler, methods=["GET"])


def report_rows(
    disaster: dict[str, Any], stocks: Iterable[dict[str, Any]], made: str, division: str
) -> Iterator[list[str]]:
    """The report as a table: what it is, what units report now, every report ever filed, relief, stock."""
    yield ["灾情报告", _safe(disaster["title"])]
    yield [
        "灾害种类",
        disaster["kindLabel"],
        "状态",
        disaster["stateLabel"],
        "响应等级",
        disaster["levelLabel"] or "未启动",
    ]
    yield ["发生时间", _time(disaster["occurredAt"]), "首次救助时限", _time(disaster["reliefBy"])]
    yield ["受灾区划", "、".join(map(_name, disaster["affectedCodes"])), "灾情稳定", _time(disaster["stableAt"])]
    yield ["制表时间", made, "数据范围", _name(division)]
    yield []
    yield from _current(disaster)
    yield from _every(disaster)
    yield from _relief(disaster)
    yield from _goods(disaster, stocks)


def _current(disaster: dict[str, Any]) -> Iterator[list[str]]:
    """Each unit's report that holds now, and what it owes."""
    yield ["一、各单位现行灾情（累计数）"]
    titles = [LABELS[name] for name in _FIGURES]
    yield [
        "报灾单位",
        "阶段",
        "编号",
        "数据截止",
        *titles,
        "直接经济损失（元）",
        "下次应报",
        "时限",
        "逾期次数",
        "漏报次数",
    ]
    latest: dict[str, dict[str, Any]] = {}
    for report in disaster["reports"]:
        best = latest.get(report["divisionCode"])
        key = (report["asOf"], report["reportNo"])
        if report["correctedBy"] is None and (best is None or key > (best["asOf"], best["reportNo"])):
            latest[report["divisionCode"]] = report
    for unit in disaster["units"]:
        said = latest.get(unit["divisionCode"])
        head = [_name(unit["divisionCode"])]
        if said is None:
            head += ["未报", "", "", *[""] * len(_FIGURES), ""]
        else:
            head += [said["stageLabel"], str(said["reportNo"]), _time(said["asOf"]), *_figures(said)]
        due = [unit["dueStageLabel"] or "", _time(unit["dueAt"])]
        yield [*head, *due, str(unit["lateCount"]), str(unit["missedCount"])]
    yield []


def _every(disaster: dict[str, Any]) -> Iterator[list[str]]:
    yield ["二、历次报告"]
    titles = [LABELS[name] for name in _FIGURES]
    yield [
        "报灾单位",
        "编号",
        "阶段",
        "数据截止",
        "报出时间",
        "时限",
        "是否逾期",
        "更正",
        *titles,
        "直接经济损失（元）",
        "说明",
    ]
    for report in disaster["reports"]:
        fixed = []
        if report["corrects"] is not None:
            fixed.append(f"更正第 {report['corrects']} 号")
        if report["correctedBy"] is not None:
            fixed.append(f"已由第 {report['correctedBy']} 号更正")
        late = "逾期" if report["late"] else ""
        head = [_name(report["divisionCode"]), str(report["reportNo"]), report["stageLabel"], _time(report["asOf"])]
        times = [_time(report["filedAt"]), _time(report["dueAt"]), late, "；".join(fixed)]
        yield [*head, *times, *_figures(report), _safe(report["note"] or "")]
    yield []


def _relief(disaster: dict[str, Any]) -> Iterator[list[str]]:
    names = ("headCount", "inTimeCount", "lateCount", "waitingCount", "overdueCount", "safeCount")
    yield ["三、首次救助（人）"]
    yield ["村（社区）", "登记人数", "时限内救助", "逾时限救助", "尚未救助", "到时限未救助", "走访未受灾"]
    for clock in disaster["clocks"]:
        yield [_name(clock["divisionCode"]), *(str(clock[name]) for name in names)]
    if disaster["clocks"]:
        yield ["合计", *(str(sum(clock[name] for clock in disaster["clocks"])) for name in names)]
    yield []


def _goods(disaster: dict[str, Any], stocks: Iterable[dict[str, Any]]) -> Iterator[list[str]]:
    yield ["四、本次灾害调拨的物资"]
    yield ["调拨单", "品种", "调往", "数量", "已送达", "状态", "价值（元）"]
    for each in disaster["allocations"]:
        where, counts = _name(each["toDivisionCode"]), [str(each["qtyCount"]), str(each["deliveredCount"])]
        yield [
            _safe(each["allocationNo"]),
            each["itemLabel"],
            where,
            *counts,
            each["stateLabel"],
            each["valueYuan"].replace(",", ""),
        ]
    yield []
    yield ["五、现有物资"]
    yield ["品种", "在库可用", "运送中", "价值（元）"]
    for each in stocks:
        yield [each["itemLabel"], str(each["freeCount"]), str(each["shippedCount"]), each["valueYuan"].replace(",", "")]


def _figures(report: dict[str, Any]) -> list[str]:
    """A report's figures in their order; a zero report repeats the last ones."""
    return [*(str(report[camel(name)]) for name in _FIGURES), report["lossYuan"].replace(",", "")]


def _time(text: str | None) -> str:
    """`2016-01-11T11:00:00+08:00` → `2016-01-11 11:00`."""
    return text[:16].replace("T", " ") if text else ""


def _safe(text: str) -> str:
    """What a spreadsheet would take for a formula is text."""
    return f"'{text}" if text.startswith(_RISKY) else text


def _name(code: str) -> str:
    found = next((record.name for record in official_divisions() if record.code == code), "")
    return found or code
