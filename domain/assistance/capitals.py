"""Money in Chinese capitals (人民币大写), as vouchers and notices write it so that no figure can be added.

支付结算办法, annex 一 (正确填写票据和结算凭证的基本规定): 整 after whole yuan and after jiao, none after fen; one 零
for any run of noughts between figures, and before fen where there are no jiao.
"""

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")
_MOST = 10 ** (4 * len(_GROUPS) + 2)


def capitals(fen: int) -> str:
    """An amount in fen in capitals: 75050 → 人民币柒佰伍拾元伍角整. Raises ValueError below zero or from 10^12 yuan."""
    if not 0 <= fen < _MOST:
        raise ValueError("amount out of range")
    yuan, rest = divmod(fen, 100)
    jiao, last = divmod(rest, 10)
    whole = f"{_whole(yuan)}元" if yuan or not rest else ""
    small = f"{_DIGITS[jiao]}角" if jiao else ("零" if whole and last else "")
    return f"人民币{whole}{small}{f'{_DIGITS[last]}分' if last else '整'}"


def _whole(yuan: int) -> str:
    """A whole number of yuan without its unit."""
    if not yuan:
        return _DIGITS[0]
    written, gap = "", False
    for place in reversed(range(len(_GROUPS))):
        group = yuan // 10_000**place % 10_000
        if not group:
            gap = bool(written)
            continue
        written += ("零" if written and (gap or group < 1000) else "") + _group(group) + _GROUPS[place]
        gap = False
    return written


def _group(number: int) -> str:
    """Up to four figures."""
    written, gap = "", False
    for place in reversed(range(len(_PLACES))):
        digit = number // 10**place % 10
        if digit:
            written += ("零" if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = bool(written) and not digit
    return written
