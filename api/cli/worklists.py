"""`minzheng quarantine` and `minzheng findings`: what waits for someone."""

from itertools import takewhile
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from api.cli.base import on_platform, out, print_json, print_rows
from domain.codes import FindingRule, Light
from domain.errors import BadInput

if TYPE_CHECKING:
    from api.platform import Platform
    from connectors.retry import Retried

quarantine = typer.Typer(help="待处理：来源文件中未能识别的行。", no_args_is_help=True)
findings = typer.Typer(help="疑点：与规则相矛盾的事实。", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="以 JSON 输出。")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="最多列出多少条。")]
_REMINDED = ("lightLabel", "dueOn", "stepLabel", "roleLabel", "assignee")
_STATES = ("open", "mended", "recorded", "discarded")
Division = Annotated[str, typer.Option("--division", help="只看该区划及其下级。")]


def add_to(app: typer.Typer) -> None:
    """Put the groups into the command line."""
    app.add_typer(quarantine, name="quarantine")
    app.add_typer(findings, name="findings")
    app.command(epilog="示例：minzheng reminders --division 440704004 --json")(reminders)


@quarantine.command("list", epilog="示例：minzheng quarantine list --state open --json")
def list_quarantine(
    state: Annotated[
        str, typer.Option("--state", help="open 待处理、mended 已更正、recorded 已入库、discarded 已废弃、all 全部。")
    ] = "open",
    division: Division = "440704",
    limit: Limit = 1_000,
    as_json: Json = False,
) -> None:
    """列出隔离的行：来源、行号、列、原因；原文已加密，不在此显示。"""
    if state not in (*_STATES, "all"):
        raise BadInput(f"状态“{state[:20]}”未知；可用：{'、'.join(_STATES)}、all。", "state")
    chosen = {} if state == "all" else {"state": [state.upper()]}
    columns = "id source kind divisionCode rowNumber exportOn reason message columnNames state attempts createdAt"
    nodes = _listed("quarantine", columns, "QuarantineEntryFilter", chosen, division, limit)
    if as_json:
        print_json(nodes)
        return
    shown = ("source", "kind", "rowNumber", "columnNames", "message", "id")
    print_rows(("来源", "类别", "行", "列", "原因", "标识"), _rows(nodes, shown), "没有待处理的行。")


@findings.command("list", epilog="示例：minzheng findings list --rule paid_after_death --json")
def list_findings(
    rule: Annotated[str, typer.Option("--rule", help="疑点规则代码，例如 paid_after_death；不给则为全部。")] = "",
    resolved: Annotated[bool, typer.Option("--resolved", help="列出已办结的。")] = False,
    division: Division = "440704",
    limit: Limit = 1_000,
    as_json: Json = False,
) -> None:
    """列出疑点：规则、主体、月份、金额、说明、依据。"""
    chosen: dict[str, Any] = {"resolved": resolved}
    if rule:
        chosen["rule"] = [FindingRule.parse(rule, "rule").name]
    columns = "id rule ruleLabel subject caseId personId month amountFen detail evidence divisionCode raisedOn resolved"
    nodes = _listed("findings", columns, "FindingFilter", chosen, division, limit)
    if as_json:
        print_json(nodes)
        return
    shown = ("ruleLabel", "month", "divisionCode", "detail", "id")
    print_rows(("规则", "月份", "区划", "说明", "标识"), _rows(nodes, shown), "没有疑点。")
    if len(nodes) == limit:
        out.print(f"只列出前 {limit} 条；用 --limit 列出更多。")


def reminders(
    division: Division = "440704",
    limit: Limit = 1_000,
    as_json: Json = False,
) -> None:
    """今天应提醒的待办：已逾期和即将到期的，按期限先后；只读取，不记入日志。"""
    columns = "caseId step stepLabel role roleLabel dueOn assignee light lightLabel case { caseNo divisionCode }"
    nodes = _listed("workItems", columns, "WorkItemFilter", {"open": True}, division, limit)
    # They come by due day: from the first that is not near yet, none is.
    urgent = list(takewhile(lambda node: node["light"] != Light.GREEN.name, nodes))
    if as_json:
        print_json(urgent)
        return
    rows = [[*_rows([node], _REMINDED)[0], (node["case"] or {}).get("caseNo", "")] for node in urgent]
    print_rows(("提示", "期限", "环节", "角色", "分派给", "个案编号"), rows, "没有需要提醒的待办。")


def _listed(
    field: str, columns: str, filter_type: str, chosen: dict[str, Any], division: str, limit: int
) -> list[dict[str, Any]]:
    async def work(platform: "Platform") -> list[dict[str, Any]]:
        from api.cli.reading import read_list

        return await read_list(
            platform, field, columns, filter_type=filter_type, filter=chosen, division=division, limit=limit
        )

    return on_platform(work)


def _rows(nodes: list[dict[str, Any]], names: tuple[str, ...]) -> list[list[str]]:
    return [
        [
            "、".join(value) if isinstance(value := node[name], list) else "" if value is None else str(value)
            for name in names
        ]
        for node in nodes
    ]


@quarantine.command(
    "retry", epilog="示例：minzheng quarantine retry --source population 或 … retry <标识> --set 性别=女"
)
def retry_quarantine(
    ids: Annotated[list[UUID] | None, typer.Argument(help="记录标识；不给则为全部待处理。", show_default=False)] = None,
    source: Annotated[str, typer.Option("--source", help="只重试该来源系统的。")] = "",
    reason: Annotated[str, typer.Option("--reason", help="只重试该原因的，例如 unknown_case。")] = "",
    cells: Annotated[
        list[str] | None, typer.Option("--set", help="更正一列后再读，写作 列名=值；只用于一条记录。")
    ] = None,
    as_json: Json = False,
) -> None:
    """重新读取待处理的行：能识别的记入日志，其余继续等待。"""
    corrected = dict(_cell(cell) for cell in cells or ())
    if corrected and len(ids or ()) != 1:
        raise BadInput("--set 只能用于一条记录；请给出它的标识。", "set")

    async def work(platform: "Platform") -> "Retried":
        from connectors.importer import opened_importer
        from connectors.retry import correct, retry
        from domain.access import SYSTEM

        async with opened_importer(platform.log, platform.databases.url, platform.settings) as importer:
            if ids and corrected:
                return await correct(importer, ids[0], corrected, SYSTEM)
            return await retry(importer, ids=ids or (), source=source, reason=reason)

    result = on_platform(work)
    if as_json:
        print_json(result)
        return
    out.print(f"记录 {result.recorded} 行，仍待处理 {result.waiting} 行。")
    for label, count in result.reasons.items():
        out.print(f"  {label}：{count} 行")


def _cell(text: str) -> tuple[str, str]:
    title, equals, value = text.partition("=")
    if not equals or not title.strip():
        raise BadInput(f"--set “{text[:20]}”应写作 列名=值。", "set")
    return title.strip(), value
