"""One GraphQL request from text to bytes: by a compiled statement where SQL can answer, else by the executor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import asyncpg
import orjson
from graphql import ExecutionResult, execute

from api.access import ReadModels, Scope, ScopedPool
from api.graphql.arguments import Environment
from api.graphql.compiler import Compiler
from api.graphql.documents import Document, Documents, Invalid, Recent
from api.graphql.errors import database_error, formatted_all, internal, refusal
from api.graphql.limits import Limits, check_cost
from api.graphql.schema import ApiSchema
from api.graphql.selection import root_names
from api.graphql.sql import Lookup, Statement
from api.graphql.sync import SyncReader
from domain.access import Actor
from domain.errors import BadInput, MinzhengError, Unauthenticated
from domain.identity import parse_citizen_id
from domain.lights import near_until
from infra.dispatch import Dispatcher
from infra.log import EventLog
from infra.reads import PersonRead, PersonReads
from infra.store import EventStore

_WAIT = 10.0
"""Seconds a read waits for the read models."""
_LONGEST_PURPOSE = 200


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever asks, and what their connections are set to."""

    actor: Actor
    scope: Scope

    @classmethod
    def of(cls, actor: Actor, today: date | None = None) -> "Caller":
        """The caller an actor is, on a business date; whoever comes from outside is made by `Engine.caller`."""
        return cls(actor, Scope.of(actor, today))


@dataclass(slots=True)
class Request:
    """One GraphQL request as it came in."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    purpose: str = ""
    """What it is asked for, in the reader's words (`extensions.purpose`)."""
    matter: str = ""
    """The case or other matter it is asked for (`extensions.matter`)."""


def stated(extensions: Mapping[str, Any]) -> tuple[str, str]:
    """What a request says it is for: its purpose, and the matter it belongs to; raises BadInput."""
    purpose, matter = extensions.get("purpose") or "", extensions.get("matter") or ""
    for text in (purpose, matter):
        if not isinstance(text, str) or len(text) > _LONGEST_PURPOSE:
            raise BadInput(f"extensions 的 purpose、matter 应为至多 {_LONGEST_PURPOSE} 字的文本。", "extensions")
    return purpose, matter


@dataclass(slots=True)
class Answer:
    """A response's JSON. `error`: it is a request error (no `data`), of this code."""

    body: bytes
    error: str = ""
    compiled: bool = False


@dataclass(slots=True)
class Engine:
    """Everything a request needs. One for a process."""

    schema: ApiSchema
    pool: ScopedPool
    models: ReadModels
    log: EventLog
    store: EventStore
    dispatcher: Dispatcher
    reads: PersonReads | None = None
    """Where readings of persons are noted; None where nobody's data is at stake."""
    sync: SyncReader | None = None
    """How messages and platforms stand; None where nobody asks."""
    limits: Limits = field(default_factory=Limits)
    open_introspection: bool = True
    compiling: bool = True
    """False: the executor answers everything (for comparison)."""
    documents: Documents = field(init=False)
    compiler: Compiler = field(init=False)
    _introspected: Recent[tuple[str, str | None, bytes], Answer] = field(default_factory=lambda: Recent(32))

    def __post_init__(self) -> None:
        self.documents = Documents(self.schema.core, self.limits)
        self.compiler = Compiler(self.schema.core, self.schema.kinds, self.schema.roots)

    def caller(self, actor: Actor) -> Caller:
        """The caller an actor is by the rights in force now; raises Forbidden without any.

        It holds while `dispatcher.rights.epoch` stays what it is.
        """
        rights = self.dispatcher.rights
        return Caller.of(rights.admitted(actor), rights.today)

    async def answer(self, request: Request, caller: Caller | None, *, only_read: bool = False) -> Answer:
        """Answer a request; every failure is an Answer too. `only_read` refuses mutations (GET)."""
        try:
            document = self.documents.get(request.query, request.operation_name)
            if caller is None:
                return await self._introspect(request, document)
            if not document.is_query:
                if only_read:
                    raise BadInput("GET 请求只能查询；请用 POST 办理业务。")
                return await self._execute(request, document, caller)
            variables = document.coerce(self.schema.core, request.variables)
            return await self._read(request, document, variables, caller)
        except Invalid as invalid:
            return _refused(formatted_all(invalid.errors))
        except MinzhengError as error:
            return _refused([refusal(error)])
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            return _refused([refusal(_known(error))])
        except Exception as error:
            return _refused([{"message": internal(error), "extensions": {"code": "INTERNAL"}}])

    async def _read(self, request: Request, document: Document, variables: dict[str, Any], caller: Caller) -> Answer:
        try:
            statement = document.statement(self.compiler, variables, caller.actor.clear)
            environment = Environment(variables)
            check_cost(statement.cost(environment), self.limits)
            if statement.complete and self.compiling:
                data, persons = await self.run(statement, environment, caller)
                if persons:
                    await self.note(request, document, caller, persons)
                return Answer(b'{"data":' + data + b"}", compiled=True)
        except BadInput:
            pass  # the executor says which field it was, and answers the others
        except asyncpg.DataError:
            pass  # a number or text beyond what PostgreSQL holds
        if _only_introspection(document):
            return await self._introspect(request, document)
        return await self._execute(request, document, caller)

    async def run(self, statement: Statement, environment: Environment, caller: Caller) -> tuple[bytes, bytes]:
        """Look up and wait for what a statement needs, then run it under the caller's scope: `(json, ids)`."""
        for lookup in statement.lookups:
            environment.looked_up.append(await self._look_up(lookup, environment, caller))
        if statement.waits:
            await self.wait_for(statement.projections, max(get(environment) for get in statement.waits))
        return await self.pool.read(caller.scope, statement.sql, [get(environment) for get in statement.gets])

    async def note(self, request: Request, document: Document, caller: Caller, persons: bytes) -> None:
        """Note that somebody reads of these persons (ids of 16 bytes); raises Unavailable where that can't be done."""
        if self.reads is not None:
            named = document.operation.name
            name = named.value if named is not None else ""
            await self.reads.note(PersonRead(caller.actor, request.purpose, request.matter, name[:80], persons))

    async def wait_for(self, projections: frozenset[str], position: int) -> None:
        """Return when the projections have applied a position; raises Unavailable when that takes too long."""
        positions = self.models.positions
        if any(positions.get(name, 0) < position for name in projections):
            await self.models.wait_for(projections, position, _WAIT)

    async def _look_up(self, lookup: Lookup, environment: Environment, caller: Caller) -> Any:
        today = self.dispatcher.now().date()
        if lookup.what == "today":
            return today
        if lookup.what == "soon":
            return near_until(await self.dispatcher.parameters.get(), caller.actor.division_code, today)
        value = lookup.get(environment)
        if lookup.what == "position":
            return await self.log.position_at(value)
        return await self.store.find_person(parse_citizen_id(value).number18)

    async def _introspect(self, request: Request, document: Document) -> Answer:
        if not (self.open_introspection and _only_introspection(document)):
            raise Unauthenticated("请求没有携带令牌；请加上请求头 Authorization: Bearer <令牌>。")
        key = (request.query, request.operation_name, orjson.dumps(request.variables))
        answer = self._introspected.use(key)
        if answer is None:
            answer = await self._execute(request, document, None)
            self._introspected.keep(key, answer)
        return answer

    async def _execute(self, request: Request, document: Document, caller: Caller | None) -> Answer:
        from api.graphql.slow import Context

        context = Context(self, caller) if caller is not None else None
        result = execute(
            self.schema.core,
            document.ast,
            context_value=context,
            variable_values=dict(request.variables),
            operation_name=request.operation_name,
        )
        if not isinstance(result, ExecutionResult):
            result = await result
        if context is not None and context.persons:
            await self.note(request, document, context.caller, bytes(context.persons))
        if result.data is None and result.errors and not any(error.path for error in result.errors):
            return _refused(formatted_all(result.errors))
        body: dict[str, Any] = {"data": result.data}
        if result.errors:
            body["errors"] = formatted_all(result.errors)
        return Answer(orjson.dumps(body))


def _refused(errors: list[dict[str, Any]]) -> Answer:
    return Answer(orjson.dumps({"errors": errors}), error=errors[0]["extensions"]["code"])


def _known(error: BaseException) -> MinzhengError:
    """What a database failure means; one that means nothing to a caller goes to the server's log."""
    try:
        return database_error(error)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as unknown:
        return _Internal(internal(unknown))


class _Internal(MinzhengError):
    """An unexpected failure, already written to the server's log."""


def _only_introspection(document: Document) -> bool:
    names = root_names(document.operation.selection_set, document.fragments)
    return document.is_query and all(name.startswith("__") for name in names)
