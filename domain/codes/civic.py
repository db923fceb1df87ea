"""Codes of community governance: what villages disclose and decide, and who works for them."""

from domain.codes.base import Code


class DisclosureTopic(Code):
    """村（居）务公开事项"""

    DECISIONS = "decisions", "村民会议、村民代表会议决定的事项及其实施情况"
    FAMILY_PLANNING = "family_planning", "计划生育政策的落实方案"
    RELIEF_FUNDS = "relief_funds", "救灾救助、补贴补助等资金物资的管理使用"
    GOVERNMENT_TASKS = "government_tasks", "协助人民政府开展工作的情况"
    FINANCE = "finance", "财务收支"
    OTHER = "other", "涉及村民利益、村民普遍关心的其他事项"
    MAJOR = "major", "涉及村民利益的重大事项"


class DisclosureState(Code):
    """公开事项状态"""

    DUE = "due", "待公布"
    POSTED = "posted", "已公布"
    QUESTIONED = "questioned", "村民有疑问、待答复"
    WAIVED = "waived", "本期无须公布"


class DecisionStep(Code):
    """四议两公开的步骤"""

    PROPOSED = "proposed", "村党组织会提议"
    CONSULTED = "consulted", "村“两委”会商议"
    REVIEWED = "reviewed", "党员大会审议"
    RESOLVED = "resolved", "村民会议或村民代表会议决议"
    RESOLUTION_PUBLISHED = "resolution_published", "决议公开"
    RESULT_PUBLISHED = "result_published", "实施结果公开"


class CommunityRecordKind(Code):
    """基层治理记录"""

    SUPERVISION_COMMITTEE = "supervision_committee", "建立村务监督委员会"
    MODEL_UNIT = "model_unit", "村（居）务公开民主管理示范单位"
    MODEL_COMMUNITY = "model_community", "综合减灾示范社区创建"
    CONSULTATION = "consultation", "城乡社区协商"
    PUBLIC_STATION = "public_station", "公共服务站"
    FAMILY_CENTRE = "family_centre", "家庭服务中心"


class RecordResult(Code):
    """基层治理记录的结果"""

    DONE = "done", "已建立（已完成）"
    TITLED = "titled", "已获命名"
    AGREED = "agreed", "达成一致"
    NOT_AGREED = "not_agreed", "未达成一致"
    ENDED = "ended", "已撤销（已停止）"


class WorkerGrade(Code):
    """社会工作者职业水平"""

    ASSISTANT = "assistant", "助理社会工作师"
    SOCIAL_WORKER = "social_worker", "社会工作师"
    SENIOR = "senior", "高级社会工作师"
