"""Lists on the command line come through the same GraphQL engine as everyone else's, under an auditor's scope."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from api.app import create_app
from api.graphql.engine import Caller, Engine, Request
from domain.access import Actor, RoleCode
from domain.errors import BadInput, Unavailable

if TYPE_CHECKING:
    from api.platform import Platform

DISTRICT = "440704"
_PAGE = 500


@asynccontextmanager
async def engine_of(platform: "Platform") -> AsyncIterator[Engine]:
    """The GraphQL engine of an open platform, without a server."""
    service = create_app(platform, connections=2)
    async with service.router.lifespan_context(service):
        yield service.running()


async def read_list(
    platform: "Platform",
    field: str,
    columns: str,
    *,
    filter_type: str,
    filter: Mapping[str, Any],
    division: str,
    limit: int,
) -> list[dict[str, Any]]:
    """At most `limit` nodes of a list field; `division` is whose subtree is read."""
    caller = _auditor(division)
    document = (
        f"query List($filter: {filter_type}, $first: Int!, $after: String) {{ {field}(filter: $filter, first: $first, "
        f"after: $after) {{ nodes {{ {columns} }} pageInfo {{ hasNextPage endCursor }} }} }}"
    )
    nodes: list[dict[str, Any]] = []
    async with engine_of(platform) as engine:
        after = None
        while len(nodes) < limit:
            variables = {"filter": dict(filter), "first": min(_PAGE, limit - len(nodes)), "after": after}
            answer = await engine.answer(Request(document, variables), caller)
            page = _data(answer.body)[field]
            nodes.extend(page["nodes"])
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
    return nodes


async def count(platform: "Platform", field: str, filter_type: str, filter: Mapping[str, Any]) -> int:
    """How many nodes a list field has in the district."""
    document = f"query Count($filter: {filter_type}) {{ {field}(filter: $filter, first: 1) {{ totalCount }} }}"
    async with engine_of(platform) as engine:
        answer = await engine.answer(Request(document, {"filter": dict(filter)}), _auditor(DISTRICT))
    return int(_data(answer.body)[field]["totalCount"])


def _auditor(division: str) -> Caller:
    return Caller.of(Actor("minzheng", RoleCode.AUDITOR, division))


def _data(body: bytes) -> Any:
    answer = json.loads(body)
    for error in answer.get("errors", ()):
        code = error.get("extensions", {}).get("code")
        raise (BadInput if code == "BAD_USER_INPUT" else Unavailable)(error["message"])
    return answer["data"]
