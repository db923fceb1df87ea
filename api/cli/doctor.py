"""`minzheng doctor`: what is configured, reachable, lagging, wrong. Secrets are never shown."""

import shutil
import stat
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple
from urllib.parse import urlsplit

import typer

from api.cli.base import FAILED, err, local, out, print_json, run
from domain.codes import Code
from domain.errors import MinzhengError
from domain.workdays import years_without_table
from infra.settings import Settings, load_settings

if TYPE_CHECKING:
    from api.platform import Platform

_LITTLE_SPACE = 2 << 30
_BEHIND = 10_000
"""Events a read model may be behind before it counts as lagging."""


class Health(Code):
    """检查结果"""

    OK = "ok", "正常"
    NOTICE = "notice", "注意"
    WRONG = "wrong", "有误"


class Check(NamedTuple):
    """One thing looked at."""

    name: str
    health: Health
    detail: str


_MARKS = {Health.OK: "[green]✓[/]", Health.NOTICE: "[yellow]![/]", Health.WRONG: "[red]✗[/]"}


def add_to(app: typer.Typer) -> None:
    """Put the verb into the command line."""
    app.command(epilog="示例：minzheng doctor 或 minzheng doctor --json")(doctor)


def doctor(as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出。")] = False) -> None:
    """检查配置、数据库、日志、密钥、读模型和待处理事项；有错误时退出码不为 0。"""
    checks = run(_all_checks())
    if as_json:
        print_json([check._asdict() for check in checks])
    else:
        for check in checks:
            out.print(f"{_MARKS[check.health]} [bold]{check.name}[/]  {check.detail}")
    wrong = [check.name for check in checks if check.health is Health.WRONG]
    if wrong:
        err.print(f"minzheng: 有 {len(wrong)} 项有误：{'、'.join(wrong)}。")
        raise typer.Exit(FAILED)


async def _all_checks() -> list[Check]:
    try:
        settings = load_settings()
    except MinzhengError as error:
        return [Check("配置", Health.WRONG, str(error))]
    checks = list(_settings(settings))
    if not settings.database_url and not (settings.data_dir / "postgres" / "PG_VERSION").exists():
        checks.append(Check("数据库", Health.NOTICE, "内置数据库尚未建立；运行 minzheng up 即可建立。"))
        return checks
    from api.platform import open_platform

    try:
        async with open_platform(settings) as platform:
            checks.extend([check async for check in _database(platform)])
    except MinzhengError as error:
        checks.append(Check("数据库", Health.WRONG, str(error)))
    return checks


def _settings(settings: Settings) -> Iterator[Check]:
    yield Check("程序", Health.OK, f"Python {sys.version.split()[0]}，模式 {settings.mode}")
    yield Check("数据目录", *_space(settings.data_dir))
    clock = f"演示日期 {settings.today}" if settings.today else "真实日期"
    yield Check("业务时钟", Health.OK, f"{clock}，现为 {settings.now():%Y-%m-%d %H:%M}")
    yield Check("节假日安排", *_holidays(settings.now().date()))
    yield Check("主密钥", *_secret(settings.master_key_path, settings))
    yield Check("文件库", *_documents(settings))
    if settings.mode == "production":
        yield Check("登录", Health.OK, f"OIDC 签发方 {settings.oidc_issuer}")
    else:
        yield Check("开发令牌密钥", *_secret(settings.token_key_path, settings))
    if not settings.kafka:
        yield Check("Kafka", Health.OK, "未配置")


def _holidays(today: date) -> tuple[Health, str]:
    missing = "、".join(f"{year} 年" for year in years_without_table(today))
    if not missing:
        return Health.OK, "已录入；工作日期限按此计算"
    return Health.NOTICE, f"尚未录入 {missing} 的放假和补班日；跨该年的工作日期限会算早，请补录 domain/holidays.yaml。"


def _documents(settings: Settings) -> tuple[Health, str]:
    from infra.documents import open_document_store

    try:
        open_document_store(settings)
    except MinzhengError as error:
        return Health.WRONG, str(error)
    where = f"{settings.documents}（{settings.documents_endpoint}）" if settings.documents else "数据目录 documents"
    font = "PDF 嵌入所设字体" if settings.font_file else "PDF 不嵌入字体，由阅读器的宋体显示"
    return Health.OK, f"{where}；{font}"


def _space(folder: Path) -> tuple[Health, str]:
    existing = next(parent for parent in (folder.resolve(), *folder.resolve().parents) if parent.exists())
    free = shutil.disk_usage(existing).free
    shown = f"{folder.resolve()}，剩余空间 {free / (1 << 30):.1f} GiB"
    return (Health.OK, shown) if free > _LITTLE_SPACE else (Health.WRONG, f"{shown}，不足 2 GiB")


def _secret(path: Path, settings: Settings) -> tuple[Health, str]:
    with suppress(OSError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            return Health.WRONG, f"{path} 的权限为 {mode:o}，其他用户可读；请改为 600。"
        return Health.OK, str(path)
    if settings.mode == "production":
        return Health.WRONG, f"{path} 不存在或无权读取。"
    return Health.NOTICE, f"{path} 尚未生成，首次运行时自动生成。"


async def _database(platform: "Platform") -> AsyncIterator[Check]:
    from infra.database import connect

    url = urlsplit(platform.databases.url)
    where = "内置" if not platform.settings.database_url else f"{url.hostname or '本机'}{url.path}"
    connection = await connect(platform.databases.url, "reader")
    try:
        version = connection.get_server_version()
        yield Check("数据库", Health.OK, f"{where}，PostgreSQL {version.major}.{version.minor}")
    finally:
        await connection.close()
    head = await platform.log.head()
    last = await platform.log.read(head - 1, 1) if head else []
    yield Check("事件日志", Health.OK, f"位置 {head}" + (f"，最后记录于 {local(last[0].recorded_at)}" if last else ""))
    async for check in _read_models(platform, head):
        yield check
    if platform.settings.kafka:
        async for check in _messages(platform):
            yield check
    if platform.settings.platforms:
        async for check in _platforms(platform, head):
            yield check


async def _messages(platform: "Platform") -> AsyncIterator[Check]:
    from connectors.kafka.status import incoming, outgoing

    try:
        coming = await incoming(platform.log, platform.settings)
    except MinzhengError as error:
        yield Check("Kafka", Health.WRONG, str(error))
        return
    lag = sum(each.lag for each in coming)
    yield Check("消息接入", Health.OK if lag < _BEHIND else Health.NOTICE, f"{len(coming)} 个分区，{lag} 条未接入")
    for each in coming:
        if each.gap:
            yield Check("消息接入", Health.WRONG, each.gap_told)
    for shard in await outgoing(platform.log, platform.settings):
        behind = shard.head - shard.position
        health = Health.OK if 0 <= behind < _BEHIND else Health.NOTICE if behind > 0 else Health.WRONG
        yield Check(f"消息发送 {shard.shard}", health, f"日志位置 {shard.position}，落后 {behind}")


async def _platforms(platform: "Platform", head: int) -> AsyncIterator[Check]:
    from api.cli.platforms import state_of
    from connectors.database import Tables
    from connectors.platforms.standing import standings

    tables = Tables(platform.databases.url)
    try:
        for each in await standings(platform.log, platform.settings, tables):
            behind = max(0, head - each.position)
            health = Health.WRONG if each.broken else Health.OK
            if not each.broken and (each.paused or each.failures or each.back_error or behind >= _BEHIND):
                health = Health.NOTICE
            detail = f"{state_of(each)}；日志位置 {each.position}，落后 {behind}"
            yield Check(f"上级平台 {each.name}", health, detail)
            if each.differences:
                see = f"minzheng platform check {each.name} --day {each.checked}"
                text = f"{each.checked} 差 {each.differences} 处；见 {see}"
                yield Check(f"逐日核对 {each.name}", Health.WRONG, text)
    except MinzhengError as error:
        yield Check("上级平台", Health.WRONG, str(error))
    finally:
        await tables.close()


async def _read_models(platform: "Platform", head: int) -> AsyncIterator[Check]:
    from projections import PROJECTIONS

    status = await platform.runner().status()
    for projection in PROJECTIONS:
        live = status.get(projection.name)
        if live is None:
            yield Check(f"读模型 {projection.name}", Health.NOTICE, "尚未建立；运行 minzheng project 即可建立。")
        elif live.state != "running":
            yield Check(f"读模型 {projection.name}", Health.WRONG, f"停在位置 {live.position}：{live.error}")
        else:
            lag = max(0, head - live.position)
            health = Health.OK if lag < _BEHIND else Health.NOTICE
            yield Check(f"读模型 {projection.name}", health, f"位置 {live.position}，落后 {lag}")
    if len(status) == len(PROJECTIONS):
        from api.cli.reading import count

        waiting = await count(platform, "quarantine", "QuarantineEntryFilter", {"state": ["OPEN"]})
        yield Check("待处理", Health.OK, f"{waiting} 行未能识别；见 minzheng quarantine list")
        open_findings = await count(platform, "findings", "FindingFilter", {"resolved": False})
        yield Check("疑点", Health.OK, f"{open_findings} 项未办结；见 minzheng findings list")
