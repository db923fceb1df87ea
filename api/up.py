"""What `make run` calls: the whole platform on one machine, with the demo district on first start.

This process owns the embedded PostgreSQL and its children: the API, the projections, the processes and, until it is
done, the importer of the demo district; two cores are then both at work. Killed at any moment, it goes on where it was.
"""

import asyncio
import http.client
import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.cli.base import err, out, stop_on_signals
from api.cli.children import Children
from api.platform import Platform, open_divisions, open_platform
from connectors.demo.figures import TODAY
from connectors.demo.manifest import MANIFEST, Manifest
from domain.errors import BadSetting, Unavailable
from infra.settings import Settings, environment, load_settings

HOST = "127.0.0.1"
LOCAL = "local"
"""What KAFKA says for a broker of our own."""
_READY_WITHIN = 60.0
"""Seconds within which the API must answer."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to run: from the command line, else from PORT, DATA_DIR, PERSONS, DEMO and KAFKA."""

    port: int = 8000
    data_dir: Path = Path("data")
    persons: int = 20_000
    demo: bool = True
    kafka: str = ""


def options_from(environ: Mapping[str, str]) -> Options:
    """Options that make passes on; raises BadSetting naming the variable that is wrong."""
    default = Options()
    return Options(
        port=_number(environ, "PORT", default.port),
        data_dir=Path(environ.get("DATA_DIR") or environ.get("MINZHENG_DATA_DIR") or default.data_dir),
        persons=_number(environ, "PERSONS", default.persons),
        demo=environ.get("DEMO", "1") not in ("0", "false", "no"),
        kafka=environ.get("KAFKA", ""),
    )


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isdigit() or not 0 < int(text) < 100_000_000:
        raise BadSetting(f"{name}={text[:20]} 不是有效的数字；例如 {name}={default}。", name)
    return int(text)


def settings_for(options: Options) -> Settings:
    """The installation's settings; with the demo district the business clock stands at its present."""
    demo = options.demo or demo_folder(options.data_dir).exists()
    own: dict[str, object] = {"data_dir": options.data_dir}
    if demo and not os.environ.get("MINZHENG_TODAY"):
        own["today"] = TODAY
    return load_settings(**own)


def demo_folder(data_dir: Path) -> Path:
    """Where the demo district's files are kept."""
    return data_dir / "demo"


async def up(options: Options) -> None:
    """Run until Ctrl-C or SIGTERM. Raises Unavailable where a part can't be kept running."""
    _demand_free_port(options.port)
    settings = settings_for(options)
    begun = time.monotonic()
    if settings.database_url:
        out.print("正在连接数据库……")
    else:
        out.print("正在启动 PostgreSQL 并准备数据库……")
    stop = stop_on_signals()
    try:
        with _kafka(options, settings) as settings:
            async with open_platform(settings) as platform:
                await open_divisions(platform)
                await _with_children(platform, options, stop, begun)
    except Exception:
        if not stop.is_set():  # Ctrl-C ends what is just being started as well: then its failure says nothing
            raise
    out.print("已停止。数据保存在 " + str(options.data_dir.resolve()))


@contextmanager
def _kafka(options: Options, settings: Settings) -> Iterator[Settings]:
    """The settings with the brokers of `KAFKA`, a local one started first; its topics made where they are not there."""
    named = options.kafka or settings.kafka
    if not named:
        yield settings
        return
    from connectors.kafka.administration import make_topics
    from connectors.kafka.topics import all_topics
    from connectors.platforms.declaration import by_topic
    from infra.local_kafka import LocalKafka

    broker = None
    if named == LOCAL:
        out.print("正在启动 Kafka……（首次需取得程序包）")
        broker = LocalKafka(options.data_dir / "kafka")
        broker.start()
        named = broker.bootstrap
    try:
        settings = settings.model_copy(update={"kafka": named})
        make_topics(settings, all_topics(settings.kafka_prefix, by_topic(settings)))
        yield settings
    finally:
        if broker is not None:
            broker.stop()


async def _with_children(platform: Platform, options: Options, stop: asyncio.Event, begun: float) -> None:
    children = Children(_child_environment(platform), err.print, debug="--debug" in sys.argv)
    try:
        await _run(platform, children, options, stop, begun)
    finally:
        out.print("正在停止……")
        await children.end()


async def _run(platform: Platform, children: Children, options: Options, stop: asyncio.Event, begun: float) -> None:
    children.start("API", ["serve", "--host", HOST, "--port", str(options.port)])
    children.start("读模型", ["project"])
    children.start("后续处理", ["process"])
    if platform.settings.kafka:
        children.start("消息接入", ["sync", "in"])
        children.start("消息发送", ["sync", "out"])
    if platform.settings.platforms:
        children.start("平台往来", ["sync", "platforms"])
    watching = asyncio.create_task(children.watch(stop))
    try:
        ready = asyncio.create_task(_until_ready(options.port))
        await asyncio.wait((watching, ready), return_when=asyncio.FIRST_COMPLETED)
        if not watching.done():
            await ready
            _welcome(platform, options, time.monotonic() - begun)
            if options.demo:
                _start_demo(children, options)
        await watching
    finally:
        for task in (watching, ready):
            task.cancel()


def _start_demo(children: Children, options: Options) -> None:
    folder = demo_folder(options.data_dir)
    children.start("演示数据导入", ["demo", "load", "--dir", str(folder), "--persons", str(options.persons)], once=True)


def _child_environment(platform: Platform) -> dict[str, str]:
    """Children join our server by its URL instead of starting one of their own."""
    joined = platform.settings.model_copy(
        update={"database_url": platform.databases.url, "data_dir": platform.settings.data_dir.resolve()}
    )
    return environment(joined)


def _demand_free_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            raise BadSetting(
                f"端口 {port} 不能使用（可能已被占用）；请换一个，例如 make run PORT={port + 1}。", "PORT"
            ) from None


async def _until_ready(port: int) -> None:
    """Wait until the API answers; raises Unavailable when it takes too long."""
    deadline = time.monotonic() + _READY_WITHIN
    while not await asyncio.to_thread(_answers, port, "/readyz"):
        if time.monotonic() > deadline:
            raise Unavailable(f"API 在 {_READY_WITHIN:.0f} 秒内没有就绪，已停止运行；原因见上面的输出。")
        await asyncio.sleep(0.1)


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _welcome(platform: Platform, options: Options, seconds: float) -> None:
    base = f"http://{HOST}:{options.port}"
    clock = platform.settings.today
    lines = [
        f"民政平台已就绪（{seconds:.1f} 秒）",
        f"  GraphQL（浏览器可直接打开）  {base}/graphql",
        f"  健康检查                     {base}/healthz  {base}/readyz",
        f"  指标                         {base}/metrics",
        f"  数据目录                     {options.data_dir.resolve()}",
        *([f"  Kafka                        {platform.settings.kafka}"] if platform.settings.kafka else []),
    ]
    if clock is not None:
        lines.append(f"  业务日期                     {clock}（演示区）")
    if platform.settings.mode == "development":
        from api.auth import development_token

        token = development_token(platform.settings)
        lines += ["", "请求头（区级经办人员，开发用）：", f'{{"Authorization": "Bearer {token}"}}']
    lines += ["", "按 Ctrl-C 停止。"]
    out.print("\n" + "\n".join(lines) + "\n")


async def load_demo(platform: Platform, folder: Path, persons: int, seed: int) -> None:
    """Generate the demo district where it isn't there yet, and import what hasn't been imported."""
    from api.cli.files import import_one, summary
    from api.demo_start import before_settlements
    from connectors.importer import Options as ImportOptions
    from connectors.importer import opened_importer

    done = folder / "imported"
    if done.exists():
        return
    begun = time.monotonic()
    files = prepare_demo(folder, persons, seed)
    manifest = Manifest.read(files)
    if manifest.persons != persons:
        err.print(f"继续使用已生成的演示区（{manifest.persons} 人）；要换人数，请另选数据目录。")
    err.print(f"正在导入演示区：{manifest.persons} 人，{len(manifest.files)} 个文件，{manifest.rows} 行。")
    first_settlements = next((file for file in manifest.files if file.source == "medical"), None)
    async with opened_importer(platform.log, platform.databases.url, platform.settings) as importer:
        for number, file in enumerate(manifest.files, 1):
            if file is first_settlements:
                await before_settlements(platform.store, manifest)
            options = ImportOptions(export_on=file.export_on)
            report = await import_one(importer, files / file.path, file.source, options, described=False)
            err.print(f"  [{number}/{len(manifest.files)}] {file.path}：{summary(report)}", markup=False)
    await platform.runner().catch_up()
    done.touch()
    err.print(f"演示区已导入，查询可见全部数据（{time.monotonic() - begun:.0f} 秒）。")


def prepare_demo(folder: Path, persons: int, seed: int) -> Path:
    """The demo district's files, generated once; an interrupted generation is begun anew."""
    from connectors.demo import generate

    files = folder / "files"
    if not (files / MANIFEST).exists():
        unfinished = folder / "files.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(files, ignore_errors=True)
        generate(unfinished, persons, seed)
        unfinished.rename(files)
    return files
