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
    MERGED_BENEFITS = "merged_benefits", "人员合并后同一人有两项待遇"
    CONTRACT_STANDING = "contract_standing", "承接主体异常而合同仍在履行"
    CONTRACT_TERM = "contract_term", "购买服务合同期限超过最长期限"
    CONTRACT_OVERPAID = "contract_overpaid", "购买服务已付金额超过合同金额"
    DISCLOSED_LATE = "disclosed_late", "村（居）务逾期公布"
    ANSWER_AFTER_REPORT = "answer_after_report", "出具报告后收到的核对答复"
