"""What source systems report of a benefit. None of these refuse, and none records anything where nothing changes."""

from datetime import date, datetime

from domain.care.benefit_record import BenefitRecord
from domain.clock import first_day, next_month
from domain.codes import BenefitEnd, BenefitState


class BenefitFacts(BenefitRecord):
    """The facts of a benefit; always used as `Benefit`."""

    def report_paid(self, at: datetime, *, monthly_fen: int, start_month: str, end_month: str = "") -> None:
        """A source pays `monthly_fen` a month from `start_month` (to `end_month`, both counted).

        The first such fact grants it, and so does one for a month after it ended. Within a time that is known already
        it is another amount, until the next later one; and where nothing was due in between, it goes on again.
        """
        if self.entitlement.covers(start_month, end_month or self.end_month, monthly_fen):
            return
        ended = self.state is BenefitState.ENDED and start_month > self.end_month
        if not self.entitlement.amounts or ended:
            self._report_granted(at, monthly_fen, start_month, end_month)
            return
        known_before = self.entitlement.amounts[0].month <= start_month
        if known_before and self.entitlement.at(start_month) is None and self.state is BenefitState.PAYING:
            reason = "来源系统报告恢复发放"
            self.record(self.Resumed, at=at, reason=reason, from_on=first_day(start_month), by="")
        old = self.amount_for(start_month) or 0
        if old != monthly_fen:
            self.record(
                self.AmountChanged,
                at=at,
                person_id=self.person_id,
                old_fen=old,
                new_fen=monthly_fen,
                cause="来源系统报告金额变化",
                trace="",
                turn_month="",
                from_on=first_day(start_month),
                by="",
            )

    def report_ended(self, at: datetime, *, reason: BenefitEnd, end_month: str) -> None:
        """A source struck the person off its roster (注销); `end_month` is the last one due.

        A later end than one reported before gives the months between back.
        """
        if (self.state, self.end_reason, self.end_month) == (BenefitState.ENDED, reason, end_month):
            return
        if self.state is BenefitState.ENDED and self.end_month < end_month and self.entitlement.amounts:
            self.record(
                self.Reinstated,
                at=at,
                corrects_version=self.ended_by,
                reason="来源系统报告的终止月份推后",
                state=BenefitState.PAYING,
                from_on=first_day(max(next_month(self.end_month), self.entitlement.amounts[0].month)),
                by="",
            )
        self.record(
            self.Stopped,
            at=at,
            reason=reason,
            end_month=end_month,
            from_on=first_day(next_month(end_month)) if end_month else at.date(),
            note="",
            by="",
        )

    def report_transferred(self, at: datetime, *, to_division_code: str, moved_on: date) -> None:
        """A source has the person on another division's roster."""
        if to_division_code != self.division_code:
            self.record(
                self.Transferred,
                at=at,
                from_division_code=self.division_code,
                to_division_code=to_division_code,
                moved_on=moved_on,
            )

    def _report_granted(self, at: datetime, monthly_fen: int, start_month: str, end_month: str) -> None:
        self.record(
            self.Granted,
            at=at,
            person_id=self.person_id,
            kind=self.kind,
            monthly_fen=monthly_fen,
            start_month=start_month,
            end_month=end_month,
            trace="",
            turn_month="",
            from_on=first_day(start_month),
            by="",
        )
