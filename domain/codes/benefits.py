"""Codes of benefits for the old and the disabled: what is paid to one person beside assistance to a household."""

from domain.codes.base import Code
from domain.codes.cases import Scheme


class BenefitKind(Code):
    """个人待遇类别"""

    OLD_AGE_ALLOWANCE = Scheme.OLD_AGE_ALLOWANCE.value, Scheme.OLD_AGE_ALLOWANCE.label
    NURSING_INST = Scheme.NURSING_INST.value, Scheme.NURSING_INST.label
    NURSING_HOME = Scheme.NURSING_HOME.value, Scheme.NURSING_HOME.label
    DIS_LIVING = Scheme.DIS_LIVING.value, Scheme.DIS_LIVING.label
    DIS_NURSING = Scheme.DIS_NURSING.value, Scheme.DIS_NURSING.label

    @property
    def scheme(self) -> Scheme:
        """The scheme it is budgeted and paid under: each kind has its own."""
        return Scheme(self.value)


class BenefitState(Code):
    """个人待遇状态"""

    APPLIED = "applied", "已申请"
    APPROVED = "approved", "已审核"
    PAYING = "paying", "发放中"
    SUSPENDED = "suspended", "已停发"
    ENDED = "ended", "已终止"
    REFUSED = "refused", "不予发放"
    WITHDRAWN = "withdrawn", "已撤回"


class BenefitEnd(Code):
    """待遇终止原因"""

    DECEASED = "deceased", "死亡"
    MOVED_OUT = "moved_out", "迁出本区"
    EXCLUDED = "excluded", "与其他待遇不能同时享受"
    NOT_ENTITLED = "not_entitled", "不再符合条件"
    CERTIFICATE_EXPIRED = "certificate_expired", "残疾人证失效"
    CARE_CHANGED = "care_changed", "照护方式改变"
    ENTERED_BY_MISTAKE = "entered_by_mistake", "错登"
    VOLUNTARY = "voluntary", "自愿放弃"
    OTHER = "other", "其他"


class BenefitHold(Code):
    """暂缓发放原因"""

    DEATH_REPORTED = "death_reported", "死亡待确认"
    MOVING_OUT = "moving_out", "迁出待接收地确认"
    NO_LIFE_PROOF = "no_life_proof", "未按期办理生存认证"
    SUSPECTED = "suspected", "有疑点待核查"


class LifeProof(Code):
    """生存认证方式"""

    IN_PERSON = "in_person", "本人到场"
    AT_HOME = "at_home", "上门核实"
    REMOTE = "remote", "视频或人脸识别"
    DATA = "data", "部门数据比对"


class Guarantee(Code):
    """困难保障身份"""

    TEKUN = "tekun", "特困人员（含原五保、城镇三无）"
    DIBAO = "dibao", "最低生活保障对象"
    MARGIN = "margin", "低保边缘（低收入）家庭成员"
    LOST_ONLY_CHILD = "lost_only_child", "困难失独家庭成员"


class CareLevel(Code):
    """失能等级（GB/T 42195-2022）"""

    INTACT = "0", "能力完好"
    MILD = "1", "轻度失能"
    MODERATE = "2", "中度失能"
    SEVERE = "3", "重度失能"
    COMPLETE = "4", "完全失能"


class DisabilityCategory(Code):
    """残疾类别（GB/T 26341-2010）"""

    VISUAL = "1", "视力"
    HEARING = "2", "听力"
    SPEECH = "3", "言语"
    LIMB = "4", "肢体"
    INTELLECTUAL = "5", "智力"
    MENTAL = "6", "精神"
    MULTIPLE = "7", "多重"


class DisabilityGrade(Code):
    """残疾等级"""

    ONE = "1", "一级"
    TWO = "2", "二级"
    THREE = "3", "三级"
    FOUR = "4", "四级"


class PremiumKind(Code):
    """政府代缴的保险"""

    ELDER_ACCIDENT = "elder_accident", "银龄安康（老年人意外伤害保险）"
    MEDICAL = "medical", "城乡居民基本医疗保险"
    PENSION = "pension", "城乡居民基本养老保险"


class ElderCardKind(Code):
    """老年人证件"""

    COURTESY = "courtesy", "老年人优待证"
    ELDER = "elder", "长者卡"


class HeldLine(Code):
    """一人一月可能享受的待遇"""

    DIBAO = "dibao", "最低生活保障"
    TEKUN = "tekun", "特困人员供养"
    OLD_AGE_ALLOWANCE = Scheme.OLD_AGE_ALLOWANCE.value, Scheme.OLD_AGE_ALLOWANCE.label
    NURSING_INST = Scheme.NURSING_INST.value, Scheme.NURSING_INST.label
    NURSING_HOME = Scheme.NURSING_HOME.value, Scheme.NURSING_HOME.label
    DIS_LIVING = Scheme.DIS_LIVING.value, Scheme.DIS_LIVING.label
    DIS_NURSING = Scheme.DIS_NURSING.value, Scheme.DIS_NURSING.label
    ORPHAN_ALLOWANCE = "orphan_allowance", "孤儿基本生活保障"
    WORK_INJURY_NURSING = "work_injury_nursing", "工伤生活护理费"
    OTHER_LIVING = "other_living", "其他福利性生活补贴（离休、老年、因公致残等）"
    OTHER_NURSING = "other_nursing", "其他福利性护理补贴（离休、老年、因公致残等）"
