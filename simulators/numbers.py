"""Chinese identity numbers, credit codes and card numbers: their check digits, and the ones that mean trouble here."""

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
ID_CHECKS = "10X98765432"
CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I, O, S, V, Z
CODE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def id_check(first: str) -> str:
    """The 18th character for the first 17 digits of an identity number."""
    return ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(first, ID_WEIGHTS, strict=True)) % 11]


def is_id_number(text: str) -> bool:
    head, last = text[:17], text[17:].upper()
    return len(text) == 18 and head.isascii() and head.isdigit() and id_check(head) == last


def id_sequence(text: str) -> str:
    """Characters 15–17, the sequence number. From 900 on this world reserves it for special persons."""
    return text[14:17]


def code_check(first: str) -> str:
    """The 18th character for the first 17 of a 统一社会信用代码."""
    total = sum(CODE_ALPHABET.index(letter) * weight for letter, weight in zip(first, CODE_WEIGHTS, strict=True))
    return CODE_ALPHABET[(31 - total % 31) % 31]


def is_credit_code(text: str) -> bool:
    upper = text.upper()
    return len(upper) == 18 and all(letter in CODE_ALPHABET for letter in upper) and code_check(upper[:17]) == upper[17]


def luhn_check(first: str) -> str:
    """The last digit of a card number."""
    total = 0
    for place, digit in enumerate(reversed(first)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def an_id_number(area: str, born: str, sequence: str) -> str:
    """An identity number from its parts: 6 digits of area, YYYYMMDD, 3 digits of sequence."""
    head = f"{area}{born}{sequence}"
    return head + id_check(head)
