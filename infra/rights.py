"""Who may act now: what the rights recorded in the log (domain/rights.py) mean for whoever comes with a token.

- A visitor always needs a right of their own in force today.
- An account that has any right recorded, even one withdrawn since, may do what its rights in force cover and nothing
  else, whatever its token says: so a withdrawal takes effect at once.
- An account may do what the rights of those cover whose deputy it is today; it then acts for them.
- An account of which nothing is recorded works by its token alone in development, and not at all in production.

The rights stand in memory and are fed from the log by one indexed query: before every command, at once after every
command that changed one, and once a second for reads. So a command never goes by older rights than the log's; a read
in another process than the one that withdrew a right may, for a second (`EVERY`) and the time of the query.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import asyncpg

from domain.access import SYSTEM, Actor, RoleCode
from domain.errors import Forbidden, MinzhengError
from domain.rights import RIGHTS, Account
from infra.log import pages
from infra.store import EventStore

_log = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between two looks at the log."""


class Rights:
    """The rights of every account, as far as the log was read; `strict` refuses accounts of which nothing is known."""

    def __init__(self, store: EventStore, now: Callable[[], datetime], *, strict: bool = False) -> None:
        self._store = store
        self._now = now
        self._strict = strict
        self._accounts: dict[str, Account] = {}
        self._principals: list[Account] = []
        self._position = 0
        self._reading = asyncio.Lock()
        self._day: date | None = None
        self.epoch = 0
        """Rises whenever an answer of `admitted` may have become another: with a right, a deputation or the day."""

    @property
    def today(self) -> date:
        """The business date."""
        return self._now().date()

    async def refresh(self) -> None:
        """Take in what the log has of rights since the last look."""
        async with self._reading:
            async for rows in pages(self._store.log, RIGHTS, self._position):
                changed = await self._store.load_many(Account, list({row.stream_id for row in rows}))
                self._accounts.update((account.account, account) for account in changed.values())
                self._principals = [account for account in self._accounts.values() if account.deputations]
                self._position = rows[-1].position
                self.epoch += 1
        if self._day != self.today:
            self._day = self.today
            self.epoch += 1

    async def follow(self) -> None:
        """Refresh again and again, until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.refresh()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, MinzhengError) as error:
                _log.warning("rights can't be read (%s); trying again", type(error).__name__)

    def admitted(self, actor: Actor) -> Actor:
        """The actor, acting for another account where it is somebody's deputy; raises Forbidden without any right."""
        if actor is SYSTEM:
            return actor
        on = self.today
        own = self._accounts.get(actor.name)
        if own is not None and own.may(actor, on):
            return actor
        if actor.role is RoleCode.VISITOR:
            raise Forbidden("您今日没有有效的入户核查权限，请与区民政局联系。")
        for principal in self._principals:
            if principal.deputised(actor.name, on) and principal.may(actor, on):
                return replace(actor, acts_for=principal.account)
        if own is None and not self._strict:
            return actor
        raise Forbidden(f"您的账号今日没有区划 {actor.division_code}“{actor.role.label}”的有效权限，请联系安全管理员。")

    def any_granting(self) -> bool:
        """Whether any account may grant rights today: then no one is let in by the back door."""
        roles = (RoleCode.SECURITY_ADMIN, RoleCode.ADMINISTRATOR)
        on = self.today
        return any(
            right.role in roles and right.from_on <= on and (right.to_on is None or on <= right.to_on)
            for account in self._accounts.values()
            for right in account.rights
        )
