"""Codes of what stands beside a case: verification, samples, referrals, recoveries, complaints, papers."""

from domain.codes.base import Code


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


class DocumentKind(Code):
    """附件种类"""

    IDENTITY = "identity", "身份证明"
    HOUSEHOLD_BOOK = "household_book", "户口簿"
    AUTHORISATION = "authorisation", "授权书"
    INCOME = "income", "收入证明"
    PROPERTY = "property", "财产证明"
    DISABILITY = "disability", "残疾证明"
    MEDICAL = "medical", "疾病诊断证明"
    VISIT_PHOTO = "visit_photo", "入户照片"
    VISIT_FORM = "visit_form", "入户核查表"
    NOTICE_PHOTO = "notice_photo", "公示照片"
    PROOF_OF_SERVICE = "proof_of_service", "送达回证"
    OTHER = "other", "其他材料"


class MediaType(Code):
    """文件类型"""

    PDF = "application/pdf", "PDF 文件"
    JPEG = "image/jpeg", "JPEG 图片"
    PNG = "image/png", "PNG 图片"


class NoticeKind(Code):
    """通知书种类"""

    ACCEPTANCE = "acceptance", "受理通知书"
    SUPPLEMENT = "supplement", "补正材料通知书"
    REFUSAL = "refusal", "不予确认通知书"
    CONFIRMATION = "confirmation", "确认通知书"
    CHANGE = "change", "变更通知书"
    STOP = "stop", "停发通知书"


class ServiceMethod(Code):
    """送达方式"""

    DIRECT = "direct", "直接送达"
    LEFT = "left", "留置送达"
    MAIL = "mail", "邮寄送达"
    PUBLIC = "public", "公告送达"
