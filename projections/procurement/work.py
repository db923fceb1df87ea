"""Work items of organisations, purchases and village disclosures: whose step, by when. A part of the projection `Work`.

These hang on no case: the id in the place of a case's is the organisation's, purchase's or disclosure's, and `item`
says which milestone. Each keeps the division it was opened in.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from domain.access import RoleCode
from domain.civic import Disclosure
from domain.codes import WorkStep
from domain.kernel import Event
from domain.procurement import Organisation, Purchase
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, division_of, handles

OWNERS: Mapping[WorkStep, RoleCode] = {
    WorkStep.ORG_REPORT: RoleCode.STREET_OFFICER,
    WorkStep.ORG_INSPECTION: RoleCode.DISTRICT_CLERK,
    WorkStep.DELIVER: RoleCode.STREET_OFFICER,
    WorkStep.ACCEPT_SERVICE: RoleCode.STREET_OFFICER,
    WorkStep.EVALUATE_SERVICE: RoleCode.STREET_OFFICER,
    WorkStep.PAY_SERVICE: RoleCode.FINANCE_OFFICER,
    WorkStep.CONTRACT_ENDING: RoleCode.STREET_OFFICER,
    WorkStep.TAKE_OVER: RoleCode.DISTRICT_CLERK,
    WorkStep.DISCLOSE: RoleCode.COMMUNITY_WORKER,
    WorkStep.ANSWER_QUESTION: RoleCode.COMMUNITY_WORKER,
}
"""Whose step it is; a contract whose organisation fails is the district's (X16)."""
_OF_ORGANISATIONS = (WorkStep.ORG_REPORT, WorkStep.ORG_INSPECTION)


class ServiceWork(Projection):
    """Steps of what the government buys and of those it buys from; and what villages have to post."""

    item_row: ClassVar[type]
    """The row of a work item."""

    @handles(Organisation.Registered, Organisation.Reported)
    def report_due(self, event: Organisation.Registered | Organisation.Reported, at: LogEvent, to: Changes) -> None:
        """The next report, and the inspection of the year that was reported."""
        self._settle(event, to, WorkStep.ORG_REPORT)
        if event.report_by is not None:
            self._do(event, at, to, WorkStep.ORG_REPORT, event.report_by)
        if isinstance(event, Organisation.Reported):
            self._do(event, at, to, WorkStep.ORG_INSPECTION, event.inspect_by)

    @handles(Organisation.Inspected)
    def inspection_done(self, event: Organisation.Inspected, at: LogEvent, to: Changes) -> None:
        """Inspected."""
        self._settle(event, to, WorkStep.ORG_INSPECTION)

    @handles(Organisation.Deregistered, Organisation.Revoked)
    def organisation_over(
        self, event: Organisation.Deregistered | Organisation.Revoked, at: LogEvent, to: Changes
    ) -> None:
        """Nothing more is due of it."""
        self._settle(event, to, *_OF_ORGANISATIONS)

    @handles(Purchase.ContractSigned)
    def contract_begins(self, event: Purchase.ContractSigned, at: LogEvent, to: Changes) -> None:
        """Each milestone, and what comes after the contract."""
        for term in event.terms:
            self._do(event, at, to, WorkStep.DELIVER, term.due_on, str(term.no))
        if event.end_by is not None:
            self._do(event, at, to, WorkStep.CONTRACT_ENDING, event.end_by)

    @handles(Purchase.Amended)
    def contract_amended(self, event: Purchase.Amended, at: LogEvent, to: Changes) -> None:
        """Other days."""
        for no in event.dropped:
            self._settle(event, to, WorkStep.DELIVER, item=str(no))
        for term in event.due_terms:
            self._do(event, at, to, WorkStep.DELIVER, term.due_on, str(term.no))
        self._do(event, at, to, WorkStep.CONTRACT_ENDING, event.end_by)

    @handles(Purchase.Delivered)
    def delivered(self, event: Purchase.Delivered, at: LogEvent, to: Changes) -> None:
        """To be accepted."""
        self._settle(event, to, WorkStep.DELIVER, item=str(event.no))
        self._do(event, at, to, WorkStep.ACCEPT_SERVICE, event.accept_by, str(event.no))

    @handles(Purchase.Rejected)
    def service_rejected(self, event: Purchase.Rejected, at: LogEvent, to: Changes) -> None:
        """To be delivered again."""
        self._settle(event, to, WorkStep.ACCEPT_SERVICE, item=str(event.no))
        self._do(event, at, to, WorkStep.DELIVER, event.redo_by, str(event.no))

    @handles(Purchase.Accepted)
    def service_accepted(self, event: Purchase.Accepted, at: LogEvent, to: Changes) -> None:
        """To be paid, or (the last one) evaluated first."""
        self._settle(event, to, WorkStep.ACCEPT_SERVICE, item=str(event.no))
        if event.pay_by is not None:
            self._do(event, at, to, WorkStep.PAY_SERVICE, event.pay_by, str(event.no))
        if event.evaluate_by is not None:
            self._do(event, at, to, WorkStep.EVALUATE_SERVICE, event.evaluate_by)

    @handles(Purchase.Scored)
    def service_scored(self, event: Purchase.Scored, at: LogEvent, to: Changes) -> None:
        """The last instalment is to be paid."""
        self._settle(event, to, WorkStep.EVALUATE_SERVICE)
        if event.pay_by is not None:
            self._do(event, at, to, WorkStep.PAY_SERVICE, event.pay_by, str(event.final_no))

    @handles(Purchase.Paid)
    def service_paid(self, event: Purchase.Paid, at: LogEvent, to: Changes) -> None:
        """With the last fen of a milestone it is done."""
        if event.left_fen == 0:
            self._settle(event, to, WorkStep.PAY_SERVICE, item=str(event.milestone_no))

    @handles(Purchase.PaymentReturned)
    def service_unpaid(self, event: Purchase.PaymentReturned, at: LogEvent, to: Changes) -> None:
        """To be paid again."""
        self._do(event, at, to, WorkStep.PAY_SERVICE, event.pay_by, str(event.milestone_no))

    @handles(Purchase.Held)
    def contract_held(self, event: Purchase.Held, at: LogEvent, to: Changes) -> None:
        """Somebody else has to serve its clients."""
        if event.take_over_by is not None:
            self._do(event, at, to, WorkStep.TAKE_OVER, event.take_over_by)

    @handles(Purchase.Released, Purchase.HandedOver)
    def contract_goes_on(self, event: Purchase.Released | Purchase.HandedOver, at: LogEvent, to: Changes) -> None:
        """Settled."""
        self._settle(event, to, WorkStep.TAKE_OVER)

    @handles(Purchase.Terminated)
    def contract_terminated(self, event: Purchase.Terminated, at: LogEvent, to: Changes) -> None:
        """Nothing more is delivered; what was accepted is evaluated."""
        self._settle_all(event, to, step=WorkStep.DELIVER)
        self._settle(event, to, WorkStep.TAKE_OVER, WorkStep.CONTRACT_ENDING)
        if event.evaluate_by is not None:
            self._do(event, at, to, WorkStep.EVALUATE_SERVICE, event.evaluate_by)

    @handles(Purchase.Closed, Purchase.Cancelled)
    def purchase_over(self, event: Purchase.Closed | Purchase.Cancelled, at: LogEvent, to: Changes) -> None:
        """Nothing is left to do."""
        self._settle_all(event, to)

    @handles(Disclosure.Created)
    def to_disclose(self, event: Disclosure.Created, at: LogEvent, to: Changes) -> None:
        """To be posted."""
        if event.post_by is not None:
            self._do(event, at, to, WorkStep.DISCLOSE, event.post_by, division=event.division_code)

    @handles(Disclosure.Posted, Disclosure.Waived)
    def disclosed(self, event: Disclosure.Posted | Disclosure.Waived, at: LogEvent, to: Changes) -> None:
        """Posted, or nothing to post."""
        self._settle(event, to, WorkStep.DISCLOSE)

    @handles(Disclosure.Questioned)
    def disclosure_questioned(self, event: Disclosure.Questioned, at: LogEvent, to: Changes) -> None:
        """To be answered."""
        self._do(event, at, to, WorkStep.ANSWER_QUESTION, event.answer_by)

    @handles(Disclosure.Answered)
    def disclosure_answered(self, event: Disclosure.Answered, at: LogEvent, to: Changes) -> None:
        """Answered."""
        self._settle(event, to, WorkStep.ANSWER_QUESTION)

    def _do(
        self,
        event: Event,
        at: LogEvent,
        to: Changes,
        step: WorkStep,
        due_on: date,
        item: str = "",
        division: str = "",
    ) -> None:
        on = event.timestamp.date()
        to.put(
            self.item_row,
            (event.originator_id, step, item),
            on=on,
            division_code=division or division_of(at),
            role=OWNERS[step],
            open=True,
            opened_on=on,
            due_on=due_on,
        )

    def _settle(self, event: Event, to: Changes, *steps: WorkStep, item: str = "") -> None:
        on = event.timestamp.date()
        for step in steps:
            key, still = (event.originator_id, step, item), {"open": True}
            to.patch_known(self.item_row, key, on=on, where=still, open=False, done_on=on, assignee=None)

    def _settle_all(self, event: Event, to: Changes, **where: WorkStep) -> None:
        on, of = event.timestamp.date(), event.originator_id
        still = {"open": True, **where}
        done: dict[str, Any] = {"open": False, "done_on": on, "assignee": None}
        to.patch_group(self.item_row, "case_id", of, on=on, where=still, **done)
