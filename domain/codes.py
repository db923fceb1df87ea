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


class CloseReason(Code):
    """结案原因"""

    INCOME_ABOVE = "income_above", "收入超过标准"
    DECEASED = "deceased", "死亡"
    MOVED_OUT = "moved_out", "迁出本区"
    VOLUNTARY = "voluntary", "自愿退出"
    TO_TEKUN = "to_tekun", "转为特困供养"
    EXPIRED = "expired", "期满"
    FRAUD = "fraud", "骗取救助"
    OTHER = "other", "其他"


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


class PaymentKind(Code):
    """发放类别"""

    REGULAR = "regular", "当月发放"
    BACK_PAY = "back_pay", "补发"
    ONE_OFF = "one_off", "一次性发放"


class FindingRule(Code):
    """疑点规则"""

    PAID_AFTER_DEATH = "paid_after_death", "死亡后仍发放"
    AMOUNT_DIFFERS = "amount_differs", "发放金额与核定金额不符"
    AMOUNT_OFF_RULE = "amount_off_rule", "核定金额与现行标准计算结果不符"
    PAID_NOT_ENTITLED = "paid_not_entitled", "未在保障期内发放"
    EXCLUSIVE_SCHEMES = "exclusive_schemes", "同时享受互斥的救助"
    PAID_TWICE = "paid_twice", "同月重复发放"
    DEAD_MEMBER = "dead_member", "保障对象申请前已死亡"
