"""A broker with TLS, accounts and rights: what the settings reach, what is said where they don't, and no more rights
than docs/messages.md lists."""

import json
import logging
import re
import secrets
import shlex
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePatternFilter,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from connectors.kafka.administration import make_topics
from connectors.kafka.client import admin, consumer, producer, translated
from connectors.kafka.relay import platform_relay
from connectors.kafka.sending import Record, Sender
from connectors.kafka.topics import (
    all_topics,
    back_topic,
    platform_topic,
    public_topic,
    quarantine_topic,
    source_topic,
)
from connectors.platforms.declaration import builtin
from connectors.platforms.inbox import Inbox
from connectors.platforms.topic import Topic
from connectors.platforms.ways import Parcel
from connectors.public import CATALOGUE
from domain.clock import CHINA
from domain.errors import BadSetting, Unavailable
from infra.codec import EventCodec
from infra.keys import FileMasterKey, KeyRing
from infra.local_kafka import LocalKafka, free_ports, run_tool
from infra.settings import Settings
from infra.store import EventStore
from tests.files.installation import Installation, installed
from tests.files.make import citizen_id, person
from tests.fixtures.kafka import Topics, brokers_run_here, cloud_event, listeners, skip_aloud
from tests.integration.messages_support import people, read, relaying, running, until, worker

ACCOUNT = "minzheng"
PREFIX = "minzheng"
STRUCTURED = {"content-type": "application/cloudevents+json"}
DOCUMENT = Path(__file__).parents[2] / "docs" / "messages.md"
_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
_PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"


class Authority:
    """Issues certificates for this machine; everything it makes is for one run of the tests."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir()
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._certificate = self._sign(self._name, self._key, x509.BasicConstraints(True, None))
        self.file = folder / "authority.pem"
        self.file.write_bytes(self._certificate.public_bytes(Encoding.PEM))

    def issue(self, name: str, password: bytes = b"") -> Path:
        """A file with a key, its certificate and ours."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        certificate = self._sign(subject, key, here)
        encryption = BestAvailableEncryption(password) if password else NoEncryption()
        file = self._folder / f"{name}{'-locked' if password else ''}.pem"
        file.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
            + certificate.public_bytes(Encoding.PEM)
            + self.file.read_bytes()
        )
        return file

    def _sign(self, name: x509.Name, key: ec.EllipticCurvePrivateKey, extension: Any) -> x509.Certificate:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder(self._name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
            .sign(self._key, hashes.SHA256())
        )


@dataclass(frozen=True, slots=True)
class Secured:
    """The broker, the doors it has, and who may vouch for whom. Its plain door is the administrator's."""

    topics: Topics
    ports: dict[str, int]
    ours: Authority
    others: Authority
    password: str

    @property
    def administrator(self) -> Settings:
        """Who may do everything."""
        return Settings(kafka=self.topics.broker.bootstrap, kafka_prefix=PREFIX)

    def settings(self, door: str = "SASL_SSL", **changed: Any) -> Settings:
        """An installation with an account, or with a certificate where the door is `SSL`."""
        given: dict[str, Any] = {
            "kafka": f"127.0.0.1:{self.ports[door]}",
            "kafka_prefix": PREFIX,
            "kafka_security": door,
            "kafka_ca_file": self.ours.file,
            "kafka_username": ACCOUNT,
            "kafka_password": self.password,
        }
        return Settings(**{**given, **changed})

    def set_password(self, password: str) -> None:
        """Give the account this password."""
        client = admin(self.administrator)
        mechanism = ScramMechanism.SCRAM_SHA_512
        client.alter_user_scram_credentials([UserScramCredentialUpsertion(ACCOUNT, mechanism, password=password)])
        client.close()

    def rights(self) -> list[ACL]:
        """What there is."""
        client = admin(self.administrator)
        everything = ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY)
        found, _ = client.describe_acls(ACLFilter(None, None, ACLOperation.ANY, ACLPermissionType.ANY, everything))
        client.close()
        return list(found)

    @contextmanager
    def without(self, kind: str, name: str, operation: str) -> Iterator[None]:
        """Take one right away for a while."""
        (right,) = [acl for acl in self.rights() if _described(acl) == (kind, name, operation)]
        client = admin(self.administrator)
        pattern = right.resource_pattern
        where = ResourcePatternFilter(pattern.resource_type, pattern.resource_name, pattern.pattern_type)
        client.delete_acls([ACLFilter(right.principal, "*", right.operation, right.permission_type, where)])
        _until(lambda: right not in self.rights())
        try:
            yield
        finally:
            client.create_acls([right])
            _until(lambda: right in self.rights())
            client.close()


@pytest.fixture(scope="module")
def secured_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured | None]:
    """A broker that lets nobody do anything but what the document lists; None where none can be had."""
    if not brokers_run_here():
        yield None
        return
    folder = tmp_path_factory.mktemp("secured")
    ours, others = Authority(folder / "ours", "authority"), Authority(folder / "others", "another")
    names = ("PLAINTEXT", "CONTROLLER", "SASL_SSL", "SSL")
    ports, password = dict(zip(names, free_ports(len(names)), strict=True)), secrets.token_urlsafe(16)
    broker = LocalKafka(folder / "kafka", properties=_properties(ports, ours, password))
    broker.start()
    secured = Secured(Topics(broker, PREFIX), ports, ours, others, password)
    secured.set_password(password)
    _grant(broker)
    make_topics(secured.administrator, all_topics(PREFIX))
    yield secured
    broker.stop()


@pytest.fixture
def secured(
    secured_broker: Secured | None,
    record_property: Callable[[str, object], None],
    capfd: pytest.CaptureFixture[str],
) -> Secured:
    if secured_broker is None:
        skip_aloud(record_property, capfd)
    return secured_broker


def _properties(ports: dict[str, int], authority: Authority, password: str) -> dict[str, str]:
    scram, plain = ("listener.name.sasl_ssl.scram-sha-512.", "listener.name.sasl_ssl.plain.")
    return {
        **listeners(ports),
        "controller.quorum.voters": f"1@127.0.0.1:{ports['CONTROLLER']}",
        "listener.security.protocol.map": ",".join(
            f"{name}:{'PLAINTEXT' if name == 'CONTROLLER' else name}" for name in ports
        ),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(authority.issue("broker")),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(authority.file),
        "listener.name.ssl.ssl.client.auth": "required",
        "listener.name.ssl.ssl.principal.mapping.rules": "RULE:^CN=(.*)$/$1/",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
        "connections.max.reauth.ms": "3000",
        f"{scram}sasl.jaas.config": _SCRAM,
        f"{plain}sasl.jaas.config": f'{_PLAIN} user_{ACCOUNT}="{password}";',
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
    }


def _grant(broker: LocalKafka) -> None:
    """Run the commands of the document, by the broker's own tool."""
    commands = re.findall(r"^\$acls (.+)$", DOCUMENT.read_text("utf-8"), re.MULTILINE)
    head = ["--bootstrap-server", broker.bootstrap, "--add", "--allow-principal", f"User:{ACCOUNT}"]
    with ThreadPoolExecutor(2) as threads:
        tool = "org.apache.kafka.tools.AclCommand"
        said = list(threads.map(lambda command: run_tool(tool, [*head, *shlex.split(command)]), commands))
    assert said
    assert all("Adding ACLs" in text for text in said), said


def _described(right: ACL) -> tuple[str, str, str]:
    pattern = right.resource_pattern
    name = pattern.resource_name + ("*" if pattern.pattern_type is ACLResourcePatternType.PREFIXED else "")
    return pattern.resource_type.name, name, right.operation.name


def _until(true: Callable[[], bool]) -> None:
    for _ in range(200):
        if true():
            return
        threading.Event().wait(0.05)
    raise AssertionError("the broker did not take it over")


def test_the_rights_are_those_documented_and_no_others(secured: Secured) -> None:
    assert {_described(right) for right in secured.rights()} == {
        ("TOPIC", "minzheng.source.*", "READ"),
        ("GROUP", "minzheng", "READ"),
        ("TOPIC", "minzheng.public.*", "WRITE"),
        ("TOPIC", "minzheng.out.*", "WRITE"),
        ("TRANSACTIONAL_ID", "minzheng-relay-*", "WRITE"),
        ("TOPIC", "minzheng.relay.v1", "READ"),
        ("TOPIC", "minzheng.relay.v1", "WRITE"),
        ("TOPIC", "minzheng.out.*", "READ"),
        ("TOPIC", "minzheng.back.*", "READ"),
        ("TOPIC", "minzheng.quarantine.v1", "WRITE"),
        ("TOPIC", "minzheng.*", "CREATE"),
    }


def test_topics_are_made_with_the_right_to_and_without_it_they_are_named(secured: Secured) -> None:
    settings = secured.settings()
    assert set(make_topics(settings, all_topics(PREFIX))) <= {topic.name for topic in all_topics(PREFIX)}
    assert make_topics(settings, all_topics(PREFIX)) == []
    with secured.without("TOPIC", "minzheng.*", "CREATE"):
        missing = [platform_topic(name, PREFIX) for name in "abcd"]
        with pytest.raises(Unavailable) as said:
            make_topics(settings, missing)
    named = "minzheng.out.a.v1、minzheng.out.b.v1、minzheng.out.c.v1 等 4 个"
    assert str(said.value).startswith(f"建立主题：Kafka 账号缺少主题 {named}的权限；")
    assert _one_sentence(str(said.value))
    assert make_topics(settings, missing) == [topic.name for topic in missing]


@pytest.fixture
async def it(admin_url: str, database_url: str, tmp_path: Path, secured: Secured) -> AsyncIterator[Installation]:
    make_topics(secured.administrator, all_topics(PREFIX))
    async with installed(admin_url, database_url, tmp_path) as installation:
        given = secured.settings().model_dump(include={name for name in Settings.model_fields if "kafka" in name})
        installation.importer.settings = installation.importer.settings.model_copy(update=given)
        yield installation


async def test_platforms_and_notices_need_no_other_rights(it: Installation, secured: Secured) -> None:
    settings = it.importer.settings
    make_topics(secured.administrator, all_topics(PREFIX, ["population"]))
    relay = platform_relay(it.importer.store, settings, builtin()["population"])
    async with running(relay.run):
        made = await people(it.importer.store, 2)
        await until(lambda: relay.sent == 2)
    topic = Topic(builtin()["population"], settings, it.log)
    today = datetime.now(UTC).astimezone(CHINA).date() - timedelta(days=1)
    listed = await topic.listed(Parcel((), 0, await it.log.head()), today.isoformat())
    assert listed is not None
    assert [each.id for each in listed] == [f"{one.id}@2" for one in made]
    back = producer(secured.administrator)
    back.send(back_topic("population", PREFIX).name, b"not json").get(timeout=30)
    back.close()
    inbox = Inbox(it.importer.tables, it.importer.store)
    await topic.collect(inbox)
    await topic.close()
    assert await inbox.next_number("population") == 1
    notices = producer(settings)
    notices.send(quarantine_topic(PREFIX).name, b"{}").get(timeout=30)
    notices.close()


OUT = [
    (("TOPIC", "minzheng.public.*", "WRITE"), "发送消息：Kafka 账号缺少主题 minzheng.public.registry.v1 的权限；"),
    (("TOPIC", "minzheng.relay.v1", "WRITE"), "发送消息：Kafka 账号缺少主题 minzheng.relay.v1 的权限；"),
    (("TOPIC", "minzheng.relay.v1", "READ"), "读取发送位置：Kafka 账号缺少主题 minzheng.relay.v1 的权限；"),
    (("TRANSACTIONAL_ID", "minzheng-relay-*", "WRITE"), "开始发送：Kafka 账号缺少发送事务标识"),
]
IN = [
    (("TOPIC", "minzheng.source.*", "READ"), "读取来源系统的消息：Kafka 账号缺少主题 minzheng.source."),
    (("GROUP", "minzheng", "READ"), "读取来源系统的消息：Kafka 账号缺少消费组 minzheng 的 Read 权限；"),
]


def _message(number: int) -> tuple[str, bytes, dict[str, str]]:
    return citizen_id(number), cloud_event("persons", person(number), f"m-{number}"), STRUCTURED


async def test_messages_go_in_and_out_and_wait_while_a_right_is_missing(it: Installation, secured: Secured) -> None:
    """Nothing of what could not go its way for want of a right is lost, and nothing is there twice."""
    said: list[str] = []
    async with worker(it, said) as inbound, relaying(it.log, it.importer.settings, report=said.append) as relay:
        secured.topics.send("population", [_message(1)])
        await until(lambda: inbound.taken.recorded == 1)
        await until(lambda: relay.position > 0)
        reading = [child.cmdline() for child in psutil.Process().children(recursive=True)]
    assert said == []
    assert not any(secured.password in argument for line in reading for argument in line)
    for right, sentence in IN:
        with secured.without(*right):
            async with worker(it, said):
                await until(lambda sentence=sentence: any(text.startswith(sentence) for text in said))
    secured.topics.send("population", [_message(2)])
    async with worker(it, said) as inbound:
        await until(lambda: inbound.taken.recorded == 1)
    ring = KeyRing(it.log, FileMasterKey(bytes(32)))
    store = EventStore(it.log, EventCodec(ring), ring)
    for right, sentence in OUT:
        await people(store, 1)
        with secured.without(*right):
            async with relaying(it.log, it.importer.settings, report=said.append):
                await until(lambda sentence=sentence: any(text.startswith(sentence) for text in said))
    head = await it.log.head()
    async with relaying(it.log, it.importer.settings, report=said.append) as relay:
        await until(lambda: relay.position == head)
    messages = read(secured.administrator, [public_topic("registry", PREFIX).name])
    rows = await it.log.read(0, 1_000_000)
    expected = [f"{row.stream_id}@{row.version}" for row in rows if row.topic in CATALOGUE]
    assert sorted(json.loads(message.value())["id"] for message in messages) == sorted(expected)
    assert all(map(_one_sentence, said)), said
    assert not any(secured.password in text for text in said)


@pytest.mark.parametrize(
    ("door", "changed"),
    [
        ("SASL_SSL", {}),
        ("SASL_SSL", {"kafka_mechanism": "PLAIN"}),
        ("SSL", {"kafka_username": "", "kafka_password": ""}),
    ],
)
def test_an_account_and_a_certificate_open_the_same(
    secured: Secured, door: str, changed: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """And what they prove themselves with stands in no log, however much is logged."""
    caplog.set_level(logging.DEBUG)
    make_topics(secured.administrator, [platform_topic("z", PREFIX)])
    if door == "SSL":
        file = secured.ours.issue(ACCOUNT)
        changed = {**changed, "kafka_cert_file": file, "kafka_key_file": file}
    settings = secured.settings(door, **changed)
    sender = Sender(settings, secrets.token_hex(4))
    assert sender.begin() == 0
    sender.send([Record(platform_topic("z", PREFIX).name, b"key", b"value", 7)], 7)
    sender.close()
    reader = consumer(settings, PREFIX)
    reader.subscribe([source_topic("grid", PREFIX)])
    secured.topics.send("grid", [("k", b"{}", {})])
    _until(lambda: bool(reader.poll(200)))
    reader.close()
    assert secured.password not in caplog.text


REFUSALS = {
    "the password": ("SASL_SSL", {"kafka_password": "不是这个-secret"}, "Kafka 不认账号或密码；"),
    "the account": ("SASL_SSL", {"kafka_username": "nobody"}, "Kafka 不认账号或密码；"),
    "how it is proved": ("SASL_SSL", {"kafka_mechanism": "SCRAM-SHA-256"}, "Kafka 不支持所设的账号验证方式；"),
    "no account": ("SASL_SSL", {"kafka_security": "SSL"}, "Kafka 断开了连接；"),
    "an account for nothing": ("PLAINTEXT", {"kafka_security": "SASL_PLAINTEXT"}, "Kafka 的这个端口不用账号；"),
    "the authority": ("SASL_SSL", {"kafka_ca_file": "others"}, "Kafka 代理的证书不是所信任的机构签发的；"),
    "no authority": ("SASL_SSL", {"kafka_ca_file": None}, "Kafka 代理的证书不是所信任的机构签发的；"),
    "the address": ("SASL_SSL", {"kafka": "localhost"}, "Kafka 代理的证书不是发给这个地址的；"),
    "no TLS": ("SASL_SSL", {"kafka_security": "SASL_PLAINTEXT"}, "Kafka 的这个端口要求 TLS；"),
    "nothing at all": ("SASL_SSL", {"kafka_security": "PLAINTEXT"}, "Kafka 的这个端口要求 TLS；"),
    "TLS for nothing": ("PLAINTEXT", {"kafka_security": "SASL_SSL"}, "Kafka 断开了连接；"),
    "no certificate": ("SSL", {}, "Kafka 不认我方的证书；"),
    "another's certificate": ("SSL", {"kafka_cert_file": "others"}, "Kafka 不认我方的证书；"),
}


@pytest.mark.parametrize(("door", "changed", "sentence"), REFUSALS.values(), ids=REFUSALS)
def test_who_is_not_let_in_is_told_why_at_once(
    secured: Secured, door: str, changed: dict[str, Any], sentence: str
) -> None:
    if changed.get("kafka") == "localhost":
        changed = {"kafka": f"localhost:{secured.ports[door]}"}
    if changed.get("kafka_ca_file") == "others":
        changed = {"kafka_ca_file": secured.others.file}
    if changed.get("kafka_cert_file") == "others":
        changed = {"kafka_cert_file": secured.others.issue(ACCOUNT)}
    settings = secured.settings(door, **changed)
    threads = set(threading.enumerate())
    for client, what in ((admin, "管理主题"), (consumer, "读取消息"), (producer, "发送消息")):
        with pytest.raises(Unavailable) as said:
            client(settings)
        assert str(said.value).startswith(f"{what}：{sentence}")
        assert _one_sentence(str(said.value))
        assert "secret" not in str(said.value)
    assert set(threading.enumerate()) <= threads, "who has failed is gone"


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("kafka_ca_file", "nowhere.pem", "MINZHENG_KAFKA_CA_FILE"),
        ("kafka_ca_file", "no-certificate.pem", "MINZHENG_KAFKA_CA_FILE"),
        ("kafka_cert_file", "nowhere.pem", "MINZHENG_KAFKA_CERT_FILE"),
        ("kafka_cert_file", "locked.pem", "不加密"),
        ("kafka_password", "", "MINZHENG_KAFKA_PASSWORD"),
    ],
)
def test_settings_that_can_t_be_used_are_named(tmp_path: Path, setting: str, value: str, message: str) -> None:
    authority = Authority(tmp_path / "authority", "authority")
    (tmp_path / "no-certificate.pem").write_text("nothing", encoding="utf-8")
    authority.issue("client", b"locked").rename(tmp_path / "locked.pem")
    given: dict[str, Any] = {
        "kafka": "127.0.0.1:9",
        "kafka_security": "SASL_SSL",
        "kafka_ca_file": authority.file,
        "kafka_username": ACCOUNT,
        "kafka_password": "secret",
        setting: tmp_path / value if value else value,
    }
    with pytest.raises(BadSetting, match=message) as said:
        producer(Settings(**given))
    assert "secret" not in str(said.value)


def test_who_is_locked_out_while_at_work_is_told(secured: Secured) -> None:
    make_topics(secured.administrator, all_topics(PREFIX))
    reader = consumer(secured.settings(), PREFIX)
    reader.subscribe([source_topic("grid", PREFIX)])
    _until(lambda: bool(reader.poll(200)) or bool(reader.assignment()))
    secured.set_password(secrets.token_urlsafe(16))
    try:
        with pytest.raises(Unavailable, match="读取：Kafka 不认账号或密码"), translated("读取"):
            _until(lambda: bool(reader.poll(200)) and False)
    finally:
        secured.set_password(secured.password)
        reader.close()


def _one_sentence(text: str) -> bool:
    """Whether it is one sentence of ours, without anything the client or the broker says."""
    return text.count("。") == 1 and text.endswith("。") and not re.search(r"Error|Exception|Traceback|\[", text)
