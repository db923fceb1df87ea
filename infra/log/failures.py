"""Which of the driver's errors mean that the server can't be used now; no driver error leaves the log."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from domain.errors import BadInput, MinzhengError, Unavailable

AWAY = (
    OSError,  # TimeoutError included
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shutting down, starting up
    asyncpg.InsufficientResourcesError,  # disk full, too many connections
    asyncpg.ReadOnlySQLTransactionError,  # a standby
    asyncpg.InternalClientError,
)


def is_away(error: Exception) -> bool:
    """Whether the server, not the request, is at fault."""
    if isinstance(error, asyncpg.InterfaceError):
        # The driver has no class of its own for a connection that is closed; its other uses are the program's faults.
        return "clos" in str(error)
    return isinstance(error, AWAY)


def unavailable(error: Exception) -> Unavailable:
    """What callers see of a server that can't be used now."""
    return Unavailable(f"The event log can't be reached now ({type(error).__name__}); try again in a moment.")


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into the product's."""
    try:
        yield
    except (MinzhengError, asyncio.CancelledError):
        raise
    except Exception as error:
        if is_away(error):
            raise unavailable(error) from error
        if isinstance(error, asyncpg.DataError | ValueError):
            raise BadInput(f"The event log can't store or look up this value ({type(error).__name__}).") from error
        raise
