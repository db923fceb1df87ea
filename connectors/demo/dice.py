"""A seeded source of choices that gives the same on every Python: it rests on `random.random()` alone."""

import random
from bisect import bisect
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


class Dice:
    """Choices from one seed. Only `random()` is promised to stay the same between versions of Python."""

    def __init__(self, *seed: int) -> None:
        number = 0
        for part in seed:
            number = number * 1_000_003 + part
        self._random = random.Random(number).random

    def chance(self, probability: float) -> bool:
        """True with that probability."""
        return self._random() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._random() * (high - low + 1))

    def near(self, middle: int, spread: int) -> int:
        """A whole number around `middle`, at most `spread` away, the closer the likelier."""
        return middle + round((self._random() + self._random() - 1) * spread)

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[int(self._random() * len(items))]

    def day(self, first: date, last: date) -> date:
        """A day from `first` to `last`, both included; `first` where it lies behind `last`."""
        return first + timedelta(days=self.between(0, max(0, (last - first).days)))

    def shuffle(self, items: list[T]) -> None:
        """Put the items into another order, in place."""
        for index in range(len(items) - 1, 0, -1):
            other = int(self._random() * (index + 1))
            items[index], items[other] = items[other], items[index]


class Weighted(Generic[T]):
    """Items with weights, to pick from again and again."""

    def __init__(self, *items: tuple[T, float]) -> None:
        self._items = [item for item, _ in items]
        self._bounds = list(accumulate(weight for _, weight in items))

    def pick(self, dice: Dice) -> T:
        """One item, by its weight."""
        point = dice.between(0, 999_999) / 1_000_000 * self._bounds[-1]
        return self._items[bisect(self._bounds, point)]


class Share:
    """Spreads a share evenly over what passes, the first one early, so that even a small district has each kind."""

    def __init__(self, share: float, first: int = 0) -> None:
        self._share = share
        self._due = 1.0 - share * (first + 1)

    def due(self) -> bool:
        """Whether this one is due; it stays due until `done`."""
        self._due += self._share
        return self._due >= 1.0 - 1e-9

    def done(self) -> None:
        """One has been made."""
        self._due -= 1.0
