"""What people call the codes of the desk, as declared in ``messages.csv``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.console.design.bilingual import language
from songhua.kit.messages import sentence

if TYPE_CHECKING:
    from songhua.kit.messages import Language


def said(kind: str, code: str, spoken: Language) -> str:
    """The word for a code in `spoken`; "" for none."""
    return sentence(f"consultation_{kind}_{code}", spoken) if code else ""


def called(code: str, kind: str) -> str:
    """The word for a code in the reader's language."""
    return said(kind, code, language())  # type: ignore[arg-type]
