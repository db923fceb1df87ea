"""How Kafka's clients are made, and their errors told: with mended.py all that knows kafka-python.

Clients block, so they live in processes or threads of their own, never in an event loop. Every wait has an end.
"""

import logging
import re
import ssl
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from connectors.kafka import mended
from connectors.kafka.failures import said
from domain.errors import BadSetting, Unavailable
from infra.settings import Settings

with warnings.catch_warnings():
    # At import the client reads its protocol's files by a function that Python is about to drop.
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka import ConsumerRebalanceListener, KafkaConsumer, KafkaProducer, TopicPartition
    from kafka.admin import KafkaAdminClient, NewTopic
    from kafka.errors import KafkaError, for_code
    from kafka.structs import OffsetAndMetadata

REQUEST_MS = 30_000
"""Longest wait for an answer of a broker; a record with all that is tried again for it has half as much more."""
_SERVER = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s:,]+)(:\d{1,5})?")
CONNECT_MS = 15_000
"""Longest wait for a first broker that talks to us."""

# Of what it tries again the client logs every failure with its traceback, and at lower levels all that goes over the
# wire, passwords among it. What comes of it is said by `translated`.
logging.getLogger("kafka").setLevel(logging.CRITICAL)


def connection(settings: Settings) -> dict[str, Any]:
    """How every client reaches the brokers; raises BadSetting where none are set, or not all that it takes."""
    if not settings.kafka:
        raise BadSetting(
            "没有设置 Kafka；请设置 MINZHENG_KAFKA=主机:端口，或用 make run KAFKA=local。", "MINZHENG_KAFKA"
        )
    given: dict[str, Any] = {
        "bootstrap_servers": _servers(settings.kafka),
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


def _servers(text: str) -> list[str]:
    servers = [server.strip() for server in text.split(",") if server.strip()]
    for server in servers:
        if not _SERVER.fullmatch(server):
            raise BadSetting(f"MINZHENG_KAFKA：“{server[:60]}”应写作 主机:端口，多个以逗号分隔。", "MINZHENG_KAFKA")
    return servers


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Kafka's errors as the product's: `what` was tried, and may be tried again later."""
    try:
        yield
    except (KafkaError, OSError) as error:
        raise Unavailable(f"{what}：{said(error)}") from None


def consumer(settings: Settings, group: str | None = None, **given: Any) -> KafkaConsumer:
    """A consumer that sees committed records only and commits nothing by itself; raises BadSetting, Unavailable."""
    return _made(
        "读取消息",
        mended.Consumer,
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
        mended.Producer,
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


def sent_at(record: Any) -> datetime:
    """When a record was sent, by its producer or its broker."""
    return datetime.fromtimestamp(max(record.timestamp, 0) / 1000, UTC)


def error_of(code: int, names: Iterable[str]) -> KafkaError:
    """The error that a broker means by its code, about these topics."""
    error: KafkaError = for_code(code)(set(names))
    return error


def _made(what: str, kind: Callable[..., Any], settings: Settings, **given: Any) -> Any:
    """A client that has found a broker; one that has not leaves no thread behind, and says why."""
    networks: list[Any] = []

    def network(**configs: Any) -> Any:
        networks.append(mended.network(**configs))
        return networks[0]

    try:
        return kind(kafka_client=network, bootstrap_timeout_ms=CONNECT_MS, **connection(settings), **given)
    except (KafkaError, OSError) as error:
        refusal = networks[0]._manager.refusal if networks else None
        for each in networks:
            each.close()
        raise Unavailable(f"{what}：{said(refusal or error)}") from None


def _tls(settings: Settings) -> ssl.SSLContext:
    """Whom we trust and who we are; raises BadSetting where a file is not what it should be."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.sslsocket_class = mended.TlsSocket
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
    "sent_at",
    "translated",
]
