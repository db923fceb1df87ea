"""What contradicts the rules in what sources reported of benefits. Pure functions, as for cases.

Only what can be said without a person's health data is held against the rule: the old-age allowance's amount by age.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from domain.care.benefit import Benefit
from domain.care.benefit_payment import BenefitPayment
from domain.care.benefits.amounts import Known, Refusal, compute
from domain.care.benefits.exclusion import Line, judge
from domain.clock import first_day, month_of
from domain.codes import BenefitKind, FindingRule
from domain.errors import ParameterNotInForce
from domain.findings import FindingDraft
from domain.formulas import yuan
from domain.parameters import Parameters
from domain.payouts import KnownPerson, bank_differences


def of_benefit(benefit: Benefit, known: Known, parameters: Parameters, month: str) -> Iterator[FindingDraft]:
    """A benefit enrolled outside its age, or at another amount than the rule then in force gives."""
    due = benefit.amount_for(month)
    if benefit.kind is not BenefitKind.OLD_AGE_ALLOWANCE or due is None or known.birth_on is None:
        return
    try:
        computed = compute(benefit.kind, known, parameters, month)
    except ParameterNotInForce:
        return  # without an amount there is nothing to hold it against
    if isinstance(computed, Refusal):
        yield _draft(
            FindingRule.OUTSIDE_AGE, benefit, month, due, f"自 {month} 起按月 {yuan(due)}：{computed.reason}", month
        )
    elif computed.amount_fen != due:
        detail = f"{month} 在册每月 {yuan(due)}，按当月年龄和当时标准应为 {yuan(computed.amount_fen)}。"
        key = f"{month}|{due}|{computed.amount_fen}"
        yield _draft(FindingRule.BENEFIT_OFF_RULE, benefit, month, due - computed.amount_fen, detail, key)


def of_lines(benefit: Benefit, lines: Iterable[Line], month: str) -> Iterator[FindingDraft]:
    """Lines of the benefit's person that may not be paid together in a month; each pair once, at the lower's amount."""
    for each in judge(lines, month).dropped:
        if str(benefit.id) not in (each.line.key, each.stays.key):
            continue
        pair = "|".join(sorted((each.line.key, each.stays.key)))
        yield _draft(
            FindingRule.EXCLUSIVE_BENEFITS,
            benefit,
            month,
            each.line.amount_fen,
            f"{month} 同时享受{each.stays.kind.label}和{each.line.kind.label}：{each.said}。",
            pair,
        )


def on_roll_after_death(benefit: Benefit, person: KnownPerson, month: str) -> Iterator[FindingDraft]:
    """A benefit that is still due in a month although the person died before it."""
    died, due = person.died_on, benefit.amount_for(month)
    if died is not None and due and month > month_of(died):
        detail = f"享受待遇的人于 {died.isoformat()} 死亡，{month} 仍在{benefit.kind.label}名册上，每月 {yuan(due)}。"
        yield _draft(FindingRule.PAID_AFTER_DEATH, benefit, month, due, detail, f"roll {month}")


def of_payment(
    payment: BenefitPayment, benefit: Benefit, person: KnownPerson, paid_before: Iterable[BenefitPayment] = ()
) -> Iterator[FindingDraft]:
    """A payment for a month after the death, for a month that is not due, of another amount, or a second one."""
    if payment.returned:
        return
    month, due = payment.month, benefit.amount_for(payment.month)
    died = person.died_on
    if died is not None and month > month_of(died):
        yield from paid_after_death(person, (payment,))
    elif due is None:
        detail = f"{month} 不在{benefit.kind.label}的享受期内，仍发放 {yuan(payment.amount_fen)}。"
        yield _of_payment(FindingRule.PAID_NOT_ENTITLED, payment, benefit, payment.amount_fen, detail)
    elif due != payment.amount_fen:
        detail = f"{month} {benefit.kind.label}核定 {yuan(due)}，实发 {yuan(payment.amount_fen)}。"
        yield _of_payment(FindingRule.AMOUNT_DIFFERS, payment, benefit, payment.amount_fen - due, detail)
    for earlier in paid_before:
        same = (earlier.benefit_id, earlier.month, earlier.kind) == (payment.benefit_id, month, payment.kind)
        if same and earlier.id != payment.id and not earlier.returned:
            detail = (
                f"{month} {benefit.kind.label}已发放 {yuan(earlier.amount_fen)}，又发放 {yuan(payment.amount_fen)}。"
            )
            yield _of_payment(FindingRule.PAID_TWICE, payment, benefit, payment.amount_fen, detail)
            return


def paid_after_death(person: KnownPerson, payments: Iterable[BenefitPayment]) -> Iterator[FindingDraft]:
    """Payments for months after the one of the death, whenever either was learnt; each once."""
    died = person.died_on
    for payment in payments:
        if died is None or payment.returned or payment.month <= month_of(died):
            continue
        paid = f"{payment.benefit.label} {yuan(payment.amount_fen)}"
        yield FindingDraft(
            rule=FindingRule.PAID_AFTER_DEATH,
            subject=f"person:{payment.person_id}",
            case_id=None,
            person_id=payment.person_id,
            month=payment.month,
            amount_fen=payment.amount_fen,
            detail=f"享受待遇的人于 {died.isoformat()} 死亡，{payment.month} 仍发放{paid}。",
            evidence=(f"person:{person.id}@{person.version}", f"benefit_payment:{payment.id}@{payment.version}"),
            division_code=payment.division_code,
            effective_on=first_day(payment.month),
            key=f"{FindingRule.PAID_AFTER_DEATH.value}|{payment.benefit_id}|{payment.id}",
        )


def of_bank_answer(
    payment: BenefitPayment, amount_fen: int, account: str | None, *, cleared: bool
) -> tuple[FindingDraft, ...]:
    """What contradicts a payment in the bank's answer to it."""
    differs = bank_differences(payment, amount_fen, account, cleared=cleared)
    if not differs:
        return ()
    return (
        FindingDraft(
            rule=FindingRule.BANK_DIFFERS,
            subject=f"person:{payment.person_id}",
            case_id=None,
            person_id=payment.person_id,
            month=payment.month,
            amount_fen=amount_fen - payment.amount_fen,
            detail=f"{payment.month} {payment.benefit.label} {'；'.join(differs)}。",
            evidence=(f"benefit_payment:{payment.id}@{payment.version}",),
            division_code=payment.division_code,
            effective_on=first_day(payment.month),
            key=f"{FindingRule.BANK_DIFFERS.value}|{payment.id}",
        ),
    )


def _of_payment(
    rule: FindingRule, payment: BenefitPayment, benefit: Benefit, amount_fen: int, detail: str
) -> FindingDraft:
    seen = f"benefit_payment:{payment.id}@{payment.version}"
    return _draft(rule, benefit, payment.month, amount_fen, detail, str(payment.id), seen)


def _draft(
    rule: FindingRule, benefit: Benefit, month: str, amount_fen: int, detail: str, key: str, *seen: str
) -> FindingDraft:
    day: date = first_day(month)
    return FindingDraft(
        rule=rule,
        subject=f"person:{benefit.person_id}",
        case_id=None,
        person_id=benefit.person_id,
        month=month,
        amount_fen=amount_fen,
        detail=detail,
        evidence=(f"benefit:{benefit.id}@{benefit.version}", *seen),
        division_code=benefit.division_code,
        effective_on=day,
        key=f"{rule.value}|{benefit.id}|{key}",
    )
