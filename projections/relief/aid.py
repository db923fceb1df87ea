"""Relief money in the read models: each family's, with the step it waits for."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass
from domain.codes import AidKind, AidState, FundSource, HouseDamage
from domain.relief import ReliefAid
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import FEN, Doc, Figures, Limit, Masked, One, Relations, view
from projections.relief.disasters import day_of


@view(
    "relief_aid",
    area=Area.RELIEF,
    scope_from="division_code",
    order=("applied_on", "id"),
    indexes=(("person_id",), ("disaster_id",), ("open", "due_on", "id", "scope")),
    figures=Figures(("kind", "state", "amount_fen", "paid_on")),
)
@dataclass
class ReliefAidRow:
    """灾害救助资金"""

    id: Annotated[UUID, Doc("灾害救助资金标识")]
    kind: Annotated[AidKind, Doc("资金类别")]
    person_id: Annotated[UUID, Doc("户主或代表本户的人")]
    disaster_id: Annotated[UUID | None, Doc("灾害标识")]
    season: Annotated[int | None, Doc("冬春救助年度（冬季所在的年份）")]
    head_count: Annotated[int, Doc("受助人数")]
    days: Annotated[int, Doc("过渡期生活救助天数")]
    nominated: Annotated[bool, Doc("是否由村（居）民小组提名")]
    situation: Annotated[str, Doc("受灾和生活困难情况"), Masked(PersonalClass.CIRCUMSTANCES)]
    division_code: Annotated[str, Doc("区划代码")]
    state: Annotated[AidState, Doc("办理状态")]
    open: Annotated[bool, Doc("是否未办结")]
    due_on: Annotated[date | None, Doc("现办环节的期限"), Limit("open")]
    applied_on: Annotated[date, Doc("申请或提名日期")]
    damage: Annotated[HouseDamage | None, Doc("房屋损坏等级")]
    damaged_rooms: Annotated[int | None, Doc("受损间数")]
    damage_report: Annotated[str | None, Doc("房屋损坏评定情况"), Masked(PersonalClass.CIRCUMSTANCES)]
    for_count: Annotated[int | None, Doc("最近一次民主评议同意人数")]
    against_count: Annotated[int | None, Doc("最近一次民主评议不同意人数")]
    reviewed_on: Annotated[date | None, Doc("最近一次民主评议日期")]
    notice_no: Annotated[str | None, Doc("公示编号")]
    notice_from: Annotated[date | None, Doc("公示首日")]
    notice_to: Annotated[date | None, Doc("公示末日")]
    objection: Annotated[str | None, Doc("最近一次异议"), Masked(PersonalClass.CIRCUMSTANCES)]
    opinion: Annotated[str | None, Doc("街道审核意见")]
    amount_fen: Annotated[int | None, Doc("审批金额；已支付的为支付金额"), FEN]
    refusal: Annotated[str | None, Doc("不予救助的理由"), Masked(PersonalClass.CIRCUMSTANCES)]
    held: Annotated[str | None, Doc("暂缓支付的原因；空为可以支付")]
    fund_source: Annotated[FundSource | None, Doc("资金来源")]
    payment_no: Annotated[str | None, Doc("支付凭证号")]
    paid_on: Annotated[date | None, Doc("支付日期")]
    entered_by: Annotated[str, Doc("登记账号")]
    submitted_by: Annotated[str | None, Doc("街道审核账号")]
    decided_by: Annotated[str | None, Doc("审批账号")]
    note: Annotated[str | None, Doc("撤回或退回的原因")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "person": One("person", local="person_id"),
        "disaster": One("disaster", local="disaster_id"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        *("kind", "state", "open", "due_on", "person_id", "disaster_id", "season", "damage", "notice_to", "paid_on"),
        "division_code",
    )


class Aids(Projection):
    """What happens to relief money. A part of the projection `Relief`, never run by itself."""

    @handles(ReliefAid.Created)
    def applied(self, event: ReliefAid.Created, at: LogEvent, to: Changes) -> None:
        """The community reviews it."""
        on = day_of(event)
        to.insert(
            ReliefAidRow,
            event.originator_id,
            on=on,
            kind=event.kind,
            person_id=event.person_id,
            disaster_id=event.disaster_id,
            season=event.season,
            head_count=event.head_count,
            days=event.days,
            nominated=event.nominated,
            situation=event.situation,
            division_code=event.division_code,
            state=AidState.APPLIED,
            open=True,
            due_on=event.review_by,
            applied_on=on,
            entered_by=event.by,
        )

    @handles(ReliefAid.DamageAssessed)
    def assessed(self, event: ReliefAid.DamageAssessed, at: LogEvent, to: Changes) -> None:
        """How badly the house is damaged."""
        _change(to, event, damage=event.grade, damaged_rooms=event.rooms, damage_report=event.report)

    @handles(ReliefAid.Reviewed)
    def reviewed(self, event: ReliefAid.Reviewed, at: LogEvent, to: Changes) -> None:
        """Publicised next, or (after an objection that did not hold) submitted; voted down it is to be refused."""
        votes = {"for_count": event.for_count, "against_count": event.against_count, "reviewed_on": event.effective_on}
        state = AidState.APPLIED
        if event.passed:
            state = AidState.PUBLICISED if event.again else AidState.REVIEWED
        _change(to, event, state=state, due_on=event.next_by, **votes)

    @handles(ReliefAid.NoticePosted)
    def publicised(self, event: ReliefAid.NoticePosted, at: LogEvent, to: Changes) -> None:
        """The street's turn when the notice has run out."""
        notice = {"notice_no": event.notice_no, "notice_from": event.from_on, "notice_to": event.to_on}
        _change(to, event, state=AidState.PUBLICISED, due_on=event.submit_by, **notice)

    @handles(ReliefAid.Objected)
    def objected(self, event: ReliefAid.Objected, at: LogEvent, to: Changes) -> None:
        """The community's turn again."""
        _change(to, event, state=AidState.OBJECTED, due_on=event.review_by, objection=event.reason)

    @handles(ReliefAid.Submitted)
    def submitted(self, event: ReliefAid.Submitted, at: LogEvent, to: Changes) -> None:
        """The district's turn."""
        said = {"opinion": event.opinion, "submitted_by": event.by or None}
        _change(to, event, state=AidState.SUBMITTED, due_on=event.decide_by, **said)

    @handles(ReliefAid.Decided)
    def decided(self, event: ReliefAid.Decided, at: LogEvent, to: Changes) -> None:
        """To be paid."""
        said = {"amount_fen": event.amount_fen, "decided_by": event.by or None}
        _change(to, event, state=AidState.APPROVED, due_on=event.pay_by, **said)

    @handles(ReliefAid.Refused)
    def refused(self, event: ReliefAid.Refused, at: LogEvent, to: Changes) -> None:
        """Over."""
        said = {"refusal": event.reason, "decided_by": event.by or None}
        _change(to, event, state=AidState.REFUSED, open=False, **said)

    @handles(ReliefAid.Held)
    def held(self, event: ReliefAid.Held, at: LogEvent, to: Changes) -> None:
        """Not to be paid now."""
        _change(to, event, held=event.reason)

    @handles(ReliefAid.Released)
    def released(self, event: ReliefAid.Released, at: LogEvent, to: Changes) -> None:
        """To be paid after all."""
        _change(to, event, held=None)

    @handles(ReliefAid.Paid)
    def paid(self, event: ReliefAid.Paid, at: LogEvent, to: Changes) -> None:
        """Over."""
        said: dict[str, Any] = {"fund_source": event.fund_source, "payment_no": event.payment_no}
        said["amount_fen"] = event.amount_fen  # a source may have paid another amount than was granted
        _change(to, event, state=AidState.PAID, open=False, paid_on=event.effective_on, **said)

    @handles(ReliefAid.PaymentReturned)
    def sent_back(self, event: ReliefAid.PaymentReturned, at: LogEvent, to: Changes) -> None:
        """To be paid again."""
        said = {"note": event.reason, "due_on": event.pay_by, "paid_on": None}
        _change(to, event, state=AidState.APPROVED, open=True, **said)

    @handles(ReliefAid.Withdrawn)
    def withdrawn(self, event: ReliefAid.Withdrawn, at: LogEvent, to: Changes) -> None:
        """Over."""
        _change(to, event, state=AidState.WITHDRAWN, open=False, note=event.reason)

    @handles(ReliefAid.Transferred)
    def moved(self, event: ReliefAid.Transferred, at: LogEvent, to: Changes) -> None:
        """Another division's."""
        _change(to, event, division_code=event.to_division_code)


def _change(to: Changes, event: Any, **columns: Any) -> None:
    to.patch(ReliefAidRow, event.originator_id, on=day_of(event), decided=True, **columns)
