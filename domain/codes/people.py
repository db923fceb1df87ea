"""Codes of persons and households."""

from domain.codes.base import Code


class Sex(Code):
    """性别"""

    UNKNOWN = "0", "未知的性别"
    MALE = "1", "男"
    FEMALE = "2", "女"
    UNSTATED = "9", "未说明的性别"


class Relation(Code):
    """与户主关系（GB/T 4761-2008）"""

    SELF = "01", "本人"
    HEAD = "02", "户主"
    SPOUSE = "10", "配偶"
    HUSBAND = "11", "夫"
    WIFE = "12", "妻"
    SON = "20", "子"
    ADOPTED_SON = "27", "养子"
    SON_IN_LAW = "28", "女婿"
    DAUGHTER = "30", "女"
    DAUGHTER_IN_LAW = "38", "儿媳"
    GRANDCHILD = "40", "孙子、孙女或外孙子、外孙女"
    PARENTS = "50", "父母"
    FATHER = "51", "父亲"
    MOTHER = "52", "母亲"
    GRANDPARENTS = "60", "祖父母或外祖父母"
    SIBLINGS = "70", "兄弟姐妹"
    OTHER = "80", "其他"
    OTHER_KIN = "97", "其他亲属"
    NON_KIN = "99", "非亲属"


class PopulationKind(Code):
    """人口类型"""

    REGISTERED = "10", "户籍"
    FLOATING = "20", "流动"
    OVERSEAS = "30", "境外"
    UNSETTLED = "40", "未落户"


class HouseholdKind(Code):
    """家庭类别"""

    REGISTERED = "registered", "户籍家庭"
    RESIDENTIAL = "residential", "居住家庭"
    CO_LIVING = "co_living", "共同生活家庭"
