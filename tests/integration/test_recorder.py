"""The `eventsourcing` library's own test cases, run on our log: a stock Application can't tell the difference."""

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar
from unittest import mock
from uuid import UUID, uuid4

import pytest
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import (
    DataError,
    IntegrityError,
    Mapper,
    NotSupportedError,
    OperationalError,
    StoredEvent,
)
from eventsourcing.projection import ApplicationSubscription

import domain.kernel as kernel
from domain.clock import CHINA
from infra.codec import EventCodec
from infra.keys import FileMasterKey, KeyRing
from infra.log import MemoryLog, PostgresLog
from infra.log.recorder import LogInfrastructure, LogRecorder
from tests.fixtures.library_cases import application, persistence


@pytest.fixture
def recorder(database_url: str) -> Iterator[LogRecorder]:
    """A recorder on a log of its own."""
    recorder = LogRecorder(PostgresLog(database_url))
    yield recorder
    recorder.close()


class _OnOurLog:
    """Gives the library's cases a fresh log for each test."""

    @pytest.fixture(autouse=True)
    def _give_recorder(self, recorder: LogRecorder) -> None:
        self.recorder = recorder

    def create_recorder(self) -> LogRecorder:
        return self.recorder


class TestApplicationRecorder(_OnOurLog, persistence.ApplicationRecorderTestCase[LogRecorder]):
    """The library's recorder case, with the part about subscriptions that it leaves optional."""

    def new_originator_id(self) -> UUID:
        return uuid4()

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestNonInterleaving(_OnOurLog, persistence.NonInterleavingNotificationIDsBaseCase):
    """The library's case for positions that don't interleave."""

    def new_originator_id(self) -> UUID:
        return uuid4()


class _WithEnvironment:
    @pytest.fixture(autouse=True)
    def _environment(self, database_url: str) -> Iterator[None]:
        env = {"PERSISTENCE_MODULE": "infra.log.recorder", "MINZHENG_DATABASE_URL": database_url}
        with mock.patch.dict(os.environ, env):
            yield


class TestExampleApplication(_WithEnvironment, application.ExampleApplicationTestCase):
    """The library's example Application, snapshots included."""

    expected_factory_topic = "infra.log.recorder:LogInfrastructure"


@pytest.mark.filterwarnings("default::DeprecationWarning")
class TestApplication(_WithEnvironment, application.ApplicationTestCase):
    """The library's tests of Application itself."""


class Dog(Aggregate):
    """The library's smallest aggregate."""

    @event("Registered")
    def __init__(self, name: str) -> None:
        self.name = name
        self.tricks: list[str] = []

    @event("TrickAdded")
    def add_trick(self, trick: str) -> None:
        """Learn it."""
        self.tricks.append(trick)


def test_a_stock_application_reads_and_writes_the_log(database_url: str) -> None:
    env = {"PERSISTENCE_MODULE": "infra.log.recorder", "MINZHENG_DATABASE_URL": database_url}
    with Application[UUID](env=env) as app:
        dog = Dog("小黑")
        dog.add_trick("roll")
        app.save(dog)
        assert app.repository.get(dog.id).tricks == ["roll"]
        rival: Dog = app.repository.get(dog.id)
        dog.add_trick("sit")
        app.save(dog)
        rival.add_trick("bark")
        with pytest.raises(IntegrityError):
            app.save(rival)
        assert [n.id for n in app.recorder.select_notifications(None, 10)] == [1, 2, 3]
        with ApplicationSubscription(app, gt=1) as subscription:
            seen = []
            for happened, tracking in subscription:
                seen.append((type(happened).__name__, tracking.notification_id))
                if len(seen) == 2:
                    break
        assert seen == [("TrickAdded", 2), ("TrickAdded", 3)]


class Kite(kernel.Aggregate):
    """One of our aggregates, as a stock Application sees it."""

    TOPIC = "recorder_test.Kite"
    SUBJECT = "kite"

    class Created(kernel.Created):
        """Born."""

        TOPIC = "recorder_test.KiteCreated"
        owner: kernel.PersonalText

        def apply(self, aggregate: Any) -> None:
            """Take the fields."""
            aggregate.owner = self.owner


Kite.TOPIC = ""  # known as an aggregate only while its test runs


class KiteApplication(Application[UUID]):
    """Uses our codec in place of the library's mapper."""

    keyring: ClassVar[KeyRing]

    def construct_mapper(self) -> Mapper[UUID]:
        return EventCodec(self.keyring)


async def test_a_stock_application_uses_our_codec(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Kite, "TOPIC", "recorder_test.Kite")
    ring = KeyRing(MemoryLog(), FileMasterKey(bytes(32)))
    KiteApplication.keyring = ring
    kite_id = uuid4()
    await ring.preload([kite_id])
    env = {"PERSISTENCE_MODULE": "infra.log.recorder", "MINZHENG_DATABASE_URL": database_url}
    with KiteApplication(env=env) as app:
        kite = Kite.create(Kite.Created, id=kite_id, at=datetime(2015, 12, 1, tzinfo=CHINA), owner="张三")
        app.save(kite)
        copy: Kite = app.repository.get(kite_id)
        assert isinstance(copy, Kite)
        assert copy.owner == "张三"  # type: ignore[attr-defined]  # set by its event
        (stored,) = app.recorder.select_notifications(None, 10)
        assert "张三".encode() not in stored.state
        assert b"\\u" not in stored.state


def test_bounds_of_a_stream(recorder: LogRecorder) -> None:
    stream = uuid4()
    recorder.insert_events([StoredEvent(stream, version, "t", b"{}") for version in range(1, 7)])
    assert [e.originator_version for e in recorder.select_events(stream, gt=2, lte=5)] == [3, 4, 5]
    assert [e.originator_version for e in recorder.select_events(stream, desc=True, limit=2)] == [6, 5]
    assert recorder.insert_events([]) is None


def test_the_librarys_errors(recorder: LogRecorder) -> None:
    with pytest.raises(DataError):
        recorder.insert_events([StoredEvent("not-a-uuid", 1, "t", b"{}")])
    with pytest.raises(DataError):
        recorder.insert_events([StoredEvent(uuid4(), 1, "t\x00", b"{}")])
    lost = LogRecorder(PostgresLog("postgresql://minzheng@localhost:1/none"))
    with pytest.raises(OperationalError):
        lost.insert_events([StoredEvent(uuid4(), 1, "t", b"{}")])
    lost.close()


def test_what_the_log_does_not_keep() -> None:
    factory = LogInfrastructure({})
    with pytest.raises(NotSupportedError):
        factory.application_recorder()
    with pytest.raises(NotSupportedError):
        factory.tracking_recorder()
    with pytest.raises(NotSupportedError):
        factory.process_recorder()
