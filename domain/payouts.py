"""What any payment is held against, whatever it is for: the person it is for, and the bank's answer."""

from datetime import date
from typing import Protocol
from uuid import UUID

from domain.formulas import yuan


class KnownPerson(Protocol):
    """What the rules of payments need to know of a person; the registry's Person has it."""

    @property
    def id(self) -> UUID: ...
    @property
    def version(self) -> int: ...
    @property
    def died_on(self) -> date | None: ...


class PaidOut(Protocol):
    """What the bank's answer is held against: a payment of a case or of a benefit."""

    @property
    def amount_fen(self) -> int: ...
    @property
    def account(self) -> str | None: ...
    @property
    def returned(self) -> bool: ...


def bank_differences(payment: PaidOut, amount_fen: int, account: str | None, *, cleared: bool) -> list[str]:
    """Each respect in which the bank's answer differs from what was paid, in words."""
    differs = []
    if amount_fen != payment.amount_fen:
        differs.append(f"银行金额 {yuan(amount_fen)}，发放金额 {yuan(payment.amount_fen)}")
    if account and payment.account and account != payment.account:
        differs.append("银行账号与发放账号不同")
    if cleared and payment.returned:
        differs.append("已登记退回，银行又报告入账")
    return differs
