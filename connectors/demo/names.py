"""Names that nobody bears: given names of ordinary characters behind words that are no surnames."""

from connectors.demo.dice import Dice
from domain.codes import Sex

_SURNAMES = "拟仿演试模构虚幻"
"""“Simulated, imitated, rehearsed, …”: none of them stands in the registers as a family name."""
_COMMON = "安宁和平文明清远光华春秋云海山林江河松柏青石永庆福瑞祥德仁信义志诚景星辰晓晨"
_MALE = "强刚毅勇峰岩波涛宏伟建国军民生根财旺发达富贵雄威武栋梁"
_FEMALE = "兰芳梅菊荷莲桂英秀丽娟娥婷婉玉珍珠翠霞彩燕凤妹好静怡慧敏"
_RARE = "龑䶮㛃堃喆"
"""Characters outside GB 2312, as they occur in real registers: they show what a wrong encoding breaks."""


def surname(dice: Dice) -> str:
    """A word that is nobody's surname."""
    return dice.pick(_SURNAMES)


def given_name(dice: Dice, sex: Sex) -> str:
    """A given name of one or two characters."""
    own = _MALE if sex is Sex.MALE else _FEMALE
    first = "" if dice.chance(0.18) else dice.pick(_COMMON)
    last = dice.pick(_RARE) if dice.chance(0.004) else dice.pick(own)
    return first + last


def phone(dice: Dice) -> str:
    """An eleven-digit number in the 129 range, which no operator has been given."""
    return f"129{dice.between(0, 99_999_999):08d}"
