"""The long form: `python -m tests.chaos --faults 60 --seed 7`; prints the report, and fails where anything is wrong."""

import argparse
import json
import random
import sys

from tests.chaos.harness import chaos
from tests.chaos.weaknesses import WEAKNESSES


def main() -> None:
    """Run once for each seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=60)
    parser.add_argument("--seed", type=int, action="append", help="repeatable; a random one if none is given")
    parser.add_argument("--weakness", choices=WEAKNESSES, default="", help="run with one of the protections taken away")
    options = parser.parse_args()
    wrong = False
    for seed in options.seed or [random.randrange(1 << 30)]:
        report = chaos(seed, options.faults, options.weakness)
        print(json.dumps(report.as_json(), ensure_ascii=False, indent=2), flush=True)
        wrong = wrong or bool(report.verdict.wrong)
    sys.exit(wrong)


if __name__ == "__main__":
    main()
