"""Codes of facilities and of care: institutions, beds, stays, ability assessments, services at home."""

from domain.codes.base import Code


class FacilityKind(Code):
    """设施类型"""

    INST = "INST", "养老机构"
    RURAL_HOME = "RURAL_HOME", "农村敬老院"
    HOME_HQ = "HOME_HQ", "居家养老服务总站"
    HOME_STATION = "HOME_STATION", "居家养老服务站"
    HAPPINESS_HOME = "HAPPINESS_HOME", "农村幸福院"
    DAY_CARE = "DAY_CARE", "日间照料中心"
    FAMILY_CENTRE = "FAMILY_CENTRE", "家庭综合服务中心"
    PUBLIC_STATION = "PUBLIC_STATION", "公共服务站"
    COMPREHENSIVE = "COMPREHENSIVE", "综合养老服务中心"
    DISABILITY_CARE = "DISABILITY_CARE", "残疾人托养机构"
    WAREHOUSE = "WAREHOUSE", "救灾物资仓库"
    SHELTER = "SHELTER", "应急避难场所"


class FacilityState(Code):
    """设施状态"""

    PLANNED = "planned", "筹建"
    FILED = "filed", "已备案"
    OPERATING = "operating", "运营中"
    RECTIFYING = "rectifying", "整改中"
    SUSPENDED = "suspended", "暂停服务"
    CLOSED = "closed", "已关停"


class OperatorMode(Code):
    """运营方式"""

    PUBLIC = "public", "公办"
    PRIVATE = "private", "民办"
    PUBLIC_BUILT_PRIVATE_RUN = "public_built_private_run", "公建民营"


class InspectionResult(Code):
    """检查结果"""

    PASSED = "passed", "合格"
    RECTIFY = "rectify", "限期整改"
    SUSPEND = "suspend", "存在重大隐患，暂停服务"


class AlarmOutcome(Code):
    """报警处置结果"""

    FALSE_ALARM = "false_alarm", "误报"
    TEST = "test", "测试"
    SMOKE = "smoke", "有烟无明火，已排除"
    FIRE = "fire", "火情，已处置"


class BedKind(Code):
    """床位类型"""

    INSTITUTION = "institution", "机构床位"
    HOME = "home", "家庭养老床位"


class BedState(Code):
    """床位状态"""

    AVAILABLE = "available", "空闲"
    RESERVED = "reserved", "已预订"
    OCCUPIED = "occupied", "已入住"
    HELD = "held", "保留（住院等离院）"
    CLEANING = "cleaning", "待清洁"
    OUT_OF_SERVICE = "out_of_service", "停用"


class ReleaseReason(Code):
    """腾床原因"""

    DISCHARGE = "discharge", "离院"
    DEATH = "death", "去世"
    CHANGED_BED = "changed_bed", "换床"
    HOLD_OVER = "hold_over", "保留期满未返回"
    RESERVATION_OVER = "reservation_over", "取消预订"


class StayKind(Code):
    """照料方式"""

    RESIDENT = "resident", "机构入住"
    DAY_CARE = "day_care", "日间照料"


class StayState(Code):
    """在院状态"""

    REGISTERED = "registered", "登记中"
    ADMITTED = "admitted", "在院"
    AWAY = "away", "外出"
    DISCHARGED = "discharged", "已离院"


class Payer(Code):
    """费用由谁承担"""

    SELF = "self", "个人"
    GOVERNMENT = "government", "政府购买"
    TEKUN = "tekun", "特困供养经费"
    INSURANCE = "insurance", "长期护理保险"
    CHARITY = "charity", "慈善资助"


class GuaranteedGroup(Code):
    """兜底保障的老年人类别"""

    TEKUN = "tekun", "特困人员"
    THREE_NO = "three_no", "城镇三无"
    LOW_INCOME = "low_income", "低保、低收入家庭"
    LOST_ONLY_CHILD = "lost_only_child", "经济困难的计划生育特殊家庭"


class LeaveReason(Code):
    """外出原因"""

    HOSPITAL = "hospital", "住院治疗"
    HOME = "home", "回家、探亲"
    OTHER = "other", "其他"


class DischargeReason(Code):
    """离院原因"""

    HOME = "home", "回家"
    TRANSFER = "transfer", "转院"
    DEATH = "death", "去世"
    OTHER = "other", "其他"


class Scale(Code):
    """评估标准"""

    GBT_42195 = "GBT42195-2022", "老年人能力评估规范（GB/T 42195-2022）"
    MZT_039 = "MZT039-2013", "老年人能力评估（MZ/T 039-2013）"
    LOCAL = "local", "来源系统自用的评估（自理、半失能、失能）"


class AssessmentReason(Code):
    """评估事由"""

    ADMISSION = "admission", "入住机构"
    SUBSIDY = "subsidy", "申请补贴或服务"
    PERIODIC = "periodic", "到期复评"
    CHANGED = "changed", "身体状况变化"
    DISPUTE = "dispute", "对结果有异议"


class AssessmentState(Code):
    """评估状态"""

    REQUESTED = "requested", "待分派"
    ASSIGNED = "assigned", "待评估"
    SCORED = "scored", "待审核"
    REVIEWED = "reviewed", "已审核待告知"
    EFFECTIVE = "effective", "已生效"
    DISPUTED = "disputed", "有异议"
    REASSESSED = "reassessed", "已重新评估"
    EXPIRED = "expired", "已失效"
    CANCELLED = "cancelled", "已终止"


class AssessmentEnd(Code):
    """评估失效或终止的原因"""

    TIME = "time", "有效期满"
    SUPERSEDED = "superseded", "有新的评估结果"
    DEATH = "death", "去世"
    MOVED_OUT = "moved_out", "迁出本区"
    WITHDRAWN = "withdrawn", "本人撤回"


class ConflictKind(Code):
    """利害关系"""

    EMPLOYED = "employed", "受雇于或受聘于该机构"
    OWNS = "owns", "在该机构有投资或任职"
    RELATIVE = "relative", "近亲属在该机构任职或入住"
    OTHER = "other", "其他可能影响公正的关系"


class HomeService(Code):
    """居家服务项目"""

    MEAL = "meal", "助餐"
    CLEANING = "cleaning", "助洁"
    MEDICAL = "medical", "助医"
    EMERGENCY = "emergency", "助急"
    BATH = "bath", "助浴"
    WALK = "walk", "助行"
    CARE = "care", "生活照料"
    COMFORT = "comfort", "精神慰藉"
    OTHER = "other", "其他"


class OrderState(Code):
    """服务工单状态"""

    DRAFT = "draft", "草稿"
    APPROVED = "approved", "已批准"
    DISPATCHED = "dispatched", "已派单"
    ACCEPTED = "accepted", "已接单"
    IN_SERVICE = "in_service", "服务中"
    COMPLETED = "completed", "已完成待确认"
    CONFIRMED = "confirmed", "已确认"
    SETTLED = "settled", "已结算"
    MISSED = "missed", "未履约"
    CANCELLED = "cancelled", "已取消"
    SUSPENDED = "suspended", "已暂停"


class OrderEnd(Code):
    """工单取消、暂停或未履约的原因"""

    ADMITTED = "admitted", "入住养老机构"
    HOSPITAL = "hospital", "住院"
    DEATH = "death", "去世"
    MOVED_OUT = "moved_out", "迁出本区"
    WITHDRAWN = "withdrawn", "本人取消"
    NOT_AT_HOME = "not_at_home", "上门未遇"
    NO_SHOW = "no_show", "服务人员未上门"
    PROVIDER_STOPPED = "provider_stopped", "服务机构停止服务"
    OTHER = "other", "其他"


class ServiceRating(Code):
    """服务评价"""

    GOOD = "good", "满意"
    FAIR = "fair", "基本满意"
    BAD = "bad", "不满意"


class ConfirmedBy(Code):
    """由谁确认服务"""

    ELDER = "elder", "本人"
    FAMILY = "family", "家属"
    PHONE = "phone", "电话回访"
    SITE = "site", "入户回访"


class SupportKind(Code):
    """助残助老服务种类"""

    DEVICE = "device", "辅助器具适配"
    ADAPTATION = "adaptation", "家庭无障碍、适老化改造"
    REHAB = "rehab", "康复服务"
    NURSING = "nursing", "托养照料服务"
