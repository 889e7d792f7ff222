"""Amounts in Chinese capitals, as payment documents write them (支付结算办法, annex 1)."""

from __future__ import annotations

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ((10**8, "亿"), (10**4, "万"), (1000, "仟"), (100, "佰"), (10, "拾"))


def capitals(fen: int) -> str:
    """An amount of 0 fen or more, below 10^16 yuan.

    >>> capitals(140950), capitals(600714), capitals(1640902)
    ('人民币壹仟肆佰零玖元伍角', '人民币陆仟零柒元壹角肆分', '人民币壹万陆仟肆佰零玖元零贰分')
    >>> capitals(1_000_000_000), capitals(0)
    ('人民币壹仟万元整', '人民币零元整')
    """
    if not 0 <= fen < 10**18:
        raise ValueError(f"{fen} fen cannot be written in capitals")
    yuan, rest = divmod(fen, 100)
    jiao, cents = divmod(rest, 10)
    text = f"{_whole(yuan)}元" if yuan else ""
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif cents and yuan:
        text += "零"
    if cents:
        text += f"{_DIGITS[cents]}分"
    if not rest:
        text = (text or "零元") + "整"
    return f"人民币{text}"


def _whole(number: int) -> str:
    """A number of 1 or more, with 零 wherever a place between two digits is empty."""
    for unit, word in _UNITS:
        if number >= unit:
            high, low = divmod(number, unit)
            gap = "零" if low < unit // 10 else ""
            return _whole(high) + word + (gap + _whole(low) if low else "")
    return _DIGITS[number]
