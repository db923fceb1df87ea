"""The HTTP service: GraphQL, papers, the map, health, metrics. `create_app` wires it; it connects when started."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import orjson
import uvicorn
from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api.access import ReadModels, ScopedPool
from api.auth import Authenticator
from api.bank import add_bank
from api.disaster_report import add_disaster_report
from api.exchange import add_exchange
from api.graphql.engine import Engine
from api.graphql.front import Front, Receive, Scope, Send
from api.graphql.schema import build_schema
from api.graphql.sync import sync_reader
from api.map import add_map
from api.papers import add_papers
from connectors.database import Tables
from connectors.public.schemas import asyncapi
from infra.reads import PersonReads
from infra.tasks import end

if TYPE_CHECKING:
    from api.platform import Platform

GRAPHQL = "/graphql"


class Service(FastAPI):
    """FastAPI for everything but /graphql, which goes straight to its front."""

    front: Front
    engine: Engine | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] in ("http", "websocket") and scope["path"] == GRAPHQL:
            await self.front(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def running(self) -> Engine:
        """The engine; only while the service runs."""
        assert self.engine is not None, "the service has not been started"
        return self.engine


def create_app(platform: "Platform", *, connections: int = 32) -> Service:
    """The service of an open platform; its lifespan opens and closes `connections` to the read models."""
    settings = platform.settings
    schema = build_schema()
    pool = ScopedPool(platform.databases.url, size=connections)
    reads = PersonReads(platform.databases.url)
    tables = Tables(platform.databases.url)
    models = ReadModels(platform.databases.url, lambda path: setattr(pool, "search_path", path))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await models.start()
        await platform.dispatcher.rights.refresh()
        following = asyncio.create_task(platform.dispatcher.rights.follow())
        service.engine = Engine(
            schema,
            pool,
            models,
            platform.log,
            platform.store,
            platform.dispatcher,
            reads,
            sync_reader(platform.log, settings, tables),
            open_introspection=settings.mode == "development",
        )
        try:
            yield
        finally:
            await end(following)
            await reads.close()
            await tables.close()
            await pool.close()
            await models.close()

    service = Service(title="minzheng", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    authenticator = Authenticator(settings)
    service.front = Front(service.running, authenticator)
    add_bank(service, platform, authenticator)
    add_disaster_report(service, platform, authenticator)
    add_papers(service, platform, authenticator)
    add_map(service, platform, authenticator)
    add_exchange(service, platform, tables)
    _add_health(service, models, {kind.projection for kind in schema.kinds} - {""})
    _add_messages(service, settings.kafka_prefix)
    return service


def serving(app: Service, host: str, port: int, **options: Any) -> uvicorn.Server:
    """The server of a service: `await serving(app, host, port).serve()` runs until it is told to stop."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        access_log=False,
        server_header=False,
        lifespan="on",
        log_level="warning",
        **options,
    )
    return uvicorn.Server(config)


def _add_messages(service: Service, prefix: str) -> None:
    """The interface of the messages in and out, for those who program against it: it names nobody."""

    @cache
    def document() -> bytes:
        return orjson.dumps(asyncapi(prefix, version("minzheng")))

    @service.get("/asyncapi.json")
    async def messages() -> Response:
        """AsyncAPI 3; written when it is asked for, not at every start."""
        return Response(document(), media_type="application/vnd.aai.asyncapi+json;version=3.0.0")


def _add_health(service: Service, models: ReadModels, expected: set[str]) -> None:
    @service.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process runs."""
        return {"status": "ok"}

    @service.get("/readyz")
    async def readyz(response: Response) -> dict[str, Any]:
        """The database answers and every read model exists."""
        ready = expected <= models.positions.keys()
        response.status_code = 200 if ready else 503
        return {"status": "ready" if ready else "waiting", "projections": models.positions}

    @service.get("/metrics")
    async def metrics() -> Response:
        """Prometheus metrics of this process."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
