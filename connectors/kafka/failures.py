"""What errors of Kafka's client and its brokers come down to: one sentence, what is missing and what to do."""

import re
from typing import NamedTuple

_NAMED = 3
"""Topics that an error names; an operator grants rights by their common beginning."""


class Meaning(NamedTuple):
    """What an error of the client or its broker comes down to; `pattern` is found in its text."""

    pattern: str
    sentence: str
    attempts: int = 0
    """After how many attempts at a first connection there is no use in more; 0: a broker that was away may come."""


_MEANINGS = (
    # Who we are, and who the broker is.
    Meaning(
        "SaslAuthenticationFailed",
        "Kafka 不认账号或密码；请检查 MINZHENG_KAFKA_USERNAME、MINZHENG_KAFKA_PASSWORD 和 MINZHENG_KAFKA_MECHANISM。",
        1,
    ),
    Meaning(
        "UnsupportedSaslMechanism",
        "Kafka 不支持所设的账号验证方式；请把 MINZHENG_KAFKA_MECHANISM 改为代理启用的一种。",
        1,
    ),
    Meaning(
        "IllegalSaslState",
        "Kafka 的这个端口不用账号；请检查 MINZHENG_KAFKA 的端口和 MINZHENG_KAFKA_SECURITY。",
        1,
    ),
    Meaning(
        "CERTIFICATE_VERIFY_FAILED.*(Hostname|IP address) mismatch",
        "Kafka 代理的证书不是发给这个地址的；请把 MINZHENG_KAFKA 改为证书上的名称，或请管理员重发证书。",
        1,
    ),
    Meaning(
        "CERTIFICATE_VERIFY_FAILED.*(expired|not yet valid)",
        "Kafka 代理的证书不在有效期内；请管理员换发证书，并检查本机时间。",
        1,
    ),
    Meaning(
        "CERTIFICATE_VERIFY_FAILED",
        "Kafka 代理的证书不是所信任的机构签发的；请检查 MINZHENG_KAFKA_CA_FILE。",
        1,
    ),
    Meaning(
        "ALERT_.*(CERTIFICATE|UNKNOWN_CA)",
        "Kafka 不认我方的证书；请检查 MINZHENG_KAFKA_CERT_FILE 和 MINZHENG_KAFKA_KEY_FILE。",
        1,
    ),
    Meaning(
        "Invalid frame length",
        "Kafka 的这个端口要求 TLS；请检查 MINZHENG_KAFKA 的端口，把 MINZHENG_KAFKA_SECURITY 设为 SSL 或 SASL_SSL。",
        1,
    ),
    # What we may do.
    Meaning(
        "TopicAuthorizationFailed",
        "Kafka 账号缺少主题{names}的权限；请管理员按 docs/messages.md“连接”一节授权。",
    ),
    Meaning(
        "GroupAuthorizationFailed",
        "Kafka 账号缺少消费组{names}的 Read 权限；请管理员按 docs/messages.md“连接”一节授权。",
    ),
    Meaning(
        "TransactionalIdAuthorizationFailed",
        "Kafka 账号缺少发送事务标识（MINZHENG_KAFKA_PREFIX-relay-）的 Write 权限；"
        "请管理员按 docs/messages.md“连接”一节授权。",
    ),
    Meaning(
        "ClusterAuthorizationFailed",
        "Kafka 账号缺少集群的权限；请管理员按 docs/messages.md“连接”一节授权。",
    ),
    # What is away.
    Meaning(
        "UnknownTopicOrPartition|Failed to update metadata",
        "Kafka 中没有所需的主题或查不到它；请运行 minzheng topics，并检查代理是否运行。",
    ),
    Meaning("NotEnoughReplicas", "Kafka 同步的副本不够；请检查停了的代理，恢复后会继续。"),
    Meaning(  # not all brokers say why they hang up, and what they say may be lost with the connection
        "disconnected|reset by peer|EOF|WRONG_VERSION",
        "Kafka 断开了连接；请检查 Kafka 是否在运行，以及 MINZHENG_KAFKA_SECURITY、账号和证书对所连的端口是否正确。",
        3,
    ),
    Meaning("Connection|OSError|BrokenPipe", "Kafka 现在连接不上；请检查 MINZHENG_KAFKA 和 Kafka 是否运行。"),
    Meaning(
        "TimeoutError|TimedOut",
        "Kafka 没有及时答复；请检查代理是否都在运行，以及它们的 advertised.listeners 从本机能否连到；恢复后会继续。",
    ),
)


def said(error: BaseException) -> str:
    """One sentence: what it comes down to, and what to do."""
    meaning = meaning_of(error)
    if meaning is None:
        return f"Kafka 没有接受（{type(error).__name__}）；稍后会重试。"
    named = re.search(r"AuthorizationFailedError: \{?([\w.', -]+)\}?$", str(error))  # and nothing else the client says
    names = sorted(named[1].replace("'", "").split(", ")) if named else []
    listed = "、".join(names[:_NAMED]) + (f" 等 {len(names)} 个" if len(names) > _NAMED else " ")
    return meaning.sentence.format(names=f" {listed}" if names else "")


def meaning_of(error: BaseException | None) -> Meaning | None:
    """What is known of such an error, by its text: one that led to another is found in that one's text alone."""
    text = f"{type(error).__name__} {error}"
    return next((meaning for meaning in _MEANINGS if re.search(meaning.pattern, text)), None)


__all__ = ["Meaning", "meaning_of", "said"]
