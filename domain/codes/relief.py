"""Codes of disasters, their reports, relief stock and relief money."""

from domain.codes.base import Code


class DisasterKind(Code):
    """灾害种类"""

    FLOOD = "flood", "洪涝"
    TYPHOON = "typhoon", "台风"
    RAINSTORM = "rainstorm", "暴雨"
    WATERLOGGING = "waterlogging", "内涝"
    WIND_HAIL = "wind_hail", "风雹"
    LIGHTNING = "lightning", "雷击"
    COLD = "cold", "低温冷冻"
    DROUGHT = "drought", "干旱"
    HEAT = "heat", "高温"
    LANDSLIDE = "landslide", "山体滑坡、崩塌、泥石流"
    EARTHQUAKE = "earthquake", "地震"
    STORM_TIDE = "storm_tide", "风暴潮"
    FIRE = "fire", "火灾"
    OTHER = "other", "其他灾害"


class DisasterState(Code):
    """灾害状态"""

    WARNED = "warned", "预警"
    OCCURRED = "occurred", "已发生"
    RESPONDING = "responding", "应急响应中"
    STABLE = "stable", "灾情稳定"
    VERIFIED = "verified", "已核报"
    RECOVERING = "recovering", "恢复重建中"
    CLOSED = "closed", "已结束"


class ResponseLevel(Code):
    """救助应急响应等级"""

    I = "1", "一级响应"  # noqa: E741 - the levels' own name
    II = "2", "二级响应"
    III = "3", "三级响应"
    IV = "4", "四级响应"


class ReportStage(Code):
    """灾情报告阶段"""

    INITIAL = "initial", "初报"
    FOLLOW_UP = "follow_up", "续报"
    ZERO = "zero", "零报告"
    VERIFIED = "verified", "核报"


class CasualtyKind(Code):
    """因灾伤亡类别"""

    DEAD = "dead", "因灾死亡"
    MISSING = "missing", "因灾失踪"


class CasualtyState(Code):
    """因灾伤亡人员现状"""

    DEAD = "dead", "死亡"
    MISSING = "missing", "失踪"
    FOUND = "found", "失踪后找到，生还"
    WITHDRAWN = "withdrawn", "登记有误，已撤销"


class AffectedBy(Code):
    """受灾人员如何得知"""

    VULNERABLE = "vulnerable", "列入重点人员清单"
    EVACUATED = "evacuated", "转移安置"
    VISITED = "visited", "走访登记"


class AffectedState(Code):
    """受灾人员状态"""

    TO_CHECK = "to_check", "待走访"
    AFFECTED = "affected", "受灾"
    SHELTERED = "sheltered", "已转移安置"
    RETURNED = "returned", "已返家"
    SAFE = "safe", "经走访未受灾"


class ReliefItem(Code):
    """救灾物资品种"""

    TENT = "tent", "帐篷"
    FOLDING_BED = "folding_bed", "折叠床"
    QUILT = "quilt", "棉被"
    PADDED_CLOTHES = "padded_clothes", "棉衣"
    BLANKET = "blanket", "毛毯"
    TOWEL_QUILT = "towel_quilt", "毛巾被"
    SLEEPING_BAG = "sleeping_bag", "睡袋"
    MAT = "mat", "防潮垫"
    MOSQUITO_NET = "mosquito_net", "蚊帐"
    TOWEL = "towel", "毛巾"
    RAINCOAT = "raincoat", "雨衣"
    RAIN_BOOTS = "rain_boots", "雨鞋"
    FLASHLIGHT = "flashlight", "手电筒"
    LAMP = "lamp", "应急灯"
    GENERATOR = "generator", "发电机"
    LIFE_JACKET = "life_jacket", "救生衣"
    LIFEBUOY = "lifebuoy", "救生圈"
    BOAT = "boat", "冲锋舟"
    TARPAULIN = "tarpaulin", "彩条布"
    WATER = "water", "饮用水"
    INSTANT_FOOD = "instant_food", "方便食品"
    RICE = "rice", "大米"
    OIL = "oil", "食用油"
    COOKING_SET = "cooking_set", "炊具"
    FIRST_AID_KIT = "first_aid_kit", "急救箱"
    OTHER = "other", "其他物资"


class StockOrigin(Code):
    """物资来源"""

    PURCHASE = "purchase", "采购"
    DONATION = "donation", "捐赠"
    ALLOTTED = "allotted", "上级调拨"
    OPENING = "opening", "期初结存"


class StockMove(Code):
    """物资变动"""

    RECEIVED = "received", "到货"
    REJECTED = "rejected", "验收不合格退货"
    IN_STOCK = "in_stock", "验收入库"
    ALLOCATED = "allocated", "调拨"
    SHIPPED = "shipped", "发运"
    DELIVERED = "delivered", "送达签收"
    RETURNED = "returned", "退回入库"
    SCRAPPED = "scrapped", "报废"
    COUNTED_MORE = "counted_more", "盘盈"
    COUNTED_LESS = "counted_less", "盘亏"
    ISSUED = "issued", "来源系统登记的出库"


class AllocationState(Code):
    """调拨状态"""

    ALLOCATED = "allocated", "已调拨，待发运"
    SHIPPED = "shipped", "运送中"
    DONE = "done", "已办结"


class AidKind(Code):
    """灾害救助资金类别"""

    REBUILD = "rebuild", "倒损住房恢复重建补助"
    TRANSITION = "transition", "过渡期生活救助"
    WINTER_SPRING = "winter_spring", "冬春救助"


class AidState(Code):
    """灾害救助资金办理状态"""

    APPLIED = "applied", "待民主评议"
    REVIEWED = "reviewed", "待公示"
    PUBLICISED = "publicised", "公示中"
    OBJECTED = "objected", "有异议，待再次评议"
    SUBMITTED = "submitted", "待审批"
    APPROVED = "approved", "待支付"
    PAID = "paid", "已支付"
    REFUSED = "refused", "不予救助"
    WITHDRAWN = "withdrawn", "已撤回"


class HouseDamage(Code):
    """房屋损坏等级"""

    COLLAPSED = "collapsed", "倒塌"
    SEVERE = "severe", "严重损坏"
    MODERATE = "moderate", "一般损坏"
    NONE = "none", "基本完好"
