"""Codes of what only the platform as a whole can see to: cross-system rules and what they ask of people."""

from domain.codes.base import Code


class ProcessCode(Code):
    """跨系统规则"""

    DEATH_CONFIRMED = "X1", "死亡确认后停发、释放床位、结束服务"
    DEATH_REPORTED = "X2", "上报死亡待核实，暂停本人份额"
    CASE_CONFIRMED = "X3", "救助确认后开通医疗救助身份、资助参保"
    CASE_CLOSED = "X4", "救助终止后结束医疗救助身份"
    CARE_ADMITTED = "X5", "入住机构后停止居家服务和居家补贴"
    BED_HELD = "X6", "床位保留超期处理"
    INCOME_ABOVE = "X7", "收入超过标准，告知、听取意见并复核"
    MOVED_WITHIN = "X8", "区内迁移，个案和服务随人移交"
    MOVED_OUT = "X9", "迁出本区，待迁入地确认后终止"
    DISABILITY_CHANGED = "X10", "残疾证变动，评估两项补贴"
    AGE_REACHED = "X11", "到龄提示和高龄津贴换档"
    GRADE_CHANGED = "X12", "能力等级变化，重算护理补贴"
    MEMBER_CHANGED = "X13", "家庭成员变动，重新计算"
    LARGE_CASH_SHARE = "X14", "大额自付医疗费用，主动发现"
    DISASTER_OCCURRED = "X15", "灾害发生，列出特殊困难人员"
    ORG_IN_DOUBT = "X16", "社会组织异常或撤销，暂停新签并转移服务对象"
    VISIT_NEGATIVE = "X17", "入户核查结果不符，先由干部复查"
    SETTLEMENT_CANCELLED = "X18", "结算撤销，恢复额度并重算后续结算"
    PERSON_MERGED = "X19", "人员合并，核对重复待遇"
    NEED_CLUE = "X20", "需求线索，一门受理并反馈"


class TaskStep(Code):
    """任务环节"""

    DUTY = "duty", "跨系统督办"


class DutyState(Code):
    """督办状态"""

    OPEN = "open", "待办"
    ESCALATED = "escalated", "已升级至区"
    DONE = "done", "已办"
    VOID = "void", "不再需要"
