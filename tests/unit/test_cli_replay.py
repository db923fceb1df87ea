"""A case told from its log: in business order, with what the rules say of each amount."""

from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from api.cli.replay import Told, tell
from domain.assistance import Case, Payment
from domain.clock import at
from domain.codes import Cause, CloseReason, FindingRule, PaymentKind, Scheme, UrbanRural
from domain.findings import Finding
from domain.parameters import official_parameters
from infra.codec import Envelope, EventCodec
from infra.keys import KeyRing, open_master_key
from infra.log import MemoryLog
from infra.settings import Settings
from infra.store import EventStore

PLACE = "440704001015"
PERSON, HOUSEHOLD = uuid4(), uuid4()


@pytest.fixture
def store(tmp_path: Path) -> EventStore:
    log = MemoryLog()
    keyring = KeyRing(log, open_master_key(Settings(data_dir=tmp_path)))
    return EventStore(log, EventCodec(keyring), keyring)


def case() -> Case:
    """One person, 100 yuan income, 230 yuan from 2011-03 by the standard of 330."""
    opened = Case.apply_for(
        uuid4(),
        at(date(2011, 1, 10)),
        scheme=Scheme.DIBAO,
        case_no="C1",
        household_id=HOUSEHOLD,
        applicant_id=PERSON,
        member_ids=(PERSON,),
        cause=Cause.ILLNESS,
        urban_rural=UrbanRural.URBAN,
        division_code=PLACE,
        from_on=date(2011, 1, 10),
    )
    opened.report_granted(at(date(2011, 3, 1)), monthly_fen=23_000, start_month="2011-03", monthly_income_fen=10_000)
    return opened


def payment(of: UUID, month: str, fen: int) -> Payment:
    year, number = month.split("-")
    day = date(int(year), int(number), 1)
    return Payment.report_issued(
        uuid4(),
        at(day),
        case_id=of,
        household_id=HOUSEHOLD,
        payee_id=PERSON,
        kind=PaymentKind.REGULAR,
        month=month,
        amount_fen=fen,
        division_code=PLACE,
        account="990012345",
        batch_no=month,
        fund_source="区级财政",
        effective_on=day,
    )


async def told(store: EventStore, of: UUID) -> list[Told]:
    return tell(await store.log.tagged(f"case:{of}"), of, store.codec, official_parameters())


async def test_steps_stand_in_business_order_with_their_computation(store: EventStore) -> None:
    known = case()
    # What is imported later may have happened earlier: payments come behind a correction of 2012.
    known.report_granted(at(date(2012, 1, 1)), monthly_fen=29_900, start_month="2012-01", monthly_income_fen=10_000)
    known.report_closed(at(date(2012, 3, 1)), reason=CloseReason.INCOME_ABOVE, end_month="2012-02")
    await store.save([known], Envelope(actor="导入员", source="assistance", basis="file:abc#3"))
    for month in ("2011-03", "2011-04", "2011-05"):
        await store.save([payment(known.id, month, 23_000)], Envelope(actor="导入员", source="assistance"))
    steps = await told(store, known.id)
    assert [step.when for step in steps] == sorted(step.when for step in steps)
    titles = [step.title for step in steps]
    assert titles[0] == "申请救助"
    assert "逐月发放 2011-03 至 2011-05" in titles
    assert titles[-1] == "结案"
    lines = {step.title: "\n".join(step.lines) for step in steps}
    assert "按规则复核：230元（与核定金额一致）" in lines["确认救助"]
    assert "dibao.standard.urban@440704/2011-01-01" in lines["确认救助"]
    assert "按规则复核：280元（与核定的 299元不一致）" in lines["调整金额"]
    assert "共 3 笔，合计 690元" in lines["逐月发放 2011-03 至 2011-05"]
    assert "经办：导入员；来源：assistance；依据：file:abc#3" in lines["申请救助"]


async def test_a_gap_or_another_amount_begins_another_run_of_payments(store: EventStore) -> None:
    known = case()
    await store.save([known], Envelope())
    for month, fen in (("2011-03", 23_000), ("2011-04", 23_000), ("2011-06", 23_000), ("2011-07", 25_000)):
        await store.save([payment(known.id, month, fen)], Envelope())
    titles = [step.title for step in await told(store, known.id) if "发放" in step.title]
    assert titles == ["逐月发放 2011-03 至 2011-04", "发放", "发放"]


async def test_findings_are_part_of_the_story_and_personal_data_is_not(store: EventStore) -> None:
    known = case()
    finding = Finding.raise_for(
        uuid4(),
        at(date(2011, 9, 1)),
        rule=FindingRule.AMOUNT_DIFFERS,
        subject=f"case:{known.id}",
        division_code=PLACE,
        effective_on=date(2011, 9, 1),
        detail="2011-09 核定 230元，实发 250元。",
        evidence=(),
        case_id=known.id,
        month="2011-09",
        amount_fen=2_000,
    )
    await store.save([known], Envelope())
    await store.save([finding, payment(known.id, "2011-09", 25_000)], Envelope())
    steps = await told(store, known.id)
    assert any("发放金额与核定金额不符：2011-09 核定 230元" in line for step in steps for line in step.lines)
    assert not any("990012345" in line for step in steps for line in step.lines)
