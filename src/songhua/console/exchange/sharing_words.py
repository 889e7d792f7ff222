"""What people call the states, steps and rules of sharing."""

from __future__ import annotations

from songhua.console.design.bilingual import choose

RULES = {
    "mask": ("掩码（保留前、后位数）", "mask (kept at both ends)"),
    "pseudonym": ("假名（按接收方加密）", "pseudonym (keyed per recipient)"),
    "year": ("只留年份", "year only"),
    "prefix": ("只留前几位", "first characters"),
    "band": ("分段（段宽）", "band (width)"),
}


def rule_word(code: str) -> str:
    """A rule of de-identification in the reader's language."""
    return choose(*RULES[code]) if code in RULES else code
