"""When a platform that does not answer is asked again: soon at first, then later and later, in the end hardly at all.

After some failures in a row the way counts as broken (熔断): from then on one attempt in a while finds out whether it
is back, and the first answer closes it again.
"""

import random

FIRST, MOST = 1.0, 60.0
"""Seconds before the second attempt, doubled for each further one, up to the most."""
BROKEN_AFTER = 10
"""Failures in a row after which the way counts as broken."""
PROBE = 300.0
"""Seconds between two attempts while it is broken."""


def wait_after(failures: int, chance: float | None = None) -> float:
    """Seconds until the next attempt after so many failures in a row, up to half more of them by chance.

    `chance` from 0 to 1 takes the place of chance: many that failed together do not come back together.
    """
    wait = PROBE if is_broken(failures) else min(MOST, FIRST * 2.0 ** (failures - 1))
    return wait * (1 + 0.5 * (random.random() if chance is None else chance))


def is_broken(failures: int) -> bool:
    """Whether the way counts as broken after so many failures in a row."""
    return failures >= BROKEN_AFTER


__all__ = ["BROKEN_AFTER", "FIRST", "MOST", "PROBE", "is_broken", "wait_after"]
