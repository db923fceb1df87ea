"""The indicators of social assistance: 社会救助统计 and the district plan's own figures.

Who is *covered* in a month is who is entitled for that month. Every grant, change of amount, suspension and closing
takes effect with a month, so that is who is covered on its first day; what is decided is counted on the day of the
decision, and money on the day it is paid or returned.
"""

from domain.codes import IndicatorUnit, PopulationBasis, Scheme
from domain.indicators import Indicator

_LAW = "社会救助暂行办法（国务院令第649号）"
_PLAN = "江海区“十三五”大民政规划（四）1"
_STATISTICS = "民政统计调查制度（社会服务统计，待核版本）"
_BASIS = {
    Scheme.DIBAO: PopulationBasis.REGISTERED,
    Scheme.TEKUN: PopulationBasis.REGISTERED,
    Scheme.TEMP: PopulationBasis.ACTUAL,
}
"""Dibao and tekun are for those registered here; temporary assistance covers everyone who actually lives here."""
_SHORT = {Scheme.DIBAO: "低保", Scheme.TEKUN: "特困供养", Scheme.TEMP: "临时救助"}
MONTHLY = (Scheme.DIBAO, Scheme.TEKUN)
"""Schemes that are paid monthly."""
PAID_SCHEMES = (*MONTHLY, Scheme.TEMP)
"""Schemes that are paid at all; the others give a household a status."""


def _of(scheme: Scheme) -> str:
    return scheme.value.lower()


def _dibao(
    name: str,
    label: str,
    unit: IndicatorUnit,
    formula: str,
    *plus: str,
    source: str = "",
    plan_value: int | None = None,
) -> Indicator:
    return Indicator(
        name=name,
        label=label,
        unit=unit,
        basis=PopulationBasis.REGISTERED,
        formula=formula,
        source=source or _STATISTICS,
        plus=plus,
        plan_value=plan_value,
        plan_year="" if plan_value is None else "2015",
    )


_HOUSEHOLDS, _PERSONS, _FEN = IndicatorUnit.HOUSEHOLDS, IndicatorUnit.PERSONS, IndicatorUnit.FEN
_IN_MONTH = "当月应发放的家庭；按年统计时为末月"
COVERED = (
    _dibao("dibao_households", "低保户数", _HOUSEHOLDS, _IN_MONTH, "dibao_households_urban", "dibao_households_rural"),
    _dibao("dibao_households_urban", "城镇低保户数", _HOUSEHOLDS, _IN_MONTH, "dibao_households_urban"),
    _dibao("dibao_households_rural", "农村低保户数", _HOUSEHOLDS, _IN_MONTH, "dibao_households_rural"),
    _dibao("dibao_persons", "低保人数", _PERSONS, "上述家庭的保障人数", "dibao_persons_urban", "dibao_persons_rural"),
    _dibao("dibao_persons_urban", "城镇低保人数", _PERSONS, "上述城镇家庭的保障人数", "dibao_persons_urban"),
    _dibao("dibao_persons_rural", "农村低保人数", _PERSONS, "上述农村家庭的保障人数", "dibao_persons_rural"),
    _dibao("tekun_households", "特困供养户数", _HOUSEHOLDS, _IN_MONTH, "tekun_households"),
    _dibao("tekun_persons", "特困供养人数", _PERSONS, "上述家庭的供养人数", "tekun_persons"),
    *(
        _dibao(f"tekun_persons_{level}", f"特困供养人数（{label}）", _PERSONS, formula, f"tekun_persons_{level}")
        for level, label, formula in (
            ("full", "全自理", "最近一次登记的生活自理能力为全自理"),
            ("partial", "半护理", "最近一次登记的生活自理能力为半护理"),
            ("none", "全护理", "最近一次登记的生活自理能力为全护理"),
            ("unknown", "未登记自理能力", "没有登记过生活自理能力"),
        )
    ),
)
"""Who is covered."""

GAPS = tuple(
    Indicator(
        name=f"dibao_avg_gap{suffix}",
        label=f"{label}低保月人均补差",
        unit=IndicatorUnit.FEN_PER_PERSON,
        basis=PopulationBasis.REGISTERED,
        formula="各月核定低保金合计 ÷ 各月保障人数合计",
        source=_PLAN,
        plus=tuple(f"dibao_due_fen_{kind}" for kind in kinds),
        per=tuple(f"dibao_person_months_{kind}" for kind in kinds),
        target=target,
        plan_value=target,
    )
    for suffix, label, kinds, target in (
        ("", "", ("urban", "rural"), None),
        ("_urban", "城镇", ("urban",), 38_400),
        ("_rural", "农村", ("rural",), 18_600),
    )
)
"""The average gap: the plan wants at least 384 yuan in towns and 186 in the country."""

MOVEMENT = (
    *(
        Indicator(
            name=f"{_of(scheme)}_{kind}",
            label=f"{_SHORT[scheme]}{label}",
            unit=unit,
            basis=_BASIS[scheme],
            formula=formula,
            source=_STATISTICS,
            plus=(f"{_of(scheme)}_{kind}",),
        )
        for scheme in MONTHLY
        for kind, label, unit, formula in (
            ("new_households", "新增户数", _HOUSEHOLDS, "起发月份在期间内的家庭"),
            ("new_persons", "新增人数", _PERSONS, "起发月份在期间内的家庭的保障人数"),
            ("closed_households", "退出户数", _HOUSEHOLDS, "自期间内某月起不再保障的家庭"),
            ("closed_persons", "退出人数", _PERSONS, "自期间内某月起不再保障的家庭的保障人数"),
        )
    ),
    _dibao(
        "dibao_removed_persons",
        "低保清退人数",
        _PERSONS,
        "退出人数中，原因为收入超过标准或骗取救助的",
        "dibao_removed_persons",
        source=f"{_LAW}第十三条",
        plan_value=495,
    ),
    _dibao(
        "dibao_visited_persons",
        "低保入户核查人数",
        _PERSONS,
        "期间内最近一次入户核查过的家庭的保障人数；一户在一个期间只计一次，各月不能相加",
        "dibao_visited_persons",
        source=_PLAN,
        plan_value=2_453,
    ),
    Indicator(
        name="dibao_removal_rate",
        label="低保清退率",
        unit=IndicatorUnit.BP,
        basis=PopulationBasis.REGISTERED,
        formula="清退人数 ÷ 入户核查人数；没有登记入户核查时为空",
        source=_PLAN,
        plus=("dibao_removed_persons",),
        per=("dibao_visited_persons",),
        plan_value=2_020,
        plan_year="2015",
    ),
)
"""Who came and who left."""

DECISIONS = (
    *(
        Indicator(
            name=name,
            label=label,
            unit=IndicatorUnit.CASES,
            basis=PopulationBasis.ACTUAL,
            formula=formula,
            source=f"{_LAW}第十一条",
            plus=(name,),
        )
        for name, label, formula in (
            ("decided_cases", "作出决定件数", "期间内在平台上确认或不予确认的个案"),
            ("refused_cases", "不予确认件数", "期间内在平台上决定不予确认的个案"),
        )
    ),
    Indicator(
        name="decided_in_time",
        label="按时办结率",
        unit=IndicatorUnit.BP,
        basis=PopulationBasis.ACTUAL,
        formula="决定日不晚于办结期限的件数 ÷ 有办结期限的决定件数",
        source=f"{_LAW}；审核确认办法（民发〔2021〕57号，待核）",
        plus=("decided_in_limit",),
        per=("decided_with_limit",),
    ),
)
"""What was decided, and whether in time."""

MONEY = tuple(
    Indicator(
        name=f"{_of(scheme)}_{kind}",
        label=f"{_SHORT[scheme]}{label}",
        unit=_FEN,
        basis=_BASIS[scheme],
        formula=formula,
        source=_STATISTICS,
        plus=tuple(f"{_of(scheme)}_{name}" for name in plus),
        minus=tuple(f"{_of(scheme)}_{name}" for name in minus),
        plan_value=304_000_000 if scheme is Scheme.TEMP and kind == "net_fen" else None,
    )
    for scheme in PAID_SCHEMES
    for kind, label, formula, plus, minus in (
        ("paid_fen", "发放金额", "期间内发放的金额（按发放日期，含后来退回的）", ("paid_fen",), ()),
        ("returned_fen", "退回金额", "期间内银行退回的金额（按退回日期）", ("returned_fen",), ()),
        ("net_fen", "支出金额", "期间内发放的减去期间内退回的", ("paid_fen",), ("returned_fen",)),
    )
)
"""Money, by the day it moved."""

PAID = tuple(
    Indicator(
        name=f"{_of(scheme)}_paid_households",
        label=f"{_SHORT[scheme]}发放户数",
        unit=_HOUSEHOLDS,
        basis=_BASIS[scheme],
        formula="期间内发放过的家庭，一户只计一次；期间内迁移过的家庭两地各计一次",
        source=_STATISTICS,
        plus=(f"{_of(scheme)}_paid_households",),
        distinct=True,
    )
    for scheme in PAID_SCHEMES
)
"""How many households money went to."""

TEMPORARY = tuple(
    Indicator(
        name=name,
        label=label,
        unit=unit,
        basis=PopulationBasis.ACTUAL,
        formula=formula,
        source=source,
        plus=plus,
        minus=minus,
        per=("temp_paid_count",) if unit is IndicatorUnit.FEN_PER_TIME else (),
        plan_value={"temp_times": 945, "temp_avg_fen": 321_700}.get(name),
    )
    for name, label, unit, formula, source, plus, minus in (
        (
            "temp_times",
            "临时救助人次",
            IndicatorUnit.TIMES,
            "期间内发放的笔数减去期间内退回的笔数",
            _STATISTICS,
            ("temp_paid_count",),
            ("temp_returned_count",),
        ),
        (
            "temp_small_times",
            "小额临时救助人次",
            IndicatorUnit.TIMES,
            "期间内发放、每笔不超过发放当日街道审批上限的笔数",
            f"{_LAW}第四十八条",
            ("temp_small_times",),
            (),
        ),
        (
            "temp_small_fen",
            "小额临时救助金额",
            _FEN,
            "期间内发放、每笔不超过发放当日街道审批上限的金额",
            f"{_LAW}第四十八条",
            ("temp_small_fen",),
            (),
        ),
        (
            "temp_avg_fen",
            "临时救助次均金额",
            IndicatorUnit.FEN_PER_TIME,
            "期间内发放的金额 ÷ 期间内发放的笔数，含后来退回的；规划数由 304 万元、945 人次推算",
            _PLAN,
            ("temp_paid_fen",),
            (),
        ),
    )
)
"""Temporary assistance."""

AGREEMENT = tuple(
    Indicator(
        name=f"{_of(scheme)}_{kind}",
        label=f"{_SHORT[scheme]}{label}",
        unit=_FEN,
        basis=_BASIS[scheme],
        formula=formula,
        source="审计核对：核定、发放、退回三方一致",
        plus=tuple(f"{_of(scheme)}_{name}" for name in plus),
        minus=tuple(f"{_of(scheme)}_{name}" for name in minus),
    )
    for scheme in PAID_SCHEMES
    for kind, label, formula, plus, minus in (
        ("due_fen", "应发金额", "所属月份应发放的核定金额", ("due_fen",), ()),
        ("issued_for_fen", "已发金额（按所属月份）", "所属月份的发放金额，含补发和后来退回的", ("issued_for_fen",), ()),
        ("returned_for_fen", "退回金额（按所属月份）", "所属月份的发放中已退回的金额", ("returned_for_fen",), ()),
        (
            "unpaid_fen",
            "应发未发差额",
            "应发减去已发、加上退回；为零即三方一致，为正是少发，为负是多发",
            ("due_fen", "returned_for_fen"),
            ("issued_for_fen",),
        ),
    )
)
"""What was due for a month against what was issued for it and what came back: an auditor's sum."""

INDICATORS: tuple[Indicator, ...] = (
    *COVERED,
    *GAPS,
    *MOVEMENT,
    *DECISIONS,
    *MONEY,
    *PAID,
    *TEMPORARY,
    *AGREEMENT,
)
"""Every indicator of social assistance."""
