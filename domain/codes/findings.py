"""Codes of what contradicts the rules, and of figures."""

from domain.codes.base import Code


class PopulationBasis(Code):
    """人口口径"""

    REGISTERED = "registered", "户籍人口"
    RESIDENT = "resident", "常住人口"
    ACTUAL = "actual", "实有人口"
    NONE = "none", "不涉及人口"


class IndicatorUnit(Code):
    """指标单位"""

    HOUSEHOLDS = "households", "户"
    PERSONS = "persons", "人"
    TIMES = "times", "人次"
    CASES = "cases", "件"
    FEN = "fen", "分"
    FEN_PER_PERSON = "fen_per_person", "分/人·月"
    BP = "bp", "万分比"
    ITEMS = "items", "个"
    HUNDREDTH_PER_10000 = "hundredth_per_10000", "百分之一个/万人"
    HUNDREDTH_PER_1000 = "hundredth_per_1000", "百分之一张/千人"
    FEN_PER_TIME = "fen_per_time", "分/人次"
    SQUARE_METRES = "square_metres", "平方米"


class Breakdown(Code):
    """分组方式"""

    STREET = "street", "按街道"
    COMMUNITY = "community", "按村、社区"


class FindingState(Code):
    """疑点状态"""

    OPEN = "open", "待核实"
    CONFIRMED = "confirmed", "属实，待整改"
    RECTIFIED = "rectified", "已整改，待复核"
    RESOLVED = "resolved", "已办结"
    DISMISSED = "dismissed", "不属实"


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
    STOCK_BELOW_ZERO = "stock_below_zero", "物资出库多于账面库存"
    DISASTER_FIGURES = "disaster_figures", "灾情数据自相矛盾"
    MERGED_BENEFITS = "merged_benefits", "人员合并后同一人有两项待遇"
    MET_AFTER_DEATH = "met_after_death", "死亡后仍有走访见到的记录"
    HANDLED_BEFORE_REPORTED = "handled_before_reported", "处理日期早于事件发生日期"
    CONTRACT_STANDING = "contract_standing", "承接主体异常而合同仍在履行"
    CONTRACT_TERM = "contract_term", "购买服务合同期限超过最长期限"
    CONTRACT_OVERPAID = "contract_overpaid", "购买服务已付金额超过合同金额"
    DISCLOSED_LATE = "disclosed_late", "村（居）务逾期公布"
    ANSWER_AFTER_REPORT = "answer_after_report", "出具报告后收到的核对答复"
    BED_GIVEN_TWICE = "bed_given_twice", "一张床位登记给多人"
    TWO_STAYS = "two_stays", "同时在两家机构入住"
    STAY_AFTER_DEATH = "stay_after_death", "死亡后仍在院"
    TOO_FEW_ASSESSORS = "too_few_assessors", "能力评估人员不足"
    ASSESSOR_REVIEWED = "assessor_reviewed", "评估人员审核自己的评估"
    SERVICE_WHILE_AWAY = "service_while_away", "不在家期间的居家服务"
    SERVICE_AMOUNT = "service_amount", "服务结算金额与单价、数量不符"
    MEDICAL_SPLIT = "medical_split", "结算各方支付之和与医疗费总额不符"
    MEDICAL_CATEGORY = "medical_category", "医疗救助支出与当时的救助身份不符"
    MEDICAL_AFTER_DEATH = "medical_after_death", "死亡后发生的就诊结算"
    MEDICAL_OVERLAP = "medical_overlap", "住院时间重叠"
    MEDICAL_OVER_CAP = "medical_over_cap", "医疗救助超过年度限额"
    MEDICAL_LATER = "medical_later", "更早的结算撤销后，以后的结算由来源系统报送，须由医院重算"
    MEDICAL_DIFFERENCE = "medical_difference", "医院日对账差异"
    OUTSIDE_AGE = "outside_age", "未到龄或不符合条件而享受待遇"
    BENEFIT_OFF_RULE = "benefit_off_rule", "个人待遇金额与当时标准不符"
    EXCLUSIVE_BENEFITS = "exclusive_benefits", "同时享受互斥的个人待遇"
    RELATIVE_UNVISITED = "relative_unvisited", "近亲属备案个案未经工作人员入户即确认"
    SAMPLED_TWICE = "sampled_twice", "同一核查周期内重复抽取或入户"
    BEDS_OVERBOOKED = "beds_overbooked", "机构入住人数超过核定床位"
    SOURCE_DELETED = "source_deleted", "来源系统删除了报送过的记录"
    PLATFORM_REFUSED = "platform_refused", "上级平台退回报送的记录"
    PLATFORM_CORRECTED = "platform_corrected", "上级平台的数据与报送的不同"
    PLATFORM_DIFFERS = "platform_differs", "与上级平台逐日核对不符"
    SERVICE_AFTER_DEATH = "service_after_death", "死亡后仍登记居家服务"
