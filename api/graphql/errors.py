"""Every error that leaves the API: one sentence, and a code that programs can rely on (`extensions.code`)."""

import logging
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import asyncpg
from graphql import GraphQLError, GraphQLSyntaxError

from domain.errors import BadInput, MinzhengError, TooComplex, Unavailable

_log = logging.getLogger(__name__)

INTERNAL = "INTERNAL"
"""A fault of the program: the caller gets a reference to the server's log, never what went wrong inside."""


def database_error(error: BaseException) -> MinzhengError:
    """What a failed read means to its caller; unknown failures are raised again as they are."""
    if isinstance(error, asyncpg.QueryCanceledError):
        return TooComplex("查询超时；请缩小范围或减少每页条数。")
    if isinstance(error, OSError | asyncpg.InterfaceError | asyncpg.PostgresConnectionError | TimeoutError):
        return Unavailable("数据库暂时无法访问，请稍后再试。")
    if isinstance(error, asyncpg.UndefinedTableError | asyncpg.UndefinedColumnError | asyncpg.InvalidSchemaNameError):
        return Unavailable("读模型正在建立，请稍后再试。")
    if isinstance(error, asyncpg.OperatorInterventionError | asyncpg.InsufficientResourcesError):
        return Unavailable("数据库暂时无法访问，请稍后再试。")
    raise error


def formatted(error: GraphQLError, default: str = "BAD_USER_INPUT") -> dict[str, Any]:
    """One error as GraphQL JSON. `default` is the code of an error that no exception of ours stands behind."""
    original = error.original_error
    shown = error.formatted
    extensions = dict(shown.get("extensions") or {})
    message = error.message
    if isinstance(original, MinzhengError):
        extensions["code"] = original.code
        if isinstance(original, BadInput) and original.field:
            extensions["field"] = original.field
    elif error.path and original is not None and not isinstance(original, GraphQLError):
        message = internal(original)
        extensions["code"] = INTERNAL
    elif "code" not in extensions:
        extensions["code"] = _code_of(error, default)
    body: dict[str, Any] = {"message": message, "extensions": extensions}
    if shown.get("locations"):
        body["locations"] = shown["locations"]
    if shown.get("path"):
        body["path"] = shown["path"]
    return body


def formatted_all(errors: Iterable[GraphQLError], default: str = "BAD_USER_INPUT") -> list[dict[str, Any]]:
    """Several errors as GraphQL JSON."""
    return [formatted(error, default) for error in errors]


def refusal(error: MinzhengError) -> dict[str, Any]:
    """An error of ours that no place in the document stands for."""
    return formatted(GraphQLError(str(error), original_error=error))


def internal(error: BaseException) -> str:
    """Write an unexpected error to the server's log; returns the sentence with the reference the caller is given."""
    reference = uuid4().hex[:12]
    _log.error("unexpected error %s", reference, exc_info=error)
    return f"服务器内部错误，请将编号 {reference} 告知管理员。"


def _code_of(error: GraphQLError, default: str) -> str:
    if isinstance(error, GraphQLSyntaxError) and ("Parsing aborted" in error.message):
        return TooComplex.code
    return default
