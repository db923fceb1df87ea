"""`python -m api.cli`: how a process of ours starts another one, whatever the PATH."""

from api.cli import main

main()
