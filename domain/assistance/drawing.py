"""The draw of a verification sample: a shuffle that anyone can recompute with a seed and a list of households.

A seed's hash is published first, the seed itself only when the sample is drawn. Households are ordered by the SHA-256
of `seed:household id` (the id in its usual writing with hyphens, lower case), and the first ones are the sample.
Nothing else plays a part: not the order they came in, not the computer, not the day. docs/sampling.md does it by hand.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from domain.errors import BadInput

_HASH = re.compile(r"[0-9a-f]{64}")
SHORTEST_SEED = 32
"""Characters; a shorter seed could be found by trying, once its hash is known."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sample and what it was drawn from, each by household id."""

    population: tuple[UUID, ...]
    """Every household with a case in force, by id."""
    left_out: int
    """How many of them were met in the cycle's first year already."""
    households: tuple[UUID, ...]
    """The sample, in the order of the draw."""
    cases: tuple[UUID, ...]
    """A case of each, in the same order."""


def draw(seed: str, active: Iterable[tuple[UUID, UUID]], met: Collection[UUID], share_bp: int) -> Drawn:
    """Draw at least `share_bp` basis points of the households in `active` (household, case) that are not in `met`.

    A household with several cases in force is drawn once, with the least case id.
    """
    case_of: dict[UUID, UUID] = {}
    for household, case in active:
        case_of[household] = min(case, case_of.get(household, case))
    rest = [household for household in case_of if household not in met]
    count = -(-len(rest) * share_bp // 10_000)
    households = tuple(sorted(rest, key=lambda household: (rank(seed, household), household))[:count])
    population = tuple(sorted(case_of))
    left_out = len(population) - len(rest)
    return Drawn(population, left_out, households, tuple(case_of[household] for household in households))


def rank(seed: str, household: UUID) -> str:
    """Where a household stands in the order of a seed."""
    return sha256(f"{seed}:{household}".encode()).hexdigest()


def hash_of(seed: str) -> str:
    """What is published of a seed before the draw."""
    return sha256(seed.encode()).hexdigest()


def digest_of(ids: Iterable[UUID]) -> str:
    """The SHA-256 of a list of ids, one a line without an end of line after the last."""
    return sha256("\n".join(map(str, ids)).encode()).hexdigest()


def demand_hash(text: str) -> str:
    """The hash itself, in lower case; raises BadInput for anything else."""
    plain = text.strip().lower()
    if not _HASH.fullmatch(plain):
        raise BadInput(
            "种子散列应为 64 位十六进制的 SHA-256 值；可用 minzheng sample seed 生成种子及其散列。", "seed_hash"
        )
    return plain
