"""Amounts in the formal Chinese numerals of bills and contracts (大写金额), which cannot be altered with one stroke.

Source: 中国人民银行《支付结算办法》附件一《正确填写票据和结算凭证的基本规定》. Where it leaves a choice of writing
零, a zero is written before 角 and not after 万, as its own examples do first.
"""

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
SECTIONS = ("", "万", "亿")
# Below a thousand billion yuan: what this lender could ever write on one paper.
HIGHEST = 10**14 - 1


def chinese_amount(minor: int) -> str:
    """Fen in formal Chinese: 8 000 000 is 人民币捌万元整. Raises ValueError below zero or too high."""
    if not 0 <= minor <= HIGHEST:
        raise ValueError(f"an amount on a paper is from 0 to {HIGHEST} fen, not {minor}")
    yuan, fen = divmod(minor, 100)
    tenths, hundredths = divmod(fen, 10)
    words = f"{_whole(yuan)}元" if yuan or not fen else ""
    if not fen:
        return f"人民币{words}整"
    if yuan and (yuan % 10 == 0 or not tenths):
        words += "零"
    if tenths:
        words += f"{DIGITS[tenths]}角"
    if hundredths:
        words += f"{DIGITS[hundredths]}分"
    return f"人民币{words}"


def _whole(yuan: int) -> str:
    if yuan == 0:
        return "零"
    words = ""
    gap = False
    for place in (2, 1, 0):
        section = yuan // 10_000**place % 10_000
        if section == 0:
            gap = bool(words)
            continue
        if words and (gap or section < 1000):
            words += "零"
        words += _section(section) + SECTIONS[place]
        gap = False
    return words


def _section(section: int) -> str:
    """One to 9,999: a run of zeros between digits is one 零."""
    words = ""
    gap = False
    for place in range(3, -1, -1):
        digit = section // 10**place % 10
        if digit == 0:
            gap = bool(words)
            continue
        words += ("零" if gap else "") + DIGITS[digit] + PLACES[place]
        gap = False
    return words
