"""The map as GeoJSON, behind the same bearer token and under the same scope as GraphQL.

    GET /grids.geojson[?division=…]                    grids of now that have a border, with who answers for them
    GET /incidents.geojson[?division=…][&open=false]   places of incidents, open ones unless asked for all

A feature has what anybody with the area may see: neither the words of a place, nor who reported it, nor any person.
"""

from typing import TYPE_CHECKING, Any

import orjson
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from api.auth import Authenticator
from api.graphql.engine import Caller
from api.graphql.grid_questions import features_of
from api.graphql.indicators import division_within
from api.graphql.slow import Context
from api.plain import HEADERS, answered
from domain.access import Actor, Area
from domain.errors import TooComplex

if TYPE_CHECKING:
    from api.app import Service
    from api.platform import Platform

MOST = 20_000
"""Features of one answer."""
GEOJSON = "application/geo+json"


def add_map(service: "Service", platform: "Platform", authenticator: Authenticator) -> None:
    """Put the addresses into the service."""
    shown = _Map(service)
    rights = platform.dispatcher.rights
    for path, handler in (("/grids.geojson", shown.grids), ("/incidents.geojson", shown.incidents)):
        _route(service, path, answered(handler, authenticator, rights))


def _route(service: FastAPI, path: str, handler: Any) -> None:
    service.add_route(path, handler, methods=["GET"])


class _Map:
    """One handler an address."""

    def __init__(self, service: "Service") -> None:
        self._service = service

    async def grids(self, request: Request, actor: Actor) -> Response:
        """Borders."""
        return await self._features(
            request,
            actor,
            "grid",
            ("polygon", "id", "code", "name", "division_code"),
            ["t.polygon IS NOT NULL", "t.closed_on IS NULL"],
        )

    async def incidents(self, request: Request, actor: Actor) -> Response:
        """Places of incidents."""
        conditions = ["t.location IS NOT NULL"]
        if request.query_params.get("open", "true") != "false":
            conditions.append("t.open")
        columns = ("location", "id", "type", "urgency", "state", "level", "division_code", "grid_code", "reported_at")
        return await self._features(request, actor, "incident", columns, conditions)

    async def _features(
        self, request: Request, actor: Actor, kind: str, columns: tuple[str, ...], conditions: list[str]
    ) -> Response:
        """A FeatureCollection of these columns: the first is the geometry, the second the id."""
        division = division_within(actor, request.query_params.get("division"), Area.GRID)
        engine = self._service.running()
        context = Context(engine, Caller.of(actor, engine.dispatcher.rights.today))
        features = await features_of(context, kind, columns, conditions, division, MOST + 1)
        if len(features) > MOST:
            raise TooComplex(f"超过 {MOST} 个要素，请用 division 分区划取。")
        content = orjson.dumps({"type": "FeatureCollection", "features": features})
        return Response(content, media_type=GEOJSON, headers=HEADERS)
