"""Plain HTTP beside GraphQL: who asks, by token and by the rights in force, and what went wrong, as the same JSON."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from api.auth import Authenticator
from api.graphql.errors import internal, refusal
from domain.access import Actor
from domain.errors import MinzhengError, NotFound
from infra.rights import Rights

Handler = Callable[[Request, Actor], Awaitable[Response]]
Plain = Callable[[Request], Awaitable[Response]]

STATUS = {
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "CONFLICT": 409,
    "RULE_VIOLATED": 422,
    "UNAVAILABLE": 503,
    "INTERNAL": 500,
}
"""HTTP status of each code of the error tree that is not 400."""
HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    # Whatever stands in a file or a name, a browser runs nothing of it and asks nobody else for anything.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
}
"""Headers of every answer."""


def answered(handler: Handler, authenticator: Authenticator, rights: Rights) -> Plain:
    """The handler for whoever the token names, as far as their rights go today; errors as GraphQL gives them."""

    async def answer(request: Request) -> Response:
        identity = await authenticator.authenticate(request.headers.get("authorization"))
        return await handler(request, rights.admitted(identity.actor))

    return guarded(answer)


def guarded(handler: Plain) -> Plain:
    """The handler with its errors told as GraphQL tells them."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except MinzhengError as error:
            return _refused(error, getattr(error, "status", STATUS.get(error.code, 400)))
        except ClientDisconnect:
            raise
        except Exception as error:
            return _refused(Unexpected(internal(error)), 500)

    return answer


def known_id(text: str) -> UUID:
    """An id in an address: what is none is not found."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("没有找到；地址中应为标识（UUID）。") from None


class Unexpected(MinzhengError):
    """A fault of the program, told by its reference only."""


def _refused(error: MinzhengError, status: int) -> Response:
    headers = {**HEADERS, "www-authenticate": "Bearer"} if status == 401 else HEADERS
    return JSONResponse({"errors": [refusal(error)]}, status, headers)
