"""Codes of assistance cases: schemes, states, steps, and what an amount is computed from."""

from domain.codes.base import Code


class Scheme(Code):
    """救助类别"""

    DIBAO = "DIBAO", "最低生活保障"
    TEKUN = "TEKUN", "特困人员供养"
    TEMP = "TEMP", "临时救助"
    DIBAO_MARGIN = "DIBAO_MARGIN", "低保边缘家庭认定"
    RIGID_EXPENSE = "RIGID_EXPENSE", "刚性支出困难家庭认定"
    OLD_AGE_ALLOWANCE = "OLD_AGE_ALLOWANCE", "高龄津贴"
    NURSING_INST = "NURSING_INST", "老年人护理补贴（机构）"
    NURSING_HOME = "NURSING_HOME", "老年人护理补贴（居家）"
    DIS_LIVING = "DIS_LIVING", "困难残疾人生活补贴"
    DIS_NURSING = "DIS_NURSING", "重度残疾人护理补贴"
    PURCHASE = "PURCHASE", "政府购买服务"


BENEFIT_SCHEMES = frozenset(
    {Scheme.OLD_AGE_ALLOWANCE, Scheme.NURSING_INST, Scheme.NURSING_HOME, Scheme.DIS_LIVING, Scheme.DIS_NURSING}
)
"""Paid to one person as a benefit (domain/care); a household's case is in one of the others."""


class CaseState(Code):
    """救助个案状态"""

    APPLIED = "applied", "已申请"
    RETURNED = "returned", "已退回补正"
    ACCEPTED = "accepted", "已受理"
    VERIFIED = "verified", "已核对"
    REVIEWED = "reviewed", "已审核"
    PUBLICISED = "publicised", "公示中"
    OBJECTED = "objected", "有异议"
    CONFIRMED = "confirmed", "已确认"
    REFUSED = "refused", "不予确认"
    PAYING = "paying", "发放中"
    SUSPENDED = "suspended", "已停发"
    WITHDRAWN = "withdrawn", "已撤回"
    CLOSED = "closed", "已结案"
    TERMINATED = "terminated", "已终止办理"
    RECOGNISED = "recognised", "已认定"


class VisitFinding(Code):
    """入户核查结论"""

    AS_STATED = "as_stated", "与申报一致"
    DIFFERENT = "different", "与申报不一致"
    NOT_REACHED = "not_reached", "未能入户"


class Opinion(Code):
    """街道审核意见"""

    GRANT = "grant", "建议确认"
    REFUSE = "refuse", "建议不予确认"


class WorkStep(Code):
    """待办事项"""

    ACCEPT = "accept", "审查申请材料"
    INVESTIGATE = "investigate", "启动调查、入户核查"
    VERIFY = "verify", "登记核对结果"
    REVIEW = "review", "街道审核"
    PUBLICISE = "publicise", "公示"
    REINVESTIGATE = "reinvestigate", "核查异议"
    DECIDE = "decide", "作出决定"
    ANNOUNCE = "announce", "公布救助结果"
    SERVE = "serve", "送达不予确认通知书"
    SERVE_NOTICE = "serve_notice", "送达通知书"
    PAPERS = "papers", "补办急难救助手续"
    RECHECK = "recheck", "定期复核"
    ECON_AUTHORISE = "econ_authorise", "取得核对授权"
    ECON_SEND = "econ_send", "发出核对查询"
    ECON_ANSWERS = "econ_answers", "等待核对答复"
    ECON_REPORT = "econ_report", "出具核对报告"
    ECON_REVERIFY = "econ_reverify", "复核有异议的核对结果"
    ECON_ABOVE = "econ_above", "核实超过标准的收入"
    SAMPLE_RECHECK = "sample_recheck", "抽样核查后的复查"
    FEEDBACK = "feedback", "向申请人反馈转介结果或改转"
    NOTIFY_RECOVERY = "notify_recovery", "送达追回事先告知书"
    HEARING = "hearing", "等候听证申请、组织听证、决定罚款"
    DECIDE_RECOVERY = "decide_recovery", "作出追回决定"
    COLLECT = "collect", "追缴待收款项"
    COLLECT_FINE = "collect_fine", "催缴罚款"
    REFUND = "refund", "退还多收款项"
    ORG_REPORT = "org_report", "社会组织报送年度工作报告"
    ORG_INSPECTION = "org_inspection", "社会组织年度检查"
    DELIVER = "deliver", "交付服务节点"
    ACCEPT_SERVICE = "accept_service", "验收服务节点"
    EVALUATE_SERVICE = "evaluate_service", "购买服务绩效评价"
    PAY_SERVICE = "pay_service", "支付购买服务款项"
    CONTRACT_ENDING = "contract_ending", "购买服务合同到期处理"
    TAKE_OVER = "take_over", "承接主体异常，落实接续服务"
    DISCLOSE = "disclose", "公布村（居）务"
    ANSWER_QUESTION = "answer_question", "答复村民对公开事项的疑问"


class Cause(Code):
    """致困原因"""

    ILLNESS = "01", "疾病"
    DISASTER = "02", "灾害"
    DISABILITY = "03", "残疾"
    NO_WORKER = "04", "缺乏劳动力"
    UNEMPLOYMENT = "05", "失业"
    LAND_LOST = "06", "失地"
    SCHOOLING = "07", "就学"
    OTHER = "99", "其他"


class SelfCare(Code):
    """生活自理能力"""

    FULL = "full", "全自理"
    PARTIAL = "partial", "半护理"
    NONE = "none", "全护理"


class SupportMode(Code):
    """供养方式"""

    INSTITUTIONAL = "03", "集中供养"
    DISPERSED = "04", "分散供养"


class DibaoClass(Code):
    """低保类别"""

    A = "A", "A类（无劳动能力、无收入）"
    B = "B", "B类（部分劳动能力）"
    C = "C", "C类（有劳动能力）"


class Supplement(Code):
    """分类施保对象"""

    ELDERLY = "elderly", "老年人"
    MINOR = "minor", "未成年人"
    SEVERE_DISABILITY = "severe_disability", "重度残疾人"
    SERIOUS_ILLNESS = "serious_illness", "重病患者"


class UrbanRural(Code):
    """城乡属性"""

    URBAN = "urban", "城镇"
    RURAL = "rural", "农村"


class TempType(Code):
    """临时救助类型"""

    EMERGENCY = "emergency", "急难型"
    EXPENDITURE = "expenditure", "支出型"


class Light(Code):
    """待办期限提示"""

    RED = "red", "已逾期"
    YELLOW = "yellow", "即将到期"
    GREEN = "green", "未到期"


class CloseReason(Code):
    """结案原因"""

    INCOME_ABOVE = "income_above", "收入超过标准"
    DECEASED = "deceased", "死亡"
    MOVED_OUT = "moved_out", "迁出本区"
    VOLUNTARY = "voluntary", "自愿退出"
    TO_TEKUN = "to_tekun", "转为特困供养"
    TO_DIBAO = "to_dibao", "转为低保"
    EXPIRED = "expired", "期满"
    FRAUD = "fraud", "骗取救助"
    OTHER = "other", "其他"
