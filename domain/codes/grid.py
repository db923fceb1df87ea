"""Codes of the community grid: incidents, clues to needs, residents' surveys and visits, public facilities."""

from domain.codes.base import Code


class IncidentType(Code):
    """网格事件类型"""

    NEED = "01", "困难求助"
    ELDER_SAFETY = "02", "老人安全"
    DISPUTE = "03", "矛盾纠纷"
    FIRE = "04", "消防安全"
    ENVIRONMENT = "05", "环境卫生"
    FACILITY = "06", "设施故障"
    DISASTER = "07", "灾害"
    POPULATION = "08", "人口变动"
    MENTAL_HEALTH = "09", "精神卫生风险"
    CHILD_PROTECTION = "10", "儿童保护"
    OTHER = "99", "其他"


class Urgency(Code):
    """紧急程度"""

    I = "I", "特急"  # noqa: E741 - the district's own name of it
    II = "II", "紧急"
    III = "III", "一般"


class IncidentState(Code):
    """网格事件状态"""

    REPORTED = "reported", "待受理"
    ACCEPTED = "accepted", "已受理待派遣"
    DISPATCHED = "dispatched", "已派遣待处置"
    HANDLING = "handling", "处置中"
    RETURNED = "returned", "退回待重新派遣"
    RESOLVED = "resolved", "已处置待核查"
    VERIFIED = "verified", "已核查待结案"
    CLOSED = "closed", "已结案"
    DUPLICATE = "duplicate", "重复上报"


class GridLevel(Code):
    """办理层级"""

    COMMUNITY = "community", "村、社区"
    STREET = "street", "街道"
    DISTRICT = "district", "区"


class ReporterKind(Code):
    """上报来源"""

    GRID_WORKER = "grid_worker", "网格员"
    RESIDENT = "resident", "居民"
    PROPERTY = "property", "物业"
    HOTLINE = "hotline", "12345热线"
    PLATFORM = "platform", "平台"
    APP = "app", "手机应用"
    WECHAT = "wechat", "微信"
    OTHER = "other", "其他"


class ClueNeed(Code):
    """需求线索"""

    BASIC_LIVING = "basic_living", "基本生活困难"
    TEKUN = "tekun", "特困供养"
    TEMP = "temp", "临时救助"
    MEDICAL = "medical", "医疗救助"
    EDUCATION = "education", "教育救助"
    HOUSING = "housing", "住房救助"
    EMPLOYMENT = "employment", "就业救助"
    LEGAL = "legal", "法律援助"
    ELDER_CARE = "elder_care", "养老服务"
    DISABILITY = "disability", "残疾人服务"
    CHILD = "child", "儿童福利"
    OTHER = "other", "其他帮扶"


class ClueSource(Code):
    """线索来源"""

    VISIT = "visit", "入户走访"
    INCIDENT = "incident", "网格事件"
    RESIDENT = "resident", "居民反映"
    SETTLEMENT = "settlement", "大额自付费用"
    OTHER = "other", "其他"


class ClueState(Code):
    """线索状态"""

    REPORTED = "reported", "待受理"
    ACCEPTED = "accepted", "办理中"
    ANSWERED = "answered", "已答复待反馈"
    DECLINED = "declined", "不予受理待反馈"
    CLOSED = "closed", "已反馈办结"
    CANCELLED = "cancelled", "已终止"


class Living(Code):
    """居住状况"""

    ALONE = "alone", "独居"
    ELDERS_ONLY = "elders_only", "老人同住（空巢）"
    WITH_FAMILY = "with_family", "与家人同住"
    WITH_OTHERS = "with_others", "与他人同住"
    INSTITUTION = "institution", "住养老或其他机构"
    UNKNOWN = "unknown", "未了解"


class Tenure(Code):
    """居住类型"""

    OWNED = "owned", "自购"
    RENTED = "rented", "租赁"
    LODGING = "lodging", "寄居"
    BORROWED = "borrowed", "借住"
    DORMITORY = "dormitory", "单位宿舍"
    OTHER = "other", "其他"
    UNKNOWN = "unknown", "未了解"


class VisitPurpose(Code):
    """走访事由"""

    ALONE_80 = "alone_80", "独居高龄老人月度走访"
    CARE = "care", "关爱走访"
    NEED = "need", "核实困难"
    CHANGE = "change", "核实人口变动"
    OTHER = "other", "其他"


class GridVisitResult(Code):
    """走访结果"""

    WELL = "well", "见到本人，情况平稳"
    NEEDS_HELP = "needs_help", "见到本人，需要帮助"
    NOT_MET = "not_met", "未见到本人"
    MOVED = "moved", "已搬离"
    DECEASED = "deceased", "据称已去世"


class GridVisitState(Code):
    """走访状态"""

    ALLOCATED = "allocated", "待走访"
    MADE = "made", "已走访"
    CANCELLED = "cancelled", "已取消"


class ResidentEnd(Code):
    """不再列入网格的原因"""

    DECEASED = "deceased", "死亡"
    MOVED_OUT = "moved_out", "迁出本区"
    MERGED = "merged", "人员记录已合并"
    MISTAKE = "mistake", "登记有误"


class ChangeState(Code):
    """人口变动上报状态"""

    REPORTED = "reported", "待确认"
    CONFIRMED = "confirmed", "已确认"
    REJECTED = "rejected", "不属实"


class ChangeKind(Code):
    """人口变动种类"""

    MOVE = "move", "搬迁"
    DEATH = "death", "死亡"


class PublicFacilityKind(Code):
    """公共设施种类"""

    FITNESS = "fitness", "健身器材"
    LIGHTING = "lighting", "路灯"
    FIRE = "fire", "消防设施"
    DRAINAGE = "drainage", "排水设施"
    ROAD = "road", "道路"
    WASTE = "waste", "垃圾收集设施"
    ACCESSIBILITY = "accessibility", "无障碍设施"
    ACTIVITY = "activity", "文体活动场所"
    OTHER = "other", "其他"


class PublicFacilityState(Code):
    """公共设施状况"""

    GOOD = "good", "完好"
    DAMAGED = "damaged", "损坏"
    REPAIRING = "repairing", "维修中"
    REMOVED = "removed", "已拆除"
