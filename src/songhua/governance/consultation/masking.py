"""What the public may see of those who spoke: 张**, 138****1234, z***@example.org.

The number of stars says nothing about what they stand for. Names that somebody writes into the
middle of an opinion cannot be told from other words; telephone, e-mail and identity numbers can.
"""

from __future__ import annotations

import re

_COMPOUND = {
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "宇文", "长孙",
    "司徒", "司空", "夏侯", "轩辕", "端木", "独孤", "南宫", "百里", "呼延", "闻人", "申屠", "太史",
}  # fmt: skip
_WIDE = str.maketrans("０１２３４５６７８９＠．－ｘＸ", "0123456789@.-xX")
_EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_IDENTITY = r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9])"
_MOBILE = r"(?<![0-9])(?:\+?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]{4}){2}(?![0-9])"
_LANDLINE = r"(?<![0-9])\(?0[0-9]{2,3}\)?[ -]?[0-9]{7,8}(?![0-9])"
_CONTACT = re.compile(
    f"(?P<email>{_EMAIL})|(?P<identity>{_IDENTITY})|(?P<phone>{_MOBILE}|{_LANDLINE})"
)


def mask_name(name: str) -> str:
    """The family name and two stars; "" of nothing.

    >>> mask_name("张三"), mask_name("欧阳明月"), mask_name(" ")
    ('张**', '欧阳**', '')
    """
    name = name.strip()
    return f"{name[:2] if name[:2] in _COMPOUND else name[:1]}**" if name else ""


def mask_organisation(name: str) -> str:
    """The first and the last two characters, or the first one of a short name.

    >>> mask_organisation("冰港智慧供热有限公司"), mask_organisation("甲厂")
    ('冰港****公司', '甲****')
    """
    name = name.strip()
    if len(name) < 6:
        return f"{name[:1]}****" if name else ""
    return f"{name[:2]}****{name[-2:]}"


def mask_phone(phone: str) -> str:
    """All but the first three and the last four of its digits; fewer of a short number.

    >>> mask_phone("138 0000 1234"), mask_phone("0451-82363304"), mask_phone("12345")
    ('138****1234', '045****3304', '****')
    """
    digits = re.sub(r"[^0-9]", "", phone.translate(_WIDE))
    if len(digits) == 13:
        digits = digits.removeprefix("86")
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 10 else "****" if digits else ""


def mask_email(email: str) -> str:
    """The first character of the name, and the house it lives in.

    >>> mask_email("zhang@example.org"), mask_email("z@example.org")
    ('z***@example.org', '***@example.org')
    """
    name, at, house = email.strip().translate(_WIDE).rpartition("@")
    if not at:
        return "***" if house else ""
    return f"{name[:1] if len(name) > 1 else ''}***@{house}"


def mask_text(text: str) -> str:
    """`text` with the telephone, e-mail and identity numbers in it masked.

    >>> mask_text("请电告13800001234，身份证230103199001011234")
    '请电告138****1234，身份证******'
    """
    return _replaced(
        text, {"email": mask_email, "phone": mask_phone, "identity": lambda _: "******"}
    )


def without_contacts(text: str) -> str:
    """`text` without the telephone, e-mail and identity numbers in it."""
    return _replaced(text, {})


def _replaced(text: str, masks: dict[str, object]) -> str:
    parts, end = [], 0
    for found in _CONTACT.finditer(text.translate(_WIDE)):
        mask = masks.get(found.lastgroup or "")
        parts += [text[end : found.start()], mask(found[0]) if callable(mask) else ""]
        end = found.end()
    return "".join([*parts, text[end:]])
