"""What a generated district holds: its files in import order, its totals, and every planted defect with its count."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import msgspec

from connectors.demo.dice import Share
from domain.codes import Code, FindingRule
from domain.errors import BadInput

MANIFEST = "manifest.json"


class Dirt(Code):
    """来源文件中的问题"""

    # Rows that say nothing new.
    DUPLICATE_ROW = "duplicate_row", "同一文件内重复的行"
    REPEATED_EXPORT = "repeated_export", "后来又重复导出的行"
    STALE_EXPORT = "stale_export", "迟到的旧导出，内容已过时的行"
    # Rows that cannot be understood.
    WRONG_CHECK_DIGIT = "wrong_check_digit", "校验码不符的公民身份号码"
    IMPOSSIBLE_DATE = "impossible_date", "不存在的日期"
    UNKNOWN_CODE = "unknown_code", "代码表以外的值"
    MISSING_CELL = "missing_cell", "必填项为空"
    STREET_MISSING = "street_missing", "墟镇社区没有写明街道"
    OTHER_NAME = "other_name", "同一号码下另一个人的姓名"
    UNKNOWN_CASE = "unknown_case", "没有对应救助证号的发放记录"
    # Facts that contradict the rules.
    PAID_AFTER_DEATH = "paid_after_death", "死亡后仍发放的月数"
    AMOUNT_OFF_RULE = "amount_off_rule", "与标准计算结果不符的保障金额"
    PAYMENT_DIFFERS = "payment_differs", "与核定金额不符的发放"
    PAID_TWICE = "paid_twice", "同月重复发放"
    EXCLUSIVE_SCHEMES = "exclusive_schemes", "同时享受低保和特困供养的人员"
    # Oddities that must do no harm.
    UNKNOWN_MEMBER = "unknown_member", "人口库中没有的家庭成员"
    HOMONYM = "homonym", "同名、同日出生的另一个人"
    TAB_SUFFIX = "tab_suffix", "带制表符的号码"
    SHORT_ID = "short_id", "15 位旧号码"
    PROVISIONAL_NUMBER = "provisional_number", "系统自编的临时号码"
    SERIAL_DATE = "serial_date", "表格软件的日期序号"
    SUM_ROW = "sum_row", "合计行"
    MERGED_TITLE = "merged_title", "合并单元格的标题行"
    RETURNED = "returned", "银行退回的发放"
    # What comes later and sets things right.
    CORRECTED_ID = "corrected_id", "更正后重报的号码"
    CORRECTED_DETAILS = "corrected_details", "更正后的电话"
    CORRECTED_PAYMENT = "corrected_payment", "更正后的发放金额"
    LATE_DEATH = "late_death", "迟报的死亡"

    # The other systems: rows before what they build on, which enter by themselves once it has come.
    STAY_EARLY = "stay_early", "设施名册到达以前的入院记录"
    ALLOWANCE_EARLY = "allowance_early", "名册到达以前的高龄津贴发放"
    SETTLEMENT_EARLY = "settlement_early", "就诊登记到达以前的结算"
    HANDLING_EARLY = "handling_early", "事件到达以前的处理记录"
    CONTRACT_EARLY = "contract_early", "社会组织登记到达以前的合同"
    # Rows that stay in quarantine.
    UNKNOWN_FACILITY = "unknown_facility", "没有此名称的设施"
    LEFT_BEFORE_CAME = "left_before_came", "早于入院的出院时间"
    GRADE_OUT_OF_SCALE = "grade_out_of_scale", "超出评估标准的等级"
    NOT_ON_ROSTER = "not_on_roster", "名册中没有的人的高龄津贴发放"
    CERTIFICATE_MISMATCH = "certificate_mismatch", "残疾人证号末位与等级不符"
    UNKNOWN_VISIT = "unknown_visit", "没有就诊登记的结算"
    UNKNOWN_PATIENT = "unknown_patient", "人口登记中没有的患者"
    SWAPPED_POINT = "swapped_point", "经纬度颠倒的坐标"
    UNKNOWN_INCIDENT = "unknown_incident", "没有对应事件的处理记录"
    UNKNOWN_ITEM = "unknown_item", "代码表以外的物资"
    WRONG_CREDIT_CODE = "wrong_credit_code", "校验码不符的统一社会信用代码"
    UNKNOWN_TOPIC = "unknown_topic", "不认识的公开事项"
    # Facts that contradict the rules or what another system says.
    BED_TWICE = "bed_twice", "登记给两人的床位"
    TWO_HOUSES = "two_houses", "同时在两家机构入住"
    STILL_IN_AFTER_DEATH = "still_in_after_death", "死亡后仍在院"
    ONE_ASSESSOR = "one_assessor", "只有一名评估人员"
    OWN_REVIEW = "own_review", "评估人员审核自己的评估"
    SERVICE_IN_HOUSE = "service_in_house", "机构住养期间的居家服务"
    SERVICE_IN_HOSPITAL = "service_in_hospital", "住院期间的居家服务"
    SERVICE_OFF_PRICE = "service_off_price", "与单价、数量不符的服务金额"
    BELOW_AGE = "below_age", "未到龄的高龄津贴"
    ALLOWANCE_OFF = "allowance_off", "与当时标准不符的高龄津贴"
    ALLOWANCE_AFTER_DEATH = "allowance_after_death", "死亡后仍发放高龄津贴的月数"
    ALLOWANCE_TWICE = "allowance_twice", "重复发放高龄津贴的月数"
    SPLIT_OFF = "split_off", "各方支付之和与总额不符的结算"
    NO_CATEGORY = "no_category", "没有救助身份的医疗救助"
    DEAD_PATIENT = "dead_patient", "死亡后的就诊"
    TWO_HOSPITALS = "two_hospitals", "时间重叠的两次住院"
    MET_DEAD = "met_dead", "死亡后仍见到本人的走访"
    HANDLED_BEFORE = "handled_before", "早于事件发生的处理"
    OVERDRAWN = "overdrawn", "多于账面的物资出库"
    REPORT_IMPOSSIBLE = "report_impossible", "自相矛盾的灾情"
    WINTER_OFF = "winter_off", "与标准不符的冬春救助"
    WINTER_DEAD = "winter_dead", "给死者的冬春救助"
    CONTRACT_WITH_REVOKED = "contract_with_revoked", "承接主体异常而仍在履行的合同"
    CONTRACT_TOO_LONG = "contract_too_long", "期限过长的合同"
    CONTRACT_OVERPAID = "contract_overpaid", "已付超过金额的合同"
    POSTED_LATE = "posted_late", "逾期的公开"
    # Oddities that must do no harm.
    REFUNDED = "refunded", "以退费行撤销的结算"
    REVERSED = "reversed", "以01、02、00三行冲正的结算"
    SENSITIVE_TAG = "sensitive_tag", "不得入库的敏感标签"
    GOOD_COPY = "good_copy", "同一文件内重复的行（其他系统）"


SHARES: dict[Dirt, float] = {
    Dirt.DUPLICATE_ROW: 0.002,
    Dirt.WRONG_CHECK_DIGIT: 0.001,
    Dirt.IMPOSSIBLE_DATE: 0.0007,
    Dirt.UNKNOWN_CODE: 0.0007,
    Dirt.MISSING_CELL: 0.0007,
    Dirt.OTHER_NAME: 0.0005,
    Dirt.HOMONYM: 0.001,
    Dirt.TAB_SUFFIX: 0.01,
    Dirt.SHORT_ID: 0.25,  # of those born before 1950
    Dirt.PROVISIONAL_NUMBER: 0.0007,
    Dirt.STREET_MISSING: 0.01,  # of the rows of the two communities of that name
    Dirt.STALE_EXPORT: 0.002,
    Dirt.REPEATED_EXPORT: 0.01,
    Dirt.CORRECTED_DETAILS: 0.002,
    Dirt.UNKNOWN_MEMBER: 0.03,  # of the members beside the head
    Dirt.AMOUNT_OFF_RULE: 0.03,  # of the dibao cases still paid
    Dirt.EXCLUSIVE_SCHEMES: 0.05,  # of the tekun cases
    Dirt.PAID_AFTER_DEATH: 0.4,  # of the cases that ended with a death
    Dirt.PAYMENT_DIFFERS: 0.001,  # of the payments
    Dirt.PAID_TWICE: 0.0005,
    Dirt.UNKNOWN_CASE: 0.0005,
    Dirt.RETURNED: 0.002,
    Dirt.CORRECTED_PAYMENT: 0.0005,
    Dirt.LATE_DEATH: 0.03,  # of the deaths
    Dirt.GOOD_COPY: 0.002,
    Dirt.UNKNOWN_FACILITY: 0.01,  # of the stays, as the next
    Dirt.LEFT_BEFORE_CAME: 0.01,
    Dirt.BED_TWICE: 0.015,
    Dirt.TWO_HOUSES: 0.015,
    Dirt.STILL_IN_AFTER_DEATH: 0.05,  # of the stays that ended with a death
    Dirt.GRADE_OUT_OF_SCALE: 0.01,  # of the assessments, as the next
    Dirt.ONE_ASSESSOR: 0.03,
    Dirt.OWN_REVIEW: 0.015,
    Dirt.SERVICE_IN_HOUSE: 0.004,  # of the services, as the next
    Dirt.SERVICE_IN_HOSPITAL: 0.004,
    Dirt.SERVICE_OFF_PRICE: 0.004,
    Dirt.BELOW_AGE: 0.02,  # of the roster, as the next
    Dirt.ALLOWANCE_OFF: 0.02,
    Dirt.NOT_ON_ROSTER: 0.02,
    Dirt.ALLOWANCE_AFTER_DEATH: 0.25,  # of those on the roster who died
    Dirt.ALLOWANCE_TWICE: 0.002,  # of the payments
    Dirt.CERTIFICATE_MISMATCH: 0.01,
    Dirt.SPLIT_OFF: 0.02,  # of the settlements, as the next
    Dirt.NO_CATEGORY: 0.02,
    Dirt.UNKNOWN_VISIT: 0.01,
    Dirt.UNKNOWN_PATIENT: 0.01,
    Dirt.DEAD_PATIENT: 0.01,
    Dirt.TWO_HOSPITALS: 0.015,
    Dirt.REFUNDED: 0.03,
    Dirt.REVERSED: 0.03,
    Dirt.SWAPPED_POINT: 0.02,  # of the incidents, as the next
    Dirt.HANDLED_BEFORE: 0.02,
    Dirt.UNKNOWN_INCIDENT: 0.01,
    Dirt.SENSITIVE_TAG: 0.02,  # of the residents
    Dirt.MET_DEAD: 0.2,  # of the residents who died
    Dirt.WINTER_OFF: 0.02,
    Dirt.POSTED_LATE: 0.03,
}
"""Shares of the rows of a file, or of what stands beside them."""
_COMMON = 0.03

FINDINGS: dict[Dirt, FindingRule] = {
    Dirt.BED_TWICE: FindingRule.BED_GIVEN_TWICE,
    Dirt.TWO_HOUSES: FindingRule.TWO_STAYS,
    Dirt.STILL_IN_AFTER_DEATH: FindingRule.STAY_AFTER_DEATH,
    Dirt.ONE_ASSESSOR: FindingRule.TOO_FEW_ASSESSORS,
    Dirt.OWN_REVIEW: FindingRule.ASSESSOR_REVIEWED,
    Dirt.SERVICE_IN_HOUSE: FindingRule.SERVICE_WHILE_AWAY,
    Dirt.SERVICE_OFF_PRICE: FindingRule.SERVICE_AMOUNT,
    Dirt.BELOW_AGE: FindingRule.OUTSIDE_AGE,
    Dirt.ALLOWANCE_OFF: FindingRule.BENEFIT_OFF_RULE,
    Dirt.ALLOWANCE_AFTER_DEATH: FindingRule.PAID_AFTER_DEATH,
    Dirt.ALLOWANCE_TWICE: FindingRule.PAID_TWICE,
    Dirt.SPLIT_OFF: FindingRule.MEDICAL_SPLIT,
    Dirt.NO_CATEGORY: FindingRule.MEDICAL_CATEGORY,
    Dirt.DEAD_PATIENT: FindingRule.MEDICAL_AFTER_DEATH,
    Dirt.TWO_HOSPITALS: FindingRule.MEDICAL_OVERLAP,
    Dirt.MET_DEAD: FindingRule.MET_AFTER_DEATH,
    Dirt.HANDLED_BEFORE: FindingRule.HANDLED_BEFORE_REPORTED,
    Dirt.OVERDRAWN: FindingRule.STOCK_BELOW_ZERO,
    Dirt.REPORT_IMPOSSIBLE: FindingRule.DISASTER_FIGURES,
    Dirt.WINTER_OFF: FindingRule.AMOUNT_OFF_RULE,
    Dirt.WINTER_DEAD: FindingRule.PAID_AFTER_DEATH,
    Dirt.CONTRACT_WITH_REVOKED: FindingRule.CONTRACT_STANDING,
    Dirt.CONTRACT_TOO_LONG: FindingRule.CONTRACT_TERM,
    Dirt.CONTRACT_OVERPAID: FindingRule.CONTRACT_OVERPAID,
    Dirt.POSTED_LATE: FindingRule.DISCLOSED_LATE,
}
"""What the import of the other systems finds; a service during a stay in hospital is for a process to see."""
EARLY = frozenset(
    {Dirt.STAY_EARLY, Dirt.ALLOWANCE_EARLY, Dirt.SETTLEMENT_EARLY, Dirt.HANDLING_EARLY, Dirt.CONTRACT_EARLY}
)
WAITING = frozenset(
    {
        Dirt.UNKNOWN_FACILITY,
        Dirt.LEFT_BEFORE_CAME,
        Dirt.GRADE_OUT_OF_SCALE,
        Dirt.NOT_ON_ROSTER,
        Dirt.CERTIFICATE_MISMATCH,
        Dirt.UNKNOWN_VISIT,
        Dirt.UNKNOWN_PATIENT,
        Dirt.SWAPPED_POINT,
        Dirt.UNKNOWN_INCIDENT,
        Dirt.UNKNOWN_ITEM,
        Dirt.WRONG_CREDIT_CODE,
        Dirt.UNKNOWN_TOPIC,
    }
)
"""Rows that still stand in quarantine when everything has come."""


@dataclass(frozen=True, slots=True)
class File:
    """One generated file. `source` and `export_on` are what the import is told about it."""

    path: str
    source: str
    content: str
    export_on: date
    rows: int


@dataclass(slots=True)
class Expected:
    """What a right import makes of all files of one content, once everything has come. The four add up to the rows."""

    recorded: int = 0
    early: int = 0
    """Rows that wait in quarantine at first and enter by themselves."""
    quarantined: int = 0
    duplicates: int = 0


@dataclass(slots=True)
class Category:
    """Somebody to be recognised for medical assistance before settlements arrive; dates include both ends."""

    citizen_id: str
    category: str
    from_on: date
    to_on: date | None = None


@dataclass(slots=True)
class Manifest:
    """What was generated. `dirt` counts each defect by kind; `totals` counts what a right import finds.

    `expected` (by source/content) and `findings` (by rule) are those of the systems beside population and assistance;
    `categories` is what their own systems would have told the platform of the patients before.
    """

    seed: int
    persons: int
    today: date
    files: list[File] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)
    dirt: dict[str, int] = field(default_factory=dict)
    expected: dict[str, Expected] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)
    categories: list[Category] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Rows of all files."""
        return sum(file.rows for file in self.files)

    def write(self, folder: Path) -> None:
        """Write `manifest.json` into the folder."""
        text = msgspec.json.format(msgspec.json.encode(self, order="deterministic"), indent=1)
        (folder / MANIFEST).write_bytes(text + b"\n")

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """The manifest of a generated folder; raises BadInput where it holds none."""
        try:
            return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=cls)
        except (OSError, msgspec.MsgspecError):
            raise BadInput(f"{folder} 中没有可用的 {MANIFEST}；请先运行 minzheng demo generate。", "out") from None


class Planter:
    """Decides where defects go and counts them, so that the manifest says exactly how many there are."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._shares: dict[tuple[Dirt, str], Share] = {}

    def due(self, kind: Dirt, where: str = "") -> bool:
        """Whether this row should get the defect; nothing is counted until `planted`."""
        share = self._shares.get((kind, where))
        if share is None:
            # Rare kinds begin on different rows, so that a small district has each of them early.
            rare = SHARES[kind] < _COMMON
            share = self._shares[kind, where] = Share(SHARES[kind], len(self._shares) % 7 if rare else 0)
        return share.due()

    def planted(self, kind: Dirt, where: str = "", count: int = 1) -> None:
        """One defect stands in the files (or, for kinds that count months, `count` of them)."""
        self._shares[kind, where].done()
        self.counts[kind.value] += count

    def spent(self, kind: Dirt, where: str = "") -> None:
        """What was due is about to be made; it is counted where it is written."""
        self._shares[kind, where].done()

    def seen(self, kind: Dirt, count: int = 1) -> None:
        """A defect that is not spread by a share."""
        self.counts[kind.value] += count

    def first_due(self, kinds: tuple[Dirt, ...], where: str = "") -> Dirt | None:
        """The first kind that is due here, counted as planted; the others stay due for the next row."""
        chosen = None
        for kind in kinds:
            if self.due(kind, where) and chosen is None:
                chosen = kind
        if chosen is not None:
            self.planted(chosen, where)
        return chosen
