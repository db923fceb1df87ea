"""The command line `minzheng`: one module a group of verbs, put together in app.py.

Every verb exits 0 only on success and says in one line on standard error what went wrong otherwise.
"""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the program."""
    try:
        from api.cli.app import app
        from api.cli.base import run_app
    except KeyboardInterrupt:
        sys.exit(130)  # Ctrl-C while the modules were still being read
    sys.exit(run_app(app, sys.argv[1:] if arguments is None else arguments))
