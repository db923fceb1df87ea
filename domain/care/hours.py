"""Hours of home service that government buys a person in a month, and what of them is promised.

One stream a person and month: two who approve orders for the same person at once can't both use the last hour.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.care.order import ServiceOrder
from domain.codes import Payer
from domain.errors import RuleViolated
from domain.kernel import NO_ID


def hours_id(person: UUID, month: str) -> UUID:
    """The id of a person's purchased hours of a month."""
    return uuid5(person, f"purchased hours {month}")


class PurchasedHours(kernel.Aggregate):
    """A person's purchased hours of one month."""

    TOPIC: ClassVar[str] = "care.PurchasedHours"
    SUBJECT: ClassVar[str] = "hours"
    division_code: str = ""
    person_id: UUID = NO_ID
    month: str = ""

    class Created(kernel.Created):
        """Government buys this person services in this month."""

        TOPIC = "care.PurchasedHoursOpened"
        TITLE = "政府购买服务时数"
        person_id: UUID
        month: str
        division_code: str

        def gist(self) -> str:
            return self.month

    class Promised(kernel.Event):
        """An order was approved; with it so many minutes of the month's `quota_minutes` are used."""

        TOPIC = "care.PurchasedHoursPromised"
        TITLE = "使用政府购买服务时数"
        order_id: UUID
        used_minutes: int
        quota_minutes: int

        def apply(self, aggregate: "PurchasedHours") -> None:
            pass

        def gist(self) -> str:
            return f"已用 {self.used_minutes} 分钟，共 {self.quota_minutes} 分钟"

    @classmethod
    def open(cls, at: datetime, *, person_id: UUID, month: str, division_code: str) -> Self:
        """A month of which nothing is used yet."""
        return cls.create(
            cls.Created,
            id=hours_id(person_id, month),
            at=at,
            person_id=person_id,
            month=month,
            division_code=division_code,
        )

    def subjects(self) -> Iterable[str]:
        """Stands on its person's timeline."""
        yield f"person:{self.person_id}"

    def promise(self, at: datetime, *, order: ServiceOrder, others: Iterable[ServiceOrder], quota_minutes: int) -> int:
        """Use minutes for an order; `others` are the person's orders. Gives the minutes used with it.

        What was cancelled or missed uses nothing, what was given uses the units that were given.
        """
        used = order.unit_count * order.unit_minutes + sum(
            other.reserved_minutes
            for other in others
            if other.id != order.id and other.payer is Payer.GOVERNMENT and other.month == self.month
        )
        if used > quota_minutes:
            raise RuleViolated(
                f"{self.month} 政府购买的时数为 {quota_minutes} 分钟，连同此单共 {used} 分钟，超出部分不能批准。"
            )
        self.record(self.Promised, at=at, order_id=order.id, used_minutes=used, quota_minutes=quota_minutes)
        return used
