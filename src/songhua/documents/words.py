"""The words that the layout itself says, Chinese and English, and the colours of the lights."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from songhua.kit.messages import Language

WORDS: dict[str, tuple[str, str]] = {
    "simulated": ("模拟数据", "SIMULATED DATA"),
    "simulated_line": (
        "模拟数据：本件中的数字为演示而设，不得作为决策或拨付依据。",
        "Simulated data: the figures here are for demonstration and must not be relied upon.",
    ),
    "audit": (
        "审计校验值 {head}：本件生成时台账审计日志的链尾，日志事后如有改动，核对此值即可发现。",
        "Audit head {head}: the end of the ledger's audit log when this document was made; "
        "any later change to the log will no longer match it.",
    ),
    "page": ("第 {page} 页　共 {pages} 页", "Page {page} of {pages}"),
    "summary": ("主要数据", "Key figures"),
    "contents": ("表格目录", "Tables"),
    "table": ("表{n}　{title}", "Table {n}. {title}"),
    "total": ("合计", "Total"),
    "no_rows": ("（无记录）", "(no records)"),
    "note": ("注：{note}", "Note: {note}"),
    "missing": ("缺报", "not reported"),
    "number": ("编号", "Number"),
    "period": ("报告期", "Period"),
    "issuer": ("印发单位", "Issued by"),
    "issued_on": ("印发日期", "Date of issue"),
    "issued": ("{date}印发", "Issued {date}"),
    "copies": ("抄送：{names}。", "Copies to: {names}."),
    "between": ("，", "; "),
    "sheet_summary": ("摘要", "Summary"),
    "cut": ("……（余文见PDF或Word版）", "… (the rest is in the PDF and Word versions)"),
    "light_green": ("绿灯", "Green"),
    "light_yellow": ("黄灯", "Yellow"),
    "light_red": ("红灯", "Red"),
    "light_grey": ("灰灯", "Grey"),
    "light_blue": ("蓝灯", "Blue"),
}


class Paint(NamedTuple):
    """How a light looks. The shape says the same as the colour, for who cannot see it."""

    shape: str  # drawn by report.typ
    mark: str  # the same shape as a character
    ink: str
    wash: str  # a pale ground for a spreadsheet cell


PAINTS: dict[str, Paint] = {
    "green": Paint("circle", "●", "1E8449", "E3F4E9"),
    "yellow": Paint("triangle", "▲", "C98A00", "FDF3D6"),
    "red": Paint("square", "■", "C0272D", "FBE3E4"),
    "grey": Paint("ring", "○", "7F8790", "EEF0F2"),
    "blue": Paint("diamond", "◆", "2166AC", "E2EDF8"),
}


def word(code: str, language: Language, **values: object) -> str:
    """The layout's word for `code`, its ``{places}`` filled once and never read again.

    >>> word("table", "en", n=2, title="{n} robots")
    'Table 2. {n} robots'
    """
    return WORDS[code][0 if language == "zh" else 1].format(**values)
