"""Kafka's client where its own ways won't do: it knows why a broker refuses it, loses no record, ends what it joins.

Beside client.py the only module that knows kafka-python. It reaches into parts that are the client's own affair: what
is mended here is looked at anew with each new version, and held by tests/integration/test_kafka_client.py and
test_kafka_security.py.
"""

import ssl
import time
import warnings
from collections.abc import Callable
from typing import Any

from connectors.kafka.failures import meaning_of

with warnings.catch_warnings():
    # At import the client reads its protocol's files by a function that Python is about to drop.
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka import KafkaConsumer, KafkaProducer
    from kafka.errors import KafkaError, KafkaTimeoutError, TopicAuthorizationFailedError
    from kafka.net.compat import KafkaNetClient
    from kafka.net.manager import KafkaConnectionManager
    from kafka.net.selector import NetworkSelector

_WAKE_MS = 500


class Connections(KafkaConnectionManager):  # type: ignore[misc]  # the client is not typed
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
        meaning = meaning_of(self.refusal)
        return meaning.attempts if meaning is not None else 0

    def maybe_raise_auth_failure(self, node_id: Any) -> None:
        """Called before each attempt; a client that was at work before has other connections, and goes on."""
        if not self.bootstrapped and self._attempts >= self.hopeless_after > 0:
            raise self.refusal or KafkaError()


class Consumer(KafkaConsumer):  # type: ignore[misc]
    """A consumer that ends each joining of its group, and is told what it may not read, or that it is unknown now."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        # Joining again because topics have changed is forgotten by the client where a poll ends before the group's
        # answer: it then is a member without partitions and without a heartbeat, and stays one.
        coordinator, needed = self._coordinator, self._coordinator.need_rejoin
        coordinator.need_rejoin = lambda: coordinator.rejoining or needed()

    def poll(self, *given: Any, **more: Any) -> Any:
        """As the client's own; raises KafkaError besides, where nothing will ever come."""
        found = super().poll(*given, **more)
        if not found and self._manager.hopeless_after == 1:
            raise self._manager.refusal
        if not found and self._cluster.unauthorized_topics:
            raise TopicAuthorizationFailedError(self._cluster.unauthorized_topics)
        return found


class Producer(KafkaProducer):  # type: ignore[misc]
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


class TlsSocket(ssl.SSLSocket):
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


def network(**configs: Any) -> KafkaNetClient:
    """A client's network with such connections."""
    net = NetworkSelector(**configs)
    return KafkaNetClient(net, Connections(net, **configs), **configs)


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


__all__ = ["Connections", "Consumer", "Producer", "TlsSocket", "network"]
