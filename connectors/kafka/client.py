"""The one module that knows kafka-python: how clients are made, and what their errors mean.

Clients block, so they live in processes or threads of their own, never in an event loop. Every wait has an end.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from domain.errors import BadSetting, Unavailable
from infra.settings import Settings

with warnings.catch_warnings():
    # At import the client reads its protocol's files by a function that Python is about to drop.
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka import ConsumerRebalanceListener, KafkaConsumer, KafkaProducer, TopicPartition
    from kafka.admin import KafkaAdminClient, NewTopic
    from kafka.errors import (
        KafkaConnectionError,
        KafkaError,
    )
    from kafka.structs import OffsetAndMetadata

REQUEST_MS = 30_000
"""Longest wait for an answer of a broker."""


def connection(settings: Settings) -> dict[str, Any]:
    """How every client reaches the brokers; raises BadSetting where none are set."""
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
        files = {
            "ssl_cafile": settings.kafka_ca_file,
            "ssl_certfile": settings.kafka_cert_file,
            "ssl_keyfile": settings.kafka_key_file,
        }
        given |= {name: str(path) for name, path in files.items() if path is not None}
    if settings.kafka_security.startswith("SASL"):
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
    except (KafkaConnectionError, OSError):
        raise Unavailable(f"{what}：Kafka 现在连接不上；请检查 MINZHENG_KAFKA 和 Kafka 是否运行。") from None
    except KafkaError as error:
        raise Unavailable(f"{what}：Kafka 没有接受（{type(error).__name__}）；稍后会重试。") from None


def consumer(settings: Settings, group: str | None = None, **given: Any) -> KafkaConsumer:
    """A consumer that sees committed records only and commits nothing by itself; raises Unavailable."""
    with translated("读取消息"):
        return KafkaConsumer(
            **{
                **connection(settings),
                "group_id": group,
                "enable_auto_commit": False,
                "isolation_level": "read_committed",
                "auto_offset_reset": "earliest",
                **given,
            }
        )


def producer(settings: Settings, transactional_id: str | None = None, **given: Any) -> KafkaProducer:
    """A producer whose records are on every in-sync replica before they count; raises Unavailable."""
    with translated("发送消息"):
        return KafkaProducer(
            **{
                **connection(settings),
                "acks": "all",
                "transactional_id": transactional_id,
                "enable_idempotence": True,
                "request_timeout_ms": REQUEST_MS,
                **given,
            }
        )


def admin(settings: Settings) -> KafkaAdminClient:
    """A client that makes and describes topics; raises Unavailable."""
    with translated("管理主题"):
        return KafkaAdminClient(**connection(settings))


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
    "producer",
    "translated",
]
