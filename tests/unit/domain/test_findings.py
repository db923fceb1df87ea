"""Findings: looked into in time, set right where they are so, closed by another hand than set them right."""

from datetime import date
from uuid import uuid4

import pytest

from domain.access import Actor, RoleCode
from domain.codes import FindingRule, FindingState
from domain.findings import (
    ConfirmFinding,
    DismissFinding,
    Finding,
    RectifyFinding,
    ReopenFinding,
    ResolveFinding,
    SendBackFinding,
)
from tests.unit.domain.samples import VILLAGE, on
from tests.unit.domain.specification import CLERK, STREET, given

AUDITOR = Actor("auditor", RoleCode.AUDITOR, "440704")


def raised(rule: FindingRule = FindingRule.PAID_AFTER_DEATH) -> Finding:
    """Found on 30 November 2015, a Monday."""
    return Finding.raise_for(
        uuid4(),
        on("2015-11-30"),
        rule=rule,
        subject=f"case:{uuid4()}",
        division_code=VILLAGE,
        effective_on=date(2015, 10, 1),
        detail="死亡后仍发放。",
        evidence=("case:x@3",),
        month="2015-10",
        amount_fen=25_000,
    )


def confirmed() -> Finding:
    """Confirmed on 1 December 2015."""
    finding = raised()
    finding.confirm(on("2015-12-01"), assessment="核查属实", by="street", rectify_by=date(2015, 12, 29))
    return finding


def rectified(by: str = "street") -> Finding:
    """Set right on 8 December 2015."""
    finding = confirmed()
    finding.rectify(on("2015-12-08"), action="已追回", by=by, recovered_fen=25_000, review_by=date(2015, 12, 22))
    return finding


def test_each_has_an_owner_and_a_day() -> None:
    (event,) = raised().pending_events
    assert isinstance(event, Finding.Created)
    assert (event.owner, event.check_by) == (RoleCode.STREET_OFFICER, date(2015, 12, 14))
    (event,) = raised(FindingRule.BATCH_TOTALS).pending_events
    assert isinstance(event, Finding.Created)
    assert event.owner is RoleCode.DISTRICT_CLERK


def test_the_first_ones_had_neither() -> None:
    state = {"rule": "bank_differs"}
    Finding.Created.upcast_v1_v2(state)
    assert state == {"rule": "bank_differs", "owner": "district_clerk", "check_by": None}


def test_what_is_so_is_set_right_and_closed_by_another_hand() -> None:
    finding = raised()
    command = ConfirmFinding(finding_id=finding.id, assessment="核查属实")
    given(finding).when(command, STREET).then(Finding.Confirmed, rectify_by=date(2016, 1, 8))
    given(confirmed()).when(ResolveFinding(finding_id=(f := confirmed()).id, outcome="办结"))
    given(f).when(ResolveFinding(finding_id=f.id, outcome="办结")).refused("须先登记整改")
    done = RectifyFinding(finding_id=f.id, action="已追回", recovered_fen=25_000, shown_by="recovery:x")
    given(f).when(done, STREET).then(Finding.Rectified, recovered_fen=25_000, review_by=date(2015, 12, 24))
    finding = rectified()
    given(finding).when(ResolveFinding(finding_id=finding.id, outcome="办结"), STREET).refused("其他经办人员")
    given(finding).when(ResolveFinding(finding_id=finding.id, outcome="办结"), CLERK).then(Finding.Resolved)


def test_what_is_not_right_yet_goes_back() -> None:
    finding = rectified()
    back = given(finding).when(SendBackFinding(finding_id=finding.id, reason="金额不足"), AUDITOR)
    assert back.then(Finding.SentBack).state is FindingState.CONFIRMED


def test_what_is_not_so_is_dismissed_and_can_be_taken_up_again() -> None:
    finding = raised()
    gone = (
        given(finding).when(DismissFinding(finding_id=finding.id, reason="同名同姓，本人在世")).then(Finding.Dismissed)
    )
    assert gone.resolved
    given(gone).when(ResolveFinding(finding_id=gone.id, outcome="办结")).refused("已办结")
    again = given(gone).when(ReopenFinding(finding_id=gone.id, reason="有新的证明"), AUDITOR)
    assert again.then(Finding.Reopened).state is FindingState.OPEN


@pytest.mark.parametrize(
    ("make", "command", "words"),
    [
        (confirmed, lambda id: ConfirmFinding(finding_id=id, assessment="属实"), "不能确认属实"),
        (raised, lambda id: ConfirmFinding(finding_id=id, assessment=" "), "写明核查情况"),
        (raised, lambda id: RectifyFinding(finding_id=id, action="改了"), "不能登记整改"),
        (confirmed, lambda id: RectifyFinding(finding_id=id, action="改了", recovered_fen=-1), "不能为负"),
        (confirmed, lambda id: DismissFinding(finding_id=id, reason="无"), "不能认定不属实"),
        (raised, lambda id: ReopenFinding(finding_id=id, reason="无"), "不能重启"),
        (raised, lambda id: SendBackFinding(finding_id=id, reason="无"), "不能退回整改"),
    ],
)
def test_out_of_turn_is_refused(make, command, words: str) -> None:  # type: ignore[no-untyped-def]
    finding = make()
    given(finding).when(command(finding.id)).refused(words)
