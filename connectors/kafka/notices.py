"""Tells sources what of theirs waits in quarantine, and when it waits no longer: where it stood and why, never what.

A notice may come twice where a crash comes between sending and noting it; its id is the same then.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import asyncpg
import orjson

from connectors.database import Tables
from connectors.kafka.client import KafkaProducer, producer, translated
from connectors.kafka.topics import quarantine_topic
from connectors.public.kinds import PREFIX
from connectors.public.messages import CONTENT_TYPE, SOURCE
from domain.clock import CHINA
from domain.errors import MinzhengError
from infra.settings import Settings
from infra.tasks import pause

TYPE = f"{PREFIX}.quarantine.RowQuarantined.v1"
_EVERY = 1.0
_AT_ONCE = 500
_WITHIN = 30.0
_UNTOLD = f"""SELECT id, source, kind, basis, row_number, reason, message, column_names, division_code, export_on,
    state, coalesce(closed_at, created_at) AS at
    FROM connectors.quarantine WHERE noticed <> state ORDER BY created_at, id LIMIT {_AT_ONCE}"""


@dataclass(slots=True)
class Notices:
    """Sends a notice of each row that was put into quarantine, set right or recorded."""

    settings: Settings
    tables: Tables
    report: Callable[[str], None] = lambda text: None

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set; where Kafka or PostgreSQL is away it is tried again."""
        sender: KafkaProducer | None = None
        try:
            while not stop.is_set():
                rows: list[asyncpg.Record] = []
                try:
                    rows = await self._untold()
                    if rows:
                        sender = sender or await asyncio.to_thread(producer, self.settings)
                        await asyncio.to_thread(self._send, sender, rows)
                        await self._told(rows)
                except MinzhengError as error:
                    self.report(str(error))
                    await _close(sender)
                    sender, rows = None, []
                if len(rows) < _AT_ONCE:
                    await pause(stop, _EVERY)
        finally:
            await _close(sender)

    async def _untold(self) -> list[asyncpg.Record]:
        async with self.tables.transaction() as connection:
            return await connection.fetch(_UNTOLD)

    async def _told(self, rows: Sequence[asyncpg.Record]) -> None:
        async with self.tables.transaction(durable=True) as connection:
            await connection.execute(
                """UPDATE connectors.quarantine q SET noticed = n.state
                FROM unnest($1::uuid[], $2::text[]) n (id, state) WHERE q.id = n.id""",
                [row["id"] for row in rows],
                [row["state"] for row in rows],
            )

    def _send(self, sender: KafkaProducer, rows: Sequence[asyncpg.Record]) -> None:
        topic = quarantine_topic(self.settings.kafka_prefix).name
        headers = [("content-type", CONTENT_TYPE)]
        with translated("发送待处理通知"):
            futures = [sender.send(topic, _notice(row), row["source"].encode(), headers) for row in rows]
            for future in futures:
                future.get(timeout=_WITHIN)


def _notice(row: asyncpg.Record) -> bytes:
    """A row's state as a CloudEvent."""
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": f"{row['id']}@{row['state']}",
            "source": SOURCE,
            "type": TYPE,
            "subject": f"quarantine:{row['id']}",
            "time": row["at"].astimezone(CHINA).isoformat(),
            "datacontenttype": "application/json",
            "division": row["division_code"],
            "data": {
                "source": row["source"],
                "kind": row["kind"],
                "place": row["basis"],
                "row": row["row_number"],
                "on": row["export_on"],
                "state": row["state"],
                "reason": row["reason"],
                "message": row["message"],
                "columns": row["column_names"],
            },
        }
    )


async def _close(sender: KafkaProducer | None) -> None:
    """Let go of its connections and its thread."""
    if sender is not None:
        with suppress(MinzhengError), translated("停止发送"):
            await asyncio.to_thread(sender.close, timeout=2)


__all__ = ["TYPE", "Notices"]
