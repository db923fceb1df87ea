"""How plain HTTP answers say what went wrong: the same error tree as in GraphQL, with a status of its own."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from domain.errors import MinzhengError

STATUS = {
    "BAD_USER_INPUT": 400,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "CONFLICT": 409,
    "RULE_VIOLATED": 422,
    "TOO_COMPLEX": 413,
    "UNAVAILABLE": 503,
}
"""HTTP status of each code of the error tree."""


def answer_failures(service: FastAPI) -> None:
    """Answer the product's own errors in one sentence with their code."""

    @service.exception_handler(MinzhengError)
    async def answer(request: Request, error: MinzhengError) -> JSONResponse:
        body = {"error": {"code": error.code, "message": str(error)}}
        return JSONResponse(body, status_code=STATUS.get(error.code, 500))
