"""Codes of payments, payrolls and budgets."""

from domain.codes.base import Code


class PaymentKind(Code):
    """发放类别"""

    REGULAR = "regular", "当月发放"
    BACK_PAY = "back_pay", "补发"
    ONE_OFF = "one_off", "一次性发放"


class FundSource(Code):
    """资金来源"""

    CENTRAL = "central", "中央财政"
    PROVINCE = "province", "省财政"
    CITY = "city", "市财政"
    DISTRICT = "district", "区财政"
    STREET = "street", "街道财政"
    LOTTERY = "lottery", "福利彩票公益金"
    CHARITY = "charity", "慈善捐赠"
    PPP = "ppp", "社会资本"


class PayrollState(Code):
    """发放批次状态"""

    PREPARED = "prepared", "已编制"
    CHECKED = "checked", "已复核"
    APPROVED = "approved", "已审批"
    ISSUED = "issued", "已发放"
    SENT = "sent", "已送银行"
    RECONCILED = "reconciled", "已对账"
    CANCELLED = "cancelled", "已作废"


class HoldReason(Code):
    """不列入发放的原因"""

    DEAD = "dead", "保障对象或领取人已死亡，待变更"
    DEATH_REPORTED = "death_reported", "上报死亡待核实"
    NO_ACCOUNT = "no_account", "没有发放账户"
    ERASED = "erased", "个人信息已依法删除"
    PENDING = "pending", "已列入另一未发放的批次"
    OVERPAID = "overpaid", "该月已多发，待核查"
    CHANGED = "changed", "编制后核定金额或状态已变"
    PAID = "paid", "该月已另行发放"
    UNDECIDED = "undecided", "暂缓发放，待作出处理"
    TWICE = "twice", "同一人同月有两份同类待遇，待核查"
