"""The one module that knows kafka-python: how clients are made, and what their errors mean.

Clients block, so they live in processes or threads of their own, never in an event loop. Every wait has an end.
"""

import logging
import re
import ssl
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from domain.errors import BadSetting, Unavailable
from infra.settings import Settings

with warnings.catch_warnings():
    # At import the client reads its protocol's files by a function that Python is about to drop.
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka import ConsumerRebalanceListener, KafkaConsumer, KafkaProducer, TopicPartition
    from kafka.admin import KafkaAdminClient, NewTopic
    from kafka.errors import KafkaError, KafkaTimeoutError, TopicAuthorizationFailedError, for_code
    from kafka.net.compat import KafkaNetClient
    from kafka.net.manager import KafkaConnectionManager
    from kafka.net.selector import NetworkSelector
    from kafka.structs import OffsetAndMetadata

REQUEST_MS = 30_000
"""Longest wait for an answer of a broker; a record with all that is tried again for it has half as much more."""
CONNECT_MS = 15_000
"""Longest wait for a first broker that talks to us."""

_WAKE_MS = 500
_NAMED = 3
"""Topics that an error names; an operator grants rights by their common beginning."""

# Of what it tries again the client logs every failure with its traceback, and at lower levels all that goes over the
# wire, passwords among it. What comes of it is said by `translated`.
logging.getLogger("kafka").setLevel(logging.CRITICAL)


class _Meaning(NamedTuple):
    """What an error of the client or its broker comes down to; `pattern` is found in its text."""

    pattern: str
    sentence: str
    attempts: int = 0
    """After how many attempts at a first connection there is no use in more; 0: a broker that was away may come."""


_MEANINGS = (
    # Who we are, and who the broker is.
    _Meaning(
        "SaslAuthenticationFailed",
        "Kafka 不认账号或密码；请检查 MINZHENG_KAFKA_USERNAME、MINZHENG_KAFKA_PASSWORD 和 MINZHENG_KAFKA_MECHANISM。",
        1,
    ),
    _Meaning(
        "UnsupportedSaslMechanism",
        "Kafka 不支持所设的账号验证方式；请把 MINZHENG_KAFKA_MECHANISM 改为代理启用的一种。",
        1,
    ),
    _Meaning(
        "IllegalSaslState",
        "Kafka 的这个端口不用账号；请检查 MINZHENG_KAFKA 的端口和 MINZHENG_KAFKA_SECURITY。",
        1,
    ),
    _Meaning(
        "CERTIFICATE_VERIFY_FAILED.*(Hostname|IP address) mismatch",
        "Kafka 代理的证书不是发给这个地址的；请把 MINZHENG_KAFKA 改为证书上的名称，或请管理员重发证书。",
        1,
    ),
    _Meaning(
        "CERTIFICATE_VERIFY_FAILED.*(expired|not yet valid)",
        "Kafka 代理的证书不在有效期内；请管理员换发证书，并检查本机时间。",
        1,
    ),
    _Meaning(
        "CERTIFICATE_VERIFY_FAILED",
        "Kafka 代理的证书不是所信任的机构签发的；请检查 MINZHENG_KAFKA_CA_FILE。",
        1,
    ),
    _Meaning(
        "ALERT_.*(CERTIFICATE|UNKNOWN_CA)",
        "Kafka 不认我方的证书；请检查 MINZHENG_KAFKA_CERT_FILE 和 MINZHENG_KAFKA_KEY_FILE。",
        1,
    ),
    _Meaning(
        "Invalid frame length",
        "Kafka 的这个端口要求 TLS；请检查 MINZHENG_KAFKA 的端口，把 MINZHENG_KAFKA_SECURITY 设为 SSL 或 SASL_SSL。",
        1,
    ),
    # What we may do.
    _Meaning(
        "TopicAuthorizationFailed",
        "Kafka 账号缺少主题{names}的权限；请管理员按 docs/messages.md“连接”一节授权。",
    ),
    _Meaning(
        "GroupAuthorizationFailed",
        "Kafka 账号缺少消费组{names}的 Read 权限；请管理员按 docs/messages.md“连接”一节授权。",
    ),
    _Meaning(
        "TransactionalIdAuthorizationFailed",
        "Kafka 账号缺少发送事务标识（MINZHENG_KAFKA_PREFIX-relay-）的 Write 权限；"
        "请管理员按 docs/messages.md“连接”一节授权。",
    ),
    _Meaning(
        "ClusterAuthorizationFailed",
        "Kafka 账号缺少集群的权限；请管理员按 docs/messages.md“连接”一节授权。",
    ),
    # What is away.
    _Meaning(
        "UnknownTopicOrPartition|Failed to update metadata",
        "Kafka 中没有所需的主题或查不到它；请运行 minzheng topics，并检查代理是否运行。",
    ),
    _Meaning("NotEnoughReplicas", "Kafka 同步的副本不够；请检查停了的代理，恢复后会继续。"),
    _Meaning(  # not all brokers say why they hang up, and what they say may be lost with the connection
        "disconnected|reset by peer|EOF|WRONG_VERSION",
        "Kafka 断开了连接；请检查 Kafka 是否在运行，以及 MINZHENG_KAFKA_SECURITY、账号和证书对所连的端口是否正确。",
        3,
    ),
    _Meaning("Connection|OSError|BrokenPipe", "Kafka 现在连接不上；请检查 MINZHENG_KAFKA 和 Kafka 是否运行。"),
    _Meaning(
        "TimeoutError|TimedOut",
        "Kafka 没有及时答复；请检查代理是否都在运行，以及它们的 advertised.listeners 从本机能否连到；恢复后会继续。",
    ),
)


class _Connections(KafkaConnectionManager):  # type: ignore[misc]  # the client is not typed
    """A client's connections, which know why a broker last would not have us.

    By itself the client tries until its time is up, whatever the reason, and then says only that it is.
    """

    refusal: Exception | None = None
    _attempts = 0

    async def _connect(self, node: Any, connection: Any, **more: Any) -> None:
        connection.init_future.add_callback(self._accepted)
        connection.close_future.add_errback(self._refused)
        await super()._connect(node, connection, **more)

    async def _build_transport(self, node: Any, **more: Any) -> Any:
        transport = await super()._build_transport(node, **more)
        transport._sock_recv = _to_the_end(transport._sock_recv)
        return transport

    def _accepted(self, _: Any) -> None:
        self.refusal = None

    def _refused(self, error: Exception) -> None:
        self.refusal = error.with_traceback(None)  # which would keep a socket that the client forgets to close
        self._attempts += bool(self.hopeless_after)

    @property
    def hopeless_after(self) -> int:
        """How many attempts it is worth, by the last one; 0: as many as there is time for."""
        meaning = _meaning(self.refusal)
        return meaning.attempts if meaning is not None else 0

    def maybe_raise_auth_failure(self, node_id: Any) -> None:
        """Called before each attempt; a client that was at work before has other connections, and goes on."""
        if not self.bootstrapped and self._attempts >= self.hopeless_after > 0:
            raise self.refusal or KafkaError()


class _Consumer(KafkaConsumer):  # type: ignore[misc]
    """A consumer that is told what it may not read, or that it is not known any more."""

    def poll(self, *given: Any, **more: Any) -> Any:
        """As the client's own; raises KafkaError besides, where nothing will ever come."""
        found = super().poll(*given, **more)
        if not found and self._manager.hopeless_after == 1:
            raise self._manager.refusal
        if not found and self._cluster.unauthorized_topics:
            raise TopicAuthorizationFailedError(self._cluster.unauthorized_topics)
        return found


class _Producer(KafkaProducer):  # type: ignore[misc]
    """A producer whose transaction is committed with all that was to be in it, or ends with an error in good time."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        if given["transactional_id"] is not None:
            # The client commits without a record for which it has tried long enough in vain.
            self._classify = self._transaction_manager.classify_batch_error
            self._transaction_manager.classify_batch_error = self._abortable

    def _abortable(self, *given: Any, **more: Any) -> Any:
        """What comes of a batch that is given up: no transaction goes on without it."""
        manager = self._transaction_manager
        fatal = manager.has_fatal_error() or self._classify(*given, **more) == manager.ERROR_CLASS_FATAL
        return manager.ERROR_CLASS_FATAL if fatal else manager.ERROR_CLASS_ABORTABLE

    def send(self, *given: Any, **more: Any) -> Any:
        """As the client's own; raises KafkaError where the record was refused before it became part of anything."""
        future = super().send(*given, **more)
        if future.failed():
            raise future.exception
        return future

    def commit_transaction(self) -> None:
        """As the client's own, whose thread may sleep on after an error; raises KafkaError where it takes too long."""
        result, begun = self._transaction_manager.begin_commit(), time.monotonic()
        self._sender.wakeup()
        while not result.wait(_WAKE_MS):
            if time.monotonic() - begun > self.config["delivery_timeout_ms"] / 1000:
                raise KafkaTimeoutError("the transaction is not committed")
            self._sender.wakeup()

    def close(self, *given: Any, **more: Any) -> None:
        """As the client's own, which goes on trying in the background where something could not be sent in time."""
        try:
            super().close(*given, **more)
        except KafkaTimeoutError:
            self._sender.force_close()
            self._sender.join(1)
            super().close(0)


class _Socket(ssl.SSLSocket):
    """Closes itself where the handshake fails, which the client leaves to chance."""

    def do_handshake(self, block: bool = False) -> None:
        """As any socket's; raises OSError."""
        try:
            super().do_handshake(block)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except OSError:
            self.close()
            raise


def connection(settings: Settings) -> dict[str, Any]:
    """How every client reaches the brokers; raises BadSetting where none are set, or not all that it takes."""
    if not settings.kafka:
        raise BadSetting(
            "没有设置 Kafka；请设置 MINZHENG_KAFKA=主机:端口，或用 make run KAFKA=local。", "MINZHENG_KAFKA"
        )
    given: dict[str, Any] = {
        "bootstrap_servers": [server.strip() for server in settings.kafka.split(",") if server.strip()],
        "security_protocol": settings.kafka_security,
        "client_id": "minzheng",
    }
    if settings.kafka_security.endswith("SSL"):
        given["ssl_context"] = _tls(settings)
    if settings.kafka_security.startswith("SASL"):
        if not (settings.kafka_username and settings.kafka_password):
            raise BadSetting(
                f"MINZHENG_KAFKA_SECURITY={settings.kafka_security} 要用账号；"
                "请设置 MINZHENG_KAFKA_USERNAME 和 MINZHENG_KAFKA_PASSWORD。",
                "MINZHENG_KAFKA_USERNAME",
            )
        given |= {
            "sasl_mechanism": settings.kafka_mechanism,
            "sasl_plain_username": settings.kafka_username,
            "sasl_plain_password": settings.kafka_password,
        }
    return given


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Kafka's errors as the product's: `what` was tried, and may be tried again later."""
    try:
        yield
    except (KafkaError, OSError) as error:
        raise Unavailable(f"{what}：{_said(error)}") from None


def consumer(settings: Settings, group: str | None = None, **given: Any) -> KafkaConsumer:
    """A consumer that sees committed records only and commits nothing by itself; raises BadSetting, Unavailable."""
    return _made(
        "读取消息",
        _Consumer,
        settings,
        group_id=group,
        **{
            "enable_auto_commit": False,
            "isolation_level": "read_committed",
            "auto_offset_reset": "earliest",
            **given,
        },
    )


def producer(settings: Settings, transactional_id: str | None = None, **given: Any) -> KafkaProducer:
    """A producer whose records are on every in-sync replica before they count; raises BadSetting, Unavailable."""
    return _made(
        "发送消息",
        _Producer,
        settings,
        transactional_id=transactional_id,
        **{
            "acks": "all",
            "enable_idempotence": True,
            "request_timeout_ms": REQUEST_MS,
            "max_block_ms": REQUEST_MS,
            "delivery_timeout_ms": REQUEST_MS * 3 // 2,
            **given,
        },
    )


def admin(settings: Settings) -> KafkaAdminClient:
    """A client that makes and describes topics; raises BadSetting, Unavailable."""
    return _made("管理主题", KafkaAdminClient, settings)


def error_of(code: int, names: Iterable[str]) -> KafkaError:
    """The error that a broker means by its code, about these topics."""
    error: KafkaError = for_code(code)(set(names))
    return error


def _made(what: str, kind: Callable[..., Any], settings: Settings, **given: Any) -> Any:
    """A client that has found a broker; one that has not leaves no thread behind, and says why."""
    networks: list[KafkaNetClient] = []

    def network(**configs: Any) -> KafkaNetClient:
        net = NetworkSelector(**configs)
        networks.append(KafkaNetClient(net, _Connections(net, **configs), **configs))
        return networks[0]

    try:
        return kind(kafka_client=network, bootstrap_timeout_ms=CONNECT_MS, **connection(settings), **given)
    except (KafkaError, OSError) as error:
        refusal = networks[0]._manager.refusal if networks else None
        for each in networks:
            each.close()
        raise Unavailable(f"{what}：{_said(refusal or error)}") from None


def _tls(settings: Settings) -> ssl.SSLContext:
    """Whom we trust and who we are; raises BadSetting where a file is not what it should be."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.sslsocket_class = _Socket
    if settings.kafka_ca_file is None:
        context.load_default_certs()
    else:
        with _readable("MINZHENG_KAFKA_CA_FILE", "PEM 格式的证书"):
            context.load_verify_locations(settings.kafka_ca_file)
    if settings.kafka_cert_file is not None:
        with _readable("MINZHENG_KAFKA_CERT_FILE", "PEM 格式的证书，其私钥（不加密）在 MINZHENG_KAFKA_KEY_FILE"):
            # Without a password of ours an encrypted key would have the terminal asked for one, and wait.
            context.load_cert_chain(settings.kafka_cert_file, settings.kafka_key_file, password="")
    return context


@contextmanager
def _readable(name: str, expected: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError):
        raise BadSetting(f"{name} 的文件不能使用；请指定可读的{expected}。", name) from None


def _to_the_end(receive: Callable[[], tuple[bytes, Any]]) -> Callable[[], tuple[bytes, Any]]:
    """Hand over what came last before a connection ended, which the client drops: a broker's reason for ending it."""
    ended: Any = None

    def received() -> tuple[bytes, Any]:
        nonlocal ended
        if ended is None:
            data, ended = receive()
            if data:
                return data, None
        return b"", ended

    return received


def _said(error: BaseException) -> str:
    """One sentence: what it comes down to, and what to do."""
    meaning = _meaning(error)
    if meaning is None:
        return f"Kafka 没有接受（{type(error).__name__}）；稍后会重试。"
    named = re.search(r"AuthorizationFailedError: \{?([\w.', -]+)\}?$", str(error))  # and nothing else the client says
    names = sorted(named[1].replace("'", "").split(", ")) if named else []
    listed = "、".join(names[:_NAMED]) + (f" 等 {len(names)} 个" if len(names) > _NAMED else " ")
    return meaning.sentence.format(names=f" {listed}" if names else "")


def _meaning(error: BaseException | None) -> _Meaning | None:
    """What is known of such an error, by its text: one that led to another is found in that one's text alone."""
    text = f"{type(error).__name__} {error}"
    return next((meaning for meaning in _MEANINGS if re.search(meaning.pattern, text)), None)


__all__ = [
    "ConsumerRebalanceListener",
    "KafkaConsumer",
    "KafkaError",
    "KafkaProducer",
    "NewTopic",
    "OffsetAndMetadata",
    "TopicPartition",
    "admin",
    "connection",
    "consumer",
    "error_of",
    "producer",
    "translated",
]
