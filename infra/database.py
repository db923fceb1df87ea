"""Connections: the URL comes from settings, the rights from one of four roles that own or do as little as they can.

    owner      creates and changes tables
    appender   writes the log, only through its function
    projector  writes the read models
    reader     reads the read models under row security

No run-time connection is a superuser's: a login that is a member of these roles takes one of them at connect.
"""

from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg

from domain.errors import Unavailable
from infra.settings import Settings

Role = Literal["owner", "appender", "projector", "reader"]
ROLES: tuple[Role, ...] = ("owner", "appender", "projector", "reader")
LOGIN = "minzheng"
"""Login of the embedded server's run-time connections."""


def role_name(role: Role) -> str:
    """The role's name in PostgreSQL."""
    return f"minzheng_{role}"


def runtime_url(settings: Settings, embedded: str) -> str:
    """The URL that run-time connections use: the setting's, or the embedded server's with the plain login."""
    return settings.database_url or with_user(embedded, LOGIN)


def with_user(url: str, user: str) -> str:
    """The same URL for another user, without the first one's password."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}@{host}"))


def with_database(url: str, database: str) -> str:
    """The same server, another database."""
    parts = urlsplit(url)
    query = urlencode([(k, v) for k, v in parse_qsl(parts.query) if k != "dbname"])
    return urlunsplit(parts._replace(path=f"/{database}", query=query))


def session_settings(role: Role | None, **settings: str) -> dict[str, str]:
    """Server settings of a connection: its role and what else it fixes (application_name, search_path, …)."""
    own = {"jit": "off", "timezone": "+08", "application_name": "minzheng"}
    if role is not None:
        own["role"] = role_name(role)
    return {**own, **settings}


async def connect(url: str, role: Role | None, **settings: str) -> "asyncpg.Connection[Any]":
    """One connection under `role` (None: as the URL's own user).

    Raises Unavailable where the server can't be reached or refuses.
    """
    try:
        return await asyncpg.connect(url, server_settings=session_settings(role, **settings))
    except (OSError, asyncpg.PostgresError) as error:
        raise Unavailable(unreachable(error)) from error


def unreachable(error: Exception) -> str:
    """One sentence for a server that refuses or can't be found, without the URL's secrets."""
    return f"PostgreSQL can't be reached ({type(error).__name__}); check MINZHENG_DATABASE_URL and that it runs."
