"""Codes of medical assistance: hospitals, visits, settlements, and how money is cleared with hospitals."""

from domain.codes.base import Code


class MaCategory(Code):
    """医疗救助对象类别"""

    TEKUN = "tekun", "特困人员"
    DIBAO = "dibao", "低保对象"
    MARGIN = "dibao_margin", "低保边缘家庭成员"
    ILLNESS_POOR = "illness_poor", "因病致贫重病患者"
    NONE = "none", "不属于医疗救助对象"


class InsuranceType(Code):
    """险种类别"""

    EMPLOYEE = "310", "职工基本医疗保险"
    CIVIL_SERVANT = "320", "公务员医疗补助"
    LARGE_EXPENSE = "330", "大额医疗费用补助"
    RETIRED_CADRE = "340", "离休人员医疗保障"
    ENTERPRISE = "370", "企业补充医疗保险"
    RESIDENT = "390", "城乡居民基本医疗保险"
    RESIDENT_SERIOUS = "392", "城乡居民大病医疗保险"
    LONG_TERM_CARE = "410", "长期照护保险"
    MATERNITY = "510", "生育保险"
    NONE = "000", "未参加基本医疗保险"


class MedType(Code):
    """医疗类别"""

    OUTPATIENT = "11", "普通门诊"
    EMERGENCY = "13", "急诊"
    CHRONIC = "14", "门诊慢特病"
    INPATIENT = "21", "住院"


class HospitalLevel(Code):
    """医院等级"""

    FIRST = "1", "一级及以下"
    SECOND = "2", "二级"
    THIRD = "3", "三级"


class Ward(Code):
    """纳入结算的特殊病区"""

    GERIATRIC = "geriatric", "老年病区"
    HOME_BED = "home_bed", "家庭病床"


class HospitalState(Code):
    """定点协议状态"""

    IN_FORCE = "in_force", "协议有效"
    SUSPENDED = "suspended", "暂停结算"
    ENDED = "ended", "协议终止"


class VisitState(Code):
    """就诊状态"""

    ADMITTED = "admitted", "在院或就诊中"
    DISCHARGED = "discharged", "已出院"
    VOIDED = "voided", "已撤销登记"


class SettlementState(Code):
    """结算状态"""

    OPENED = "opened", "已登记"
    PRE_SETTLED = "pre_settled", "已预结算"
    SETTLED = "settled", "已结算"
    RECONCILED = "reconciled", "已对账"
    CLEARED = "cleared", "已清算"
    CANCELLED = "cancelled", "已撤销，待重新结算"
    RE_SETTLED = "re_settled", "已撤销并重新结算"
    DROPPED = "dropped", "已撤销，不再结算"
    PENDING_REVERSAL = "pending_reversal", "结果不明，待冲正"
    REVERSED = "reversed", "已冲正"


class SettlementCancelReason(Code):
    """撤销结算的原因"""

    WRONG_FEES = "wrong_fees", "费用有误"
    WRONG_PERSON = "wrong_person", "人员或险种有误"
    WRONG_CATEGORY = "wrong_category", "救助类别有误"
    PATIENT = "patient", "患者要求改由其他方式结算"
    EARLIER_CANCELLED = "earlier_cancelled", "更早的结算已撤销，按恢复后的累计重算"
    REPORTED = "reported", "来源系统退费"


class AccumulatorCause(Code):
    """年度累计变动的原因"""

    SETTLED = "settled", "结算"
    CANCELLED = "cancelled", "撤销结算"
    REVERSED = "reversed", "冲正"
    CLAIMED = "claimed", "事后救助"


class DifferenceKind(Code):
    """对账差异"""

    ONLY_THERE = "only_there", "医院有、本平台无"
    ONLY_HERE = "only_here", "本平台有、医院无"
    AMOUNT = "amount", "金额不一致"


class ClearingState(Code):
    """清算状态"""

    PREPARED = "prepared", "已编制，待审批"
    PAID = "paid", "已拨付"
    WITHDRAWN = "withdrawn", "已撤回"


class ClaimState(Code):
    """事后救助申请状态"""

    FILED = "filed", "已受理"
    REVIEWED = "reviewed", "街道已审核"
    PUBLICISED = "publicised", "公示中"
    OBJECTED = "objected", "公示有异议"
    APPROVED = "approved", "已核准，待支付"
    REFUSED = "refused", "不予救助"
    PAID = "paid", "已支付"
