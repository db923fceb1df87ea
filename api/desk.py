"""A month at the desks of the demo district: cases at every step, papers, a payroll, referrals and a complaint.

The imported district is history and leaves nobody anything to do. This gives the same commands that people give, as
fictitious officers on days of December 2015, so that queues, notices and payrolls have something to show. Each command
has a client mutation id: run again, or after a kill, it repeats nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from domain.access import Actor, RoleCode
from domain.assistance import commands as assistance
from domain.clock import at
from domain.codes import (
    Cause,
    Department,
    FundSource,
    HouseholdKind,
    Need,
    NoticeKind,
    Opinion,
    Relation,
    Scheme,
    VisitFinding,
)
from domain.funds import commands as funds
from domain.kernel import Command, Reading
from domain.registry import commands as registry
from infra.dispatch import Dispatcher, Reader
from infra.store import EventStore

STREET, VILLAGE = "440704004", "440704004203"
CLERK = Actor("演示区经办", RoleCode.DISTRICT_CLERK, "440704")
OFFICER = Actor("演示街道经办", RoleCode.STREET_OFFICER, STREET)
REVIEWER = Actor("演示街道审核", RoleCode.STREET_OFFICER, STREET)
WORKER = Actor("演示村干部", RoleCode.COMMUNITY_WORKER, VILLAGE)
FINANCE = Actor("演示财务", RoleCode.FINANCE_OFFICER, "440704")


@dataclass
class Desk:
    """The desks on one day: `day` is set before each command."""

    dispatcher: Dispatcher
    clock: list[datetime]
    number: int = 0
    cases: list[UUID] = field(default_factory=list)

    async def do(self, by: Actor, command: Command) -> tuple[UUID, ...]:
        """Give a command once, however often this runs."""
        self.number += 1
        return (await self.dispatcher.dispatch(command, by, f"desk-{self.number}")).ids

    def on(self, day: int, month: int = 12) -> None:
        """Another day of 2015."""
        self.clock[0] = at(date(2015, month, day), 9)

    async def applies(self, name: str, scheme: Scheme = Scheme.DIBAO) -> UUID:
        """A couple of invented people applies at the village's counter."""
        people: list[UUID] = []
        for who in (f"拟{name}", f"仿{name}"):
            person = registry.RegisterPerson(
                name=who, division_code=VILLAGE, birth_on=date(1958, 5, 4), phone="12900000000", address="虚构路1号"
            )
            people += await self.do(OFFICER, person)
        head, spouse = people
        home = registry.FormHousehold(kind=HouseholdKind.CO_LIVING, head_id=head, division_code=VILLAGE)
        (household, *_) = await self.do(OFFICER, home)
        joins = registry.JoinHousehold(
            household_id=household, person_id=spouse, relation=Relation.SPOUSE, effective_on=self.clock[0].date()
        )
        await self.do(OFFICER, joins)
        asked = assistance.ApplyForAssistance(
            scheme=scheme,
            household_id=household,
            applicant_id=head,
            member_ids=(head, spouse),
            cause=Cause.ILLNESS,
        )
        (case,) = await self.do(WORKER, asked)
        self.cases.append(case)
        self.applicant = head
        return case

    async def accepted(self, name: str, scheme: Scheme = Scheme.DIBAO) -> UUID:
        """…and the street accepts."""
        case = await self.applies(name, scheme)
        await self.do(OFFICER, assistance.AcceptCase(case_id=case))
        return case

    async def visited(self, name: str, finding: VisitFinding = VisitFinding.AS_STATED) -> UUID:
        """…and the village calls on them."""
        case = await self.accepted(name)
        report = assistance.RecordVisit(
            case_id=case, finding=finding, report="家中情况与申报相符（演示）", visited_on=self.clock[0].date()
        )
        await self.do(WORKER, report)
        return case

    async def verified(self, name: str, income_fen: int = 30_000) -> UUID:
        """…and what they have is verified."""
        case = await self.visited(name)
        result = assistance.VerifyCase(
            case_id=case, monthly_income_fen=income_fen, property_within_limits=True, conclusion="核对属实（演示）"
        )
        await self.do(OFFICER, result)
        return case

    async def posted(self, name: str, income_fen: int = 30_000) -> UUID:
        """…and the street's opinion hangs out."""
        case = await self.verified(name, income_fen)
        opinion = Opinion.GRANT if income_fen < 100_000 else Opinion.REFUSE
        await self.do(REVIEWER, assistance.ReviewCase(case_id=case, opinion=opinion))
        await self.do(WORKER, assistance.PostNotice(case_id=case, notice_no=f"演示公示〔2015〕{self.number}号"))
        return case


async def sit_down(store: EventStore, readers: Mapping[type[Reading], Reader]) -> int:
    """Play the month; how many cases it came to. `readers` answer what a payroll wishes to know."""
    clock = [at(date(2015, 12, 1), 9)]
    desk = Desk(Dispatcher(store, lambda: clock[0], readers=readers), clock)
    await _on_its_way(desk)
    await _decided(desk)
    await _beside(desk)
    await _money(desk)
    return len(desk.cases)


async def _on_its_way(desk: Desk) -> None:
    """A case at each step before the decision; the earliest are late by the end of the year."""
    desk.on(1)
    await desk.applies("初一")
    await desk.accepted("初二")
    desk.on(7)
    case = await desk.accepted("初三")
    await desk.do(OFFICER, assistance.IssueNotice(case_id=case, kind=NoticeKind.ACCEPTANCE))
    await desk.do(OFFICER, assistance.OpenVerification(case_id=case))
    signed = assistance.SignAuthorization(case_id=case, person_id=desk.applicant, signed_on=desk.clock[0].date())
    await desk.do(WORKER, signed)
    case = await desk.accepted("初四")
    await desk.do(OFFICER, assistance.RequestSupplement(case_id=case, missing="务工收入证明"))
    await desk.visited("初五", VisitFinding.DIFFERENT)
    case = await desk.accepted("初六")
    related = assistance.DiscloseRelative(case_id=case, staff="演示：某社区工作人员", relation=Relation.SIBLINGS)
    await desk.do(WORKER, related)
    desk.on(14)
    await desk.verified("初七")
    case = await desk.verified("初八")
    await desk.do(REVIEWER, assistance.ReviewCase(case_id=case, opinion=Opinion.GRANT))
    desk.on(28)
    await desk.posted("初九")


async def _decided(desk: Desk) -> None:
    """An objection, a grant with its letter, a refusal, and urgent relief whose papers are due."""
    desk.on(15)
    case = await desk.posted("初十")
    await desk.do(WORKER, assistance.FileObjection(case_id=case, reason="有人反映其另有收入（演示）"))
    granted, refused = await desk.posted("十一"), await desk.posted("十二", income_fen=180_000)
    account = assistance.ChangeCaseAccount(case_id=granted, account="9900000000000000011", bank="样例银行")
    await desk.do(WORKER, account)
    desk.on(24)
    await desk.do(CLERK, assistance.ConfirmCase(case_id=granted, variable_income=True))
    await desk.do(CLERK, assistance.IssueNotice(case_id=granted, kind=NoticeKind.CONFIRMATION))
    await desk.do(CLERK, assistance.RefuseCase(case_id=refused, reason="家庭人均收入不低于保障标准"))
    urgent = await desk.applies("十三", Scheme.TEMP)
    await desk.do(CLERK, assistance.ConfirmTemporaryAssistance(case_id=urgent, months=1, urgent=True))


async def _beside(desk: Desk) -> None:
    """Another department's help, and a complaint."""
    desk.on(28)
    case = await desk.accepted("十四")
    await desk.do(
        WORKER,
        assistance.ReferNeed(
            person_id=desk.applicant,
            need=Need.EDU,
            department=Department.EDUCATION,
            contact="拟十四，12900000000",
            summary="子女学费困难（演示）",
            case_id=case,
        ),
    )
    await desk.do(OFFICER, assistance.FileComplaint(text="办理时间太长（演示）", about_case=desk.cases[0]))


async def _money(desk: Desk) -> None:
    """Budgets, and a payroll that makes up for what a bank sent back long ago: prepared, to be checked."""
    desk.on(30)
    for year in (2015, 2016):
        given = funds.ApproveBudget(
            year=year,
            source=FundSource.DISTRICT,
            scheme=Scheme.DIBAO,
            amount_fen=300_000_000,
            legal_basis=f"演示财〔{year}〕1号",
        )
        (budget,) = await desk.do(FINANCE, given)
        if year == 2015:
            wish = funds.PreparePayroll(
                scheme=Scheme.DIBAO, month="2015-12", budget_id=budget, since="2014-01", batch_no="2015-12-补发（演示）"
            )
            await desk.do(CLERK, wish)
