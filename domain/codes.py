"""Coded values with the labels users see. Every code set of the district is an enum of this kind."""

from enum import StrEnum
from typing import Self

from domain.errors import BadInput


class Code(StrEnum):
    """A code and its Chinese label: members are written `NAME = "code", "标签"`."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        """Keep the label beside the code; the member itself equals the code."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label or value
        return member

    @classmethod
    def parse(cls, text: str, field: str = "") -> Self:
        """The member with this code or label; raises BadInput listing what is allowed."""
        cleaned = text.strip()
        for member in cls:
            if cleaned in (member.value, member.label):
                return member
        allowed = "、".join(member.label for member in cls)
        raise BadInput(f"“{cleaned[:20]}”不是有效的{(cls.__doc__ or cls.__name__).strip()}；可用：{allowed}。", field)


class Sex(Code):
    """性别"""

    UNKNOWN = "0", "未知的性别"
    MALE = "1", "男"
    FEMALE = "2", "女"
    UNSTATED = "9", "未说明的性别"


class Relation(Code):
    """与户主关系（GB/T 4761-2008）"""

    SELF = "01", "本人"
    HEAD = "02", "户主"
    SPOUSE = "10", "配偶"
    HUSBAND = "11", "夫"
    WIFE = "12", "妻"
    SON = "20", "子"
    ADOPTED_SON = "27", "养子"
    SON_IN_LAW = "28", "女婿"
    DAUGHTER = "30", "女"
    DAUGHTER_IN_LAW = "38", "儿媳"
    GRANDCHILD = "40", "孙子、孙女或外孙子、外孙女"
    PARENTS = "50", "父母"
    FATHER = "51", "父亲"
    MOTHER = "52", "母亲"
    GRANDPARENTS = "60", "祖父母或外祖父母"
    SIBLINGS = "70", "兄弟姐妹"
    OTHER = "80", "其他"
    OTHER_KIN = "97", "其他亲属"
    NON_KIN = "99", "非亲属"


class PopulationKind(Code):
    """人口类型"""

    REGISTERED = "10", "户籍"
    FLOATING = "20", "流动"
    OVERSEAS = "30", "境外"
    UNSETTLED = "40", "未落户"


class HouseholdKind(Code):
    """家庭类别"""

    REGISTERED = "registered", "户籍家庭"
    RESIDENTIAL = "residential", "居住家庭"
    CO_LIVING = "co_living", "共同生活家庭"


class Scheme(Code):
    """救助类别"""

    DIBAO = "DIBAO", "最低生活保障"
    TEKUN = "TEKUN", "特困人员供养"
    TEMP = "TEMP", "临时救助"
    DIBAO_MARGIN = "DIBAO_MARGIN", "低保边缘家庭认定"
    RIGID_EXPENSE = "RIGID_EXPENSE", "刚性支出困难家庭认定"


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


class EconSource(Code):
    """经济状况核对来源"""

    BANK = "bank", "银行存款"
    SECURITIES = "securities", "证券基金"
    TAX = "tax", "税务"
    VEHICLE = "vehicle", "车辆"
    REAL_ESTATE = "real_estate", "不动产"
    BUSINESS = "business", "工商登记"
    SOCIAL_INSURANCE = "social_insurance", "社会保险"
    HOUSING_FUND = "housing_fund", "住房公积金"
    MARRIAGE = "marriage", "婚姻登记"
    FUNERAL = "funeral", "殡葬"


class EconResult(Code):
    """核对答复结果"""

    NOTHING = "nothing", "未查到"
    FOUND = "found", "查到"
    NOT_IDENTIFIABLE = "not_identifiable", "无法识别"


class EconQueryState(Code):
    """核对查询状态"""

    WAITING = "waiting", "等待答复"
    ANSWERED = "answered", "已答复"
    TIMED_OUT = "timed_out", "逾期未答复"


class EconState(Code):
    """经济状况核对状态"""

    AUTHORISING = "authorising", "待授权"
    AUTHORISED = "authorised", "已授权"
    SENT = "sent", "已发出查询"
    PARTIAL = "partial", "部分答复"
    REPORTED = "reported", "已出具报告"
    CONTESTED = "contested", "有异议"
    REVERIFIED = "reverified", "已复核"
    EXPIRED = "expired", "已过有效期"
    CANCELLED = "cancelled", "已终止"


class EconConclusion(Code):
    """核对结论"""

    CONSISTENT = "consistent", "与申报一致"
    DIFFERENT = "different", "与申报不一致"
    INCOMPLETE = "incomplete", "信息不全，须由人工核实"


class Opinion(Code):
    """街道审核意见"""

    GRANT = "grant", "建议确认"
    REFUSE = "refuse", "建议不予确认"


class CampaignState(Code):
    """抽样核查状态"""

    OPENED = "opened", "已公布种子散列，待抽样"
    DRAWN = "drawn", "已抽样"
    CLOSED = "closed", "已结束"


class SampleState(Code):
    """抽中家庭的核查状态"""

    DRAWN = "drawn", "待分派"
    ALLOCATED = "allocated", "待入户"
    VISITED = "visited", "已核查"
    RECHECK = "recheck", "待复查"
    RECHECKED = "rechecked", "已复查"


class SampleFinding(Code):
    """抽样核查结论"""

    AS_STATED = "as_stated", "与在册情况一致"
    DIFFERENT = "different", "与在册情况不一致"
    NOT_REACHED = "not_reached", "未能见到该户"
    ABOVE_STANDARD = "above_standard", "收入或财产疑似超标准"


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


class Department(Code):
    """承办部门"""

    CIVIL_AFFAIRS = "civil_affairs", "民政部门"
    EDUCATION = "education", "教育部门"
    HOUSING = "housing", "住房城乡建设部门"
    HUMAN_RESOURCES = "human_resources", "人力资源社会保障部门"
    JUSTICE = "justice", "司法行政部门"
    MEDICAL_INSURANCE = "medical_insurance", "医疗保障部门"
    HEALTH = "health", "卫生健康部门"
    FINANCE = "finance", "财政部门"
    DISABLED_FEDERATION = "disabled_federation", "残疾人联合会"
    CHARITY = "charity", "慈善组织"


class Need(Code):
    """其他救助需求"""

    EDU = "EDU", "教育救助"
    HOUSING = "HOUSING", "住房救助"
    LEGAL = "LEGAL", "法律援助"
    MEDICAL = "MEDICAL", "医疗救助"
    EMPLOYMENT = "EMPLOYMENT", "就业救助"
    CHARITY = "CHARITY", "慈善帮扶"
    CHILD_WELFARE = "CHILD_WELFARE", "儿童福利"
    DISABILITY = "DISABILITY", "残疾人服务"
    OTHER = "OTHER", "其他帮扶"


class ReferralState(Code):
    """转介状态"""

    MADE = "made", "待受理"
    ACCEPTED = "accepted", "办理中"
    RETURNED = "returned", "已退回待改转"
    ANSWERED = "answered", "已答复待反馈"
    CLOSED = "closed", "已办结"


class ReferralResult(Code):
    """转介办理结果"""

    GRANTED = "granted", "给予救助"
    REFUSED = "refused", "不予救助"
    OTHER = "other", "以其他方式处理"


class OverpaymentReason(Code):
    """多发原因"""

    FRAUD = "fraud", "骗取救助"
    LATE_REPORT = "late_report", "未及时报告变化"
    OFFICIAL_ERROR = "official_error", "经办差错"
    DEATH = "death", "死亡后续发"


class RecoveryState(Code):
    """追回状态"""

    FOUND = "found", "已查明"
    NOTIFIED = "notified", "已告知"
    DECIDED = "decided", "已决定"
    CLOSED = "closed", "已了结"


class HearingState(Code):
    """听证状态"""

    NONE = "none", "未告知听证权利"
    OFFERED = "offered", "已告知听证权利"
    REQUESTED = "requested", "已申请听证"
    SCHEDULED = "scheduled", "已通知听证"
    HELD = "held", "已听证"
    WAIVED = "waived", "已书面放弃"


class RecoveryPart(Code):
    """款项性质"""

    RECOVERY = "recovery", "追回款"
    FINE = "fine", "罚款"


class RecoveryMethod(Code):
    """收款方式"""

    REFUND = "refund", "退款"
    DEDUCTION = "deduction", "从待遇中抵扣"


class RecoveryOutcome(Code):
    """追回了结方式"""

    PAID = "paid", "全额收回"
    WRITTEN_OFF = "written_off", "核销"
    DROPPED = "dropped", "查明不应追回"


class ComplaintState(Code):
    """投诉状态"""

    FILED = "filed", "待受理"
    ACCEPTED = "accepted", "核查中"
    ANSWERED = "answered", "已答复"


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


class PopulationBasis(Code):
    """人口口径"""

    REGISTERED = "registered", "户籍人口"
    RESIDENT = "resident", "常住人口"
    ACTUAL = "actual", "实有人口"


class IndicatorUnit(Code):
    """指标单位"""

    HOUSEHOLDS = "households", "户"
    PERSONS = "persons", "人"
    TIMES = "times", "人次"
    CASES = "cases", "件"
    FEN = "fen", "分"
    FEN_PER_PERSON = "fen_per_person", "分/人·月"
    BP = "bp", "万分比"


class Breakdown(Code):
    """分组方式"""

    STREET = "street", "按街道"
    COMMUNITY = "community", "按村、社区"


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


class PaymentKind(Code):
    """发放类别"""

    REGULAR = "regular", "当月发放"
    BACK_PAY = "back_pay", "补发"
    ONE_OFF = "one_off", "一次性发放"


class FundSource(Code):
    """资金来源"""

    CENTRAL = "central", "中央财政"
    PROVINCE = "province", "省财政"
    CITY = "city", "市财政"
    DISTRICT = "district", "区财政"
    STREET = "street", "街道财政"
    LOTTERY = "lottery", "福利彩票公益金"
    CHARITY = "charity", "慈善捐赠"
    PPP = "ppp", "社会资本"


class PayrollState(Code):
    """发放批次状态"""

    PREPARED = "prepared", "已编制"
    CHECKED = "checked", "已复核"
    APPROVED = "approved", "已审批"
    ISSUED = "issued", "已发放"
    SENT = "sent", "已送银行"
    RECONCILED = "reconciled", "已对账"
    CANCELLED = "cancelled", "已作废"


class HoldReason(Code):
    """不列入发放的原因"""

    DEAD = "dead", "保障对象或领取人已死亡，待变更"
    NO_ACCOUNT = "no_account", "没有发放账户"
    ERASED = "erased", "个人信息已依法删除"
    PENDING = "pending", "已列入另一未发放的批次"
    OVERPAID = "overpaid", "该月已多发，待核查"
    CHANGED = "changed", "编制后核定金额或状态已变"
    PAID = "paid", "该月已另行发放"


class FindingRule(Code):
    """疑点规则"""

    PAID_AFTER_DEATH = "paid_after_death", "死亡后仍发放"
    AMOUNT_DIFFERS = "amount_differs", "发放金额与核定金额不符"
    AMOUNT_OFF_RULE = "amount_off_rule", "核定金额与现行标准计算结果不符"
    PAID_NOT_ENTITLED = "paid_not_entitled", "未在保障期内发放"
    EXCLUSIVE_SCHEMES = "exclusive_schemes", "同时享受互斥的救助"
    PAID_TWICE = "paid_twice", "同月重复发放"
    DEAD_MEMBER = "dead_member", "保障对象申请前已死亡"
    BANK_DIFFERS = "bank_differs", "银行回盘与发放不符"
    BATCH_TOTALS = "batch_totals", "批次、发放与银行合计不符"
    INCOME_ABOVE_STANDARD = "income_above_standard", "核对收入不低于保障标准"
    ANSWER_UNASKED = "answer_unasked", "未经授权或查询的核对答复"
    ANSWER_AFTER_REPORT = "answer_after_report", "出具报告后收到的核对答复"
