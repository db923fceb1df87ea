"""Codes of social organisations, and of what the government buys from them."""

from domain.codes.base import Code


class OrgKind(Code):
    """社会组织类型"""

    ASSOCIATION = "association", "社会团体"
    PRIVATE_NON_ENTERPRISE = "private_non_enterprise", "社会服务机构（民办非企业单位）"
    FOUNDATION = "foundation", "基金会"


class OrgState(Code):
    """社会组织状态"""

    PREPARING = "preparing", "筹备"
    REGISTERED = "registered", "已登记"
    GOOD = "good", "年检合格"
    ABNORMAL = "abnormal", "列入异常名录"
    DEREGISTERED = "deregistered", "已注销"
    REVOKED = "revoked", "已撤销登记"


class OrgInspectionResult(Code):
    """年度检查结论"""

    PASSED = "passed", "合格"
    BASIC = "basic", "基本合格"
    FAILED = "failed", "不合格"


class AbnormalReason(Code):
    """列入异常名录的原因"""

    NO_REPORT = "no_report", "未按规定报送年度工作报告"
    NOT_INSPECTED = "not_inspected", "未按规定参加年度检查"
    UNREACHABLE = "unreachable", "通过登记的住所无法联系"
    RECTIFICATION = "rectification", "受行政处罚后未按期改正"
    OTHER = "other", "其他应当列入的情形"


class PenaltyKind(Code):
    """对社会组织的行政处罚"""

    WARNING = "warning", "警告"
    RECTIFY = "rectify", "责令改正"
    SUSPEND = "suspend", "限期停止活动"
    CONFISCATE = "confiscate", "没收违法所得"
    FINE = "fine", "处以罚款"


class TenderMethod(Code):
    """采购方式"""

    OPEN = "open", "公开招标"
    INVITED = "invited", "邀请招标"
    NEGOTIATION = "negotiation", "竞争性磋商或谈判"
    INQUIRY = "inquiry", "询价"
    SINGLE = "single", "单一来源"
    DIRECT = "direct", "限额以下自行采购"


class PurchaseState(Code):
    """政府购买服务项目状态"""

    CATALOGUED = "catalogued", "已列入目录、待落实预算"
    BUDGETED = "budgeted", "已落实预算、待采购"
    TENDERED = "tendered", "已确定承接主体、待签约"
    CONTRACTED = "contracted", "已签约"
    PERFORMING = "performing", "履行中"
    ACCEPTED = "accepted", "已验收、待绩效评价"
    EVALUATED = "evaluated", "已评价、待付尾款"
    PAID = "paid", "已付清"
    CLOSED = "closed", "已办结"
    CANCELLED = "cancelled", "已取消"


class MilestoneState(Code):
    """服务节点状态"""

    DUE = "due", "待交付"
    DELIVERED = "delivered", "已交付、待验收"
    ACCEPTED = "accepted", "已通过验收"
    DROPPED = "dropped", "合同终止、不再履行"


class InstalmentState(Code):
    """合同付款状态"""

    PREPARED = "prepared", "已提出、待审核"
    PAID = "paid", "已支付"
    REJECTED = "rejected", "未通过审核"
    RETURNED = "returned", "银行已退回"


class VentureState(Code):
    """公益创投项目状态"""

    PROPOSED = "proposed", "已申报"
    SELECTED = "selected", "已立项"
    RUNNING = "running", "实施中"
    FINISHED = "finished", "已结项"
    WITHDRAWN = "withdrawn", "已撤项"
