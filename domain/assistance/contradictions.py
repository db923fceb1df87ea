"""What contradicts the rules in what sources reported. Pure functions; each contradiction becomes one finding.

A finding's id is derived by the caller from its draft's `key`, so that looking twice finds nothing twice. The cases,
payments and persons handed in may be fewer than the district has: what isn't handed in is not looked at.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Protocol
from uuid import UUID

from domain.assistance.amounts import compute
from domain.assistance.case import Case
from domain.assistance.payment import Payment
from domain.clock import first_day, month_of
from domain.codes import CaseState, FindingRule, PaymentKind, Scheme
from domain.errors import ParameterNotInForce
from domain.findings import FindingDraft
from domain.formulas import yuan
from domain.parameters import Parameters
from domain.payouts import KnownPerson, bank_differences

EXCLUSIVE = frozenset({Scheme.DIBAO, Scheme.TEKUN})
"""Nobody may be covered twice by these, in one or in both (民发〔2021〕43号: tekun excludes dibao)."""


def of_payment(
    payment: Payment, case: Case, persons: Mapping[UUID, KnownPerson], paid_before: Iterable[Payment]
) -> tuple[FindingDraft, ...]:
    """What contradicts a payment: death, amount, entitlement, an earlier payment of the same case and month."""
    if payment.returned:
        return ()
    found = list(_after_death(payment, case, persons))
    if payment.kind is not PaymentKind.BACK_PAY:
        found.extend(_amount(payment, case))
        found.extend(_twice(payment, case, paid_before))
    return tuple(found)


def of_bank_answer(
    payment: Payment, amount_fen: int, account: str | None, *, cleared: bool
) -> tuple[FindingDraft, ...]:
    """What contradicts a payment in the bank's answer to it: another amount or account, or money that had come back."""
    differs = bank_differences(payment, amount_fen, account, cleared=cleared)
    if not differs:
        return ()
    return (
        _of_case_payment(
            FindingRule.BANK_DIFFERS,
            payment,
            amount_fen - payment.amount_fen,
            f"{payment.month} {'；'.join(differs)}。",
            (_seen("payment", payment),),
        ),
    )


def of_death(
    person: KnownPerson, payments: Iterable[Payment], cases: Mapping[UUID, Case] | None = None
) -> tuple[FindingDraft, ...]:
    """Payments for months after a death that is learnt only now.

    `payments` may be any; with `cases` those count too that were paid to someone else for a case covering the person.
    """
    found = []
    for payment in payments:
        if not payment.returned and _paid_dead(payment, person):
            case = (cases or {}).get(payment.case_id)
            if (draft := _death_draft(payment, case, person, learnt_late=True)) is not None:
                found.append(draft)
    return tuple(found)


def of_case(
    case: Case,
    persons: Mapping[UUID, KnownPerson],
    parameters: Parameters,
    other_cases: Iterable[Case],
    on: date | None = None,
) -> tuple[FindingDraft, ...]:
    """What contradicts a case itself: its amount, its members' other cases, members dead before the application.

    The amount is held against the parameters in force `on`; without it, on the first day of the amount's own month.
    """
    found = list(_off_rule(case, parameters, on))
    found.extend(_exclusive(case, other_cases))
    found.extend(_dead_members(case, persons))
    return tuple(found)


def _after_death(payment: Payment, case: Case, persons: Mapping[UUID, KnownPerson]) -> Iterator[FindingDraft]:
    for person_id in dict.fromkeys((*case.members_for(payment.month), payment.payee_id)):
        person = persons.get(person_id)
        if person is not None and _paid_dead(payment, person):
            draft = _death_draft(payment, case, person, learnt_late=False)
            if draft is not None:
                yield draft


def _paid_dead(payment: Payment, person: KnownPerson) -> bool:
    """Whether a payment is for a month after the one in which the person died (that one is still due)."""
    return person.died_on is not None and payment.month > month_of(person.died_on)


def _death_draft(payment: Payment, case: Case | None, person: KnownPerson, *, learnt_late: bool) -> FindingDraft | None:
    covered = case.members_for(payment.month) if case is not None else ()
    if person.id not in covered and payment.payee_id != person.id:
        return None
    amount = payment.amount_fen // len(covered) if person.id in covered else payment.amount_fen
    seen = [_seen("person", person), *([_seen("case", case)] if case is not None else []), _seen("payment", payment)]
    died_on = person.died_on
    assert died_on is not None, "asked only of the dead"
    whose = "保障对象" if person.id in covered else "领取人"
    return FindingDraft(
        rule=FindingRule.PAID_AFTER_DEATH,
        subject=f"person:{person.id}",
        case_id=payment.case_id,
        person_id=person.id,
        month=payment.month,
        amount_fen=amount,
        detail=f"{whose}于 {died_on.isoformat()} 死亡，{payment.month} 仍发放，按人均计 {yuan(amount)}。"
        + ("发放在先，死亡信息在后。" if learnt_late else "发放时已有死亡信息。"),
        evidence=tuple(reversed(seen) if learnt_late else seen),
        division_code=payment.division_code,
        effective_on=first_day(payment.month),
        key=f"paid_after_death|{person.id}|{payment.id}",
    )


def _amount(payment: Payment, case: Case) -> Iterator[FindingDraft]:
    due = case.amount_for(payment.month)
    evidence = (_seen("case", case), _seen("payment", payment))
    if due is None:
        yield _of_case_payment(
            FindingRule.PAID_NOT_ENTITLED,
            payment,
            payment.amount_fen,
            f"{payment.month} 不在该个案的保障期内，仍发放 {yuan(payment.amount_fen)}。",
            evidence,
        )
    elif due != payment.amount_fen:
        yield _of_case_payment(
            FindingRule.AMOUNT_DIFFERS,
            payment,
            payment.amount_fen - due,
            f"{payment.month} 核定 {yuan(due)}，实发 {yuan(payment.amount_fen)}。",
            evidence,
        )


def _twice(payment: Payment, case: Case, paid_before: Iterable[Payment]) -> Iterator[FindingDraft]:
    for earlier in paid_before:
        same = (earlier.case_id, earlier.month, earlier.kind) == (payment.case_id, payment.month, payment.kind)
        if same and earlier.id != payment.id and not earlier.returned:
            yield _of_case_payment(
                FindingRule.PAID_TWICE,
                payment,
                payment.amount_fen,
                f"{payment.month} 已发放 {yuan(earlier.amount_fen)}，又发放 {yuan(payment.amount_fen)}。",
                (_seen("case", case), _seen("payment", earlier), _seen("payment", payment)),
            )
            return


def _of_case_payment(
    rule: FindingRule, payment: Payment, amount_fen: int, detail: str, evidence: tuple[str, ...]
) -> FindingDraft:
    return FindingDraft(
        rule=rule,
        subject=f"case:{payment.case_id}",
        case_id=payment.case_id,
        person_id=None,
        month=payment.month,
        amount_fen=amount_fen,
        detail=detail,
        evidence=evidence,
        division_code=payment.division_code,
        effective_on=first_day(payment.month),
        key=f"{rule.value}|{payment.id}",
    )


def _off_rule(case: Case, parameters: Parameters, on: date | None) -> Iterator[FindingDraft]:
    basis = case.basis()
    month = case.entitlement.latest_month()
    if basis is None or month is None or case.state is not CaseState.PAYING:
        return
    day = on or first_day(month)
    try:
        computed = compute(basis, parameters, day)
    except ParameterNotInForce:
        return  # without a standard there is nothing to hold the amount against
    if computed.amount_fen == case.monthly_fen:
        return
    yield FindingDraft(
        rule=FindingRule.AMOUNT_OFF_RULE,
        subject=f"case:{case.id}",
        case_id=case.id,
        person_id=None,
        month=month_of(day),
        amount_fen=case.monthly_fen - computed.amount_fen,
        detail=f"核定每月 {yuan(case.monthly_fen)}，按 {day.isoformat()} 有效标准应为 {yuan(computed.amount_fen)}。",
        evidence=(*(f"parameter:{ref}" for ref in computed.parameters), _seen("case", case)),
        division_code=case.division_code,
        effective_on=day,
        key=f"amount_off_rule|{case.id}|{case.monthly_fen}|{computed.amount_fen}",
    )


def _exclusive(case: Case, other_cases: Iterable[Case]) -> Iterator[FindingDraft]:
    for other in other_cases:
        if other.id == case.id or not EXCLUSIVE.issuperset((case.scheme, other.scheme)):
            continue
        for person_id, month in _covered_by_both(case, other).items():
            dibao = other if other.scheme is Scheme.DIBAO else case
            pair = "|".join(sorted((str(case.id), str(other.id))))
            yield FindingDraft(
                rule=FindingRule.EXCLUSIVE_SCHEMES,
                subject=f"person:{person_id}",
                case_id=case.id,
                person_id=person_id,
                month=month,
                amount_fen=(dibao.amount_for(month) or 0) // len(dibao.members_for(month)),
                detail=f"自 {month} 起同时享受{other.scheme.label}和{case.scheme.label}。",
                evidence=(_seen("case", other), _seen("case", case)),
                division_code=case.division_code,
                effective_on=first_day(month),
                key=f"exclusive_schemes|{person_id}|{pair}",
            )


def _covered_by_both(one: Case, other: Case) -> dict[UUID, str]:
    """Each person whom both cases cover while both pay, with the first such month.

    An overlap can begin only where an amount or a roster of either case changes.
    """
    months = {due.month for case in (one, other) for due in case.entitlement.steps}
    months |= {roster.month for case in (one, other) for roster in case.rosters.lists if roster.month}
    found: dict[UUID, str] = {}
    for month in sorted(months):
        if one.amount_for(month) is not None and other.amount_for(month) is not None:
            for person_id in set(one.members_for(month)) & set(other.members_for(month)):
                found.setdefault(person_id, month)
    return found


def _dead_members(case: Case, persons: Mapping[UUID, KnownPerson]) -> Iterator[FindingDraft]:
    for person_id in case.member_ids:
        person = persons.get(person_id)
        if person is None or person.died_on is None or case.applied_on is None or person.died_on >= case.applied_on:
            continue
        yield FindingDraft(
            rule=FindingRule.DEAD_MEMBER,
            subject=f"person:{person_id}",
            case_id=case.id,
            person_id=person_id,
            month=month_of(case.applied_on),
            amount_fen=case.monthly_fen // len(case.member_ids),
            detail=f"保障对象于 {person.died_on.isoformat()} 死亡，早于申请日 {case.applied_on.isoformat()}。",
            evidence=(_seen("person", person), _seen("case", case)),
            division_code=case.division_code,
            effective_on=case.applied_on,
            key=f"dead_member|{person_id}|{case.id}",
        )


class _Versioned(Protocol):
    @property
    def id(self) -> UUID: ...
    @property
    def version(self) -> int: ...


def _seen(kind: str, aggregate: _Versioned) -> str:
    return f"{kind}:{aggregate.id}@{aggregate.version}"
