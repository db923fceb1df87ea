"""Decisions about disability certificates: what the disabled persons' federation issued is entered here."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import OFFICIALS
from domain.care.certificate import DisabilityCertificate, parse_certificate_number
from domain.codes import DisabilityCategory, DisabilityGrade
from domain.errors import RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany
from domain.registry.person import Person


@dataclass(frozen=True, kw_only=True)
class CertifyDisability(Command):
    """登记残疾人证：首次核发或换发。证号与类别、等级、公民身份号码须一致；证号本身不保存。"""

    ROLES: ClassVar = OFFICIALS
    person_id: Annotated[UUID, Doc("人员标识")]
    category: Annotated[DisabilityCategory, Doc("残疾类别")]
    grade: Annotated[DisabilityGrade, Doc("残疾等级")]
    from_on: Annotated[date, Doc("发证日期")]
    valid_to_on: Annotated[date | None, Doc("有效期截止日；长期有效的不填")] = None
    certificate_no: Annotated[str, Doc("残疾人证号（20 位），只用于核对；没有可不填")] = ""

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        if self.certificate_no:
            _demand_matching(self, person)
        if self.from_on > by.today:
            raise RuleViolated("发证日期不能晚于今天，请核对。")
        id = DisabilityCertificate.id_for(person.id)
        known: DisabilityCertificate | None = (yield LoadMany(DisabilityCertificate, (id,))).get(id)
        evaluate_by = by.due("limits.benefit_review", person.division_code)
        if known is not None:
            known.renew(
                by.now,
                category=self.category,
                grade=self.grade,
                from_on=self.from_on,
                valid_to_on=self.valid_to_on,
                evaluate_by=evaluate_by,
            )
            return (known,)
        certificate = DisabilityCertificate.certify(
            by.now,
            person_id=person.id,
            category=self.category,
            grade=self.grade,
            from_on=self.from_on,
            valid_to_on=self.valid_to_on,
            division_code=person.division_code,
            evaluate_by=evaluate_by,
        )
        return (certificate,)


@dataclass(frozen=True, kw_only=True)
class CancelDisabilityCertificate(Command):
    """注销残疾人证：收回、放弃或死亡等。"""

    ROLES: ClassVar = OFFICIALS
    person_id: Annotated[UUID, Doc("人员标识")]
    reason: Annotated[str, Doc("注销原因，不写病情")]
    from_on: Annotated[date, Doc("自何日起无效")]

    def decide(self, by: Decision) -> Decided:
        certificate: DisabilityCertificate = yield Load(
            DisabilityCertificate, DisabilityCertificate.id_for(self.person_id)
        )
        evaluate_by = by.due("limits.benefit_review", certificate.division_code)
        certificate.cancel(by.now, reason=self.reason, from_on=self.from_on, evaluate_by=evaluate_by)
        return (certificate,)


def _demand_matching(given: CertifyDisability, person: Person) -> None:
    number = parse_certificate_number(given.certificate_no)
    if person.citizen_id is not None and number.citizen.number18 != person.citizen_id:
        raise RuleViolated("残疾人证号前 18 位与此人的公民身份号码不符，请核对证件。")
    if (number.category, number.grade) != (given.category, given.grade):
        raise RuleViolated("残疾人证号末两位与填写的类别、等级不符，请核对证件。")
