"""Which sheet a caller may print, made from the log: notices again as they were issued, forms with what is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from domain.access import CASEWORKERS, Actor, Area, RoleCode
from domain.assistance import Case, Notice
from domain.assistance.amounts import compute
from domain.assistance.forms import Shown, Visited, first_notice, proof_of_service, second_notice, visit_form
from domain.assistance.letters import Told, hash_of, letter, letter_html
from domain.assistance.offices import office_of
from domain.assistance.sheets import Sheet
from domain.clock import completed_years, first_day, month_of, next_month
from domain.codes import CaseState, Opinion, Scheme
from domain.errors import BadInput, Forbidden, NotFound, RuleViolated, Unavailable
from domain.kernel import ERASED, Event, replayed
from domain.parameters import Parameters
from domain.registry import Household, Person
from domain.registry.divisions import official_divisions
from infra.dispatch import division_of
from infra.parameters import CurrentParameters
from infra.store import EventStore

E = TypeVar("E", bound=Event)

READERS = CASEWORKERS | {RoleCode.AUDITOR}
"""Roles that may print a notice again."""
MOST_CASES = 100
"""Households on one public notice."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A notice with its sheet, the same as when it was issued: the hash of its HTML has been compared."""

    notice: Notice
    sheet: Sheet
    html: str
    recipient: str


class Printing:
    """Sheets for those who may see what stands on them; raises NotFound before Forbidden."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._parameters = CurrentParameters(store)

    async def notice(self, actor: Actor, id: UUID) -> Printed:
        """A notice; raises NotFound where its recipient was erased, Unavailable where it would not be the same."""
        notice = await self._store.load(Notice, id)
        owner = "" if notice is None else await division_of(self._store, notice)
        if notice is None or not self._sees(actor, owner):
            raise NotFound(f"没有找到通知书 {id}，或不在您的管辖范围内。")
        if actor.role not in READERS:
            raise Forbidden(f"角色“{actor.role.label}”无权打印通知书。")
        told = await self._told(notice)
        sheet, html = letter(told, notice.template), letter_html(told, notice.template)
        if hash_of(html) != notice.html_sha256:
            if told.recipient == ERASED:
                raise NotFound("收件人的个人信息已依法删除，通知书不能再打印。")
            raise Unavailable(f"{notice.notice_no} 与制发时的内容不一致，已停止打印；请告知管理员。")
        return Printed(notice, sheet, html, told.recipient)

    async def receipt(self, actor: Actor, id: UUID) -> Sheet:
        """The slip to be signed when a notice is served."""
        printed = await self.notice(actor, id)
        notice = printed.notice
        return proof_of_service(notice.terms.office, printed.sheet.name, notice.notice_no, printed.recipient)

    async def visit_form(self, actor: Actor, case_id: UUID | None = None) -> Sheet:
        """The visit form: of a case, or wholly blank."""
        if actor.role not in CASEWORKERS:
            raise Forbidden(f"角色“{actor.role.label}”无权打印入户核查表。")
        if case_id is None:
            return visit_form("", Visited())
        case = await self._case(actor, case_id)
        return await self._filled(case)

    async def public_notice(self, actor: Actor, case_ids: Sequence[UUID]) -> Sheet:
        """What hangs on the notice board for these cases of one scheme and street: opinion or grant, by their state."""
        if actor.role not in CASEWORKERS:
            raise Forbidden(f"角色“{actor.role.label}”无权打印公示。")
        if not 0 < len(case_ids) <= MOST_CASES:
            raise BadInput(f"请指明 1 至 {MOST_CASES} 个个案（case=标识，可重复）。", "case")
        cases = [await self._case(actor, id) for id in dict.fromkeys(case_ids)]
        first = cases[0]
        alike = {(case.scheme, case.state, case.division_code[:9]) for case in cases}
        if len(alike) > 1:
            raise RuleViolated("同一张公示只能列同一街道、同一救助类别、同一状态的个案；请分别打印。")
        if first.state is CaseState.PUBLICISED:
            return await self._first(cases)
        if first.state is CaseState.PAYING:
            return await self._second(cases)
        raise RuleViolated(f"个案现为“{first.state.label}”，没有可打印的公示；请先登记公示或作出确认决定。")

    async def _first(self, cases: Sequence[Case]) -> Sheet:
        posted = [event for case in cases if (event := await self._last(case, Case.NoticePosted)) is not None]
        one = posted[0]
        if any((other.notice_no, other.from_on) != (one.notice_no, one.from_on) for other in posted):
            raise RuleViolated("这些个案不在同一公示编号下；请按公示编号分别打印。")
        for case in cases:
            opinion = await self._last(case, Case.Reviewed)
            if opinion is not None and opinion.opinion is Opinion.REFUSE:
                raise RuleViolated(f"个案 {case.case_no} 的审核意见是建议不予确认，不列入拟确认对象公示。")
        parameters = await self._parameters.get()
        shown = [await self._shown(case, _proposed(case, one.from_on, parameters)) for case in cases]
        office = office_of(cases[0].division_code, one.from_on)
        return first_notice(
            office.name,
            cases[0].scheme,
            shown,
            notice_no=one.notice_no,
            from_on=one.from_on,
            to_on=one.to_on,
            contact=office.contact,
        )

    async def _second(self, cases: Sequence[Case]) -> Sheet:
        announced = [await self._last(case, Case.Announced) for case in cases]
        numbers = {"" if event is None else event.notice_no for event in announced}
        if len(numbers) > 1:
            raise RuleViolated("这些个案不在同一公示编号下；请按公示编号分别打印。")
        shown = [await self._shown(case, case.monthly_fen) for case in cases]
        first = announced[0]
        day = cases[0].modified_on.date() if first is None else first.from_on
        office = office_of(cases[0].division_code, day)
        return second_notice(
            office.name, cases[0].scheme, shown, notice_no=numbers.pop(), on=day, contact=office.contact
        )

    async def _told(self, notice: Notice) -> Told:
        events = await self._until(Case, notice.case_id, notice.rests_on)
        person: Person | None = replayed(await self._until(Person, notice.recipient_id, notice.recipient_version))
        if not events or person is None:
            raise Unavailable(f"{notice.notice_no} 所依据的记录不全，不能打印；请告知管理员。")
        return Told(
            notice.kind,
            events[-1],
            replayed(events),
            person.name,
            notice.notice_no,
            notice.issued_on,
            notice.terms,
        )

    async def _until(self, kind: type[Case] | type[Person], id: UUID, version: int) -> list[Event]:
        return [event for event in await self._store.history(kind, id) if event.originator_version <= version]

    async def _last(self, case: Case, kind: type[E]) -> E | None:
        events = await self._store.history(Case, case.id)
        return next((event for event in reversed(events) if isinstance(event, kind)), None)

    async def _filled(self, case: Case) -> Sheet:
        household = await self._store.load(Household, case.household_id)
        members = household.members if household is not None else {}
        ids = list(dict.fromkeys((*members, *case.member_ids, case.applicant_id)))
        persons = await self._store.load_many(Person, ids)
        today = case.modified_on.date()
        lines = []
        for id in (id for id in ids if id in persons):
            born = persons[id].birth_on
            age = str(completed_years(born, today)) if born else ""
            lines.append((persons[id].name, members[id].label if id in members else "", age))
        applicant = persons.get(case.applicant_id)
        known = Visited(
            case.case_no,
            case.scheme.label,
            applicant.name if applicant else "",
            (household.address if household else None) or "",
            _place(case.division_code),
            tuple(lines),
        )
        return visit_form(office_of(case.division_code, today).name, known)

    async def _shown(self, case: Case, amount_fen: int | None) -> Shown:
        household = await self._store.load(Household, case.household_id)
        head = household.head_id if household is not None and household.head_id else case.applicant_id
        person = await self._store.load(Person, head)
        if person is None:
            raise NotFound("没有找到户主的人员登记，不能打印公示。")
        return Shown(person.name, _place(case.division_code), len(case.member_ids), amount_fen)

    async def _case(self, actor: Actor, id: UUID) -> Case:
        case = await self._store.load(Case, id)
        if case is None or not self._sees(actor, case.division_code):
            raise NotFound(f"没有找到 case:{id}，或不在您的管辖范围内。")
        return case

    @staticmethod
    def _sees(actor: Actor, division_code: str) -> bool:
        return Area.ASSISTANCE in actor.areas and actor.covers(division_code)


def _proposed(case: Case, day: date, parameters: Parameters) -> int | None:
    """What the rule gives a case from the month in which its grant would begin; None where that isn't known yet."""
    basis = case.basis()
    if basis is None or case.scheme is Scheme.TEMP:
        return None
    try:
        offset = parameters.value(f"{case.scheme.value.lower()}.start_offset", case.division_code, day)
        return compute(basis, parameters, first_day(next_month(month_of(day), offset))).amount_fen
    except RuleViolated:
        return None


def _place(division_code: str) -> str:
    """The village or community by name, as people know it."""
    names = {record.code: record.name for record in official_divisions()}
    return names.get(division_code, "").removesuffix("委会").removesuffix("居")
