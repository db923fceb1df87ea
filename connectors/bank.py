"""The bank's rows: what became of each line of a payroll that was handed to it."""

from collections.abc import Iterator, Sequence
from types import MappingProxyType

from connectors.deciding import Handler, Row, Turn, fact_of, singly
from connectors.facts import BankAnswerFact, PaymentState
from connectors.reading.rows import Reason, RowFault
from connectors.world import World
from domain.assistance import Payment
from domain.assistance.contradictions import of_bank_answer
from domain.care import BenefitPayment
from domain.care.benefits.contradictions import of_bank_answer as of_benefit_answer
from domain.clock import at
from domain.funds import Payroll

SOURCE = "bank"


def handlers(world: World) -> MappingProxyType[str, Handler]:
    """How each kind of a bank's rows is decided."""
    return MappingProxyType({"returns": BankAnswers(world)})


class BankAnswers:
    """Money that has arrived or come back. The line must be one that was issued; what differs becomes a finding."""

    def __init__(self, world: World) -> None:
        self._world = world

    def runs(self, rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
        """Each row by itself."""
        return singly(rows)

    async def load(self, facts: Sequence[BankAnswerFact]) -> None:
        """The payrolls named, and the payments of the lines named."""
        world = self._world
        await world.load({Payroll.id_for(fact.batch_no) for fact in facts}, ())
        ids = []
        for fact in facts:
            payroll = world.get(Payroll, Payroll.id_for(fact.batch_no))
            line = payroll.line(fact.number) if payroll is not None else None
            if payroll is not None and line is not None:
                ids.append(payroll.payment_id(line))
        await world.load(ids, ())

    def apply(self, run: Sequence[Row], turn: Turn) -> None:
        """Report that a payment has arrived or come back."""
        (row,) = run
        fact = fact_of(row)
        assert isinstance(fact, BankAnswerFact)
        payment = self._payment(fact)
        on = fact.on or turn.export_on
        cleared = fact.state is PaymentState.PAID
        if isinstance(payment, BenefitPayment):
            turn.find(of_benefit_answer(payment, fact.amount_fen, fact.account, cleared=cleared), row)
        else:
            turn.find(of_bank_answer(payment, fact.amount_fen, fact.account, cleared=cleared), row)
        if fact.state is PaymentState.PAID:
            payment.report_cleared(at(on), amount_fen=fact.amount_fen, effective_on=on)
        else:
            payment.report_returned(at(on), reason=fact.reason or "银行退回", effective_on=on)
        turn.change(payment)
        turn.record(row)

    def _payment(self, fact: BankAnswerFact) -> Payment | BenefitPayment:
        payroll = self._world.get(Payroll, Payroll.id_for(fact.batch_no))
        if payroll is None:
            message = "本平台没有此批次；请核对批次号，或确认文件是否送错。"
            raise RowFault(Reason.UNKNOWN_BATCH, message, ("batch_no",))
        line = payroll.line(fact.number)
        payment = None if line is None else self._world.get(payroll.payments_are, payroll.payment_id(line))
        if payment is None:
            message = "此批次没有发放这一序号；请核对序号，或确认是否为另一批次的回盘。"
            raise RowFault(Reason.UNKNOWN_BATCH, message, ("number", "batch_no"))
        return payment
