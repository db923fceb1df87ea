"""Codes of the exchange with municipal and provincial platforms: what they answer, and why."""

from domain.codes.base import Code


class PlatformOutcome(Code):
    """上级平台的处理结果"""

    ACCEPTED = "accepted", "已接收"
    REFUSED = "refused", "退回"
    CORRECTED = "corrected", "对方数据不同"


class PlatformReason(Code):
    """上级平台退回的原因"""

    IDENTITY = "identity", "号码与姓名不符"
    UNKNOWN_PERSON = "unknown_person", "查无此人"
    DUPLICATE = "duplicate", "重复报送"
    DIVISION = "division", "不属于该区划"
    MISSING = "missing", "必填内容为空"
    FORMAT = "format", "格式或代码不符合要求"
    ORDER = "order", "缺少前一条记录"
    AMOUNT = "amount", "金额不符"
    OTHER = "other", "其他（见平台的原始说明）"
