"""What a grant leaves of a value: all of it, a part, a coarser one, or a keyed pseudonym.

Each rule gives an SQL expression over a column; NULL stays NULL. Keys travel as parameters of the
query, never in its text.
"""

from __future__ import annotations

from dataclasses import dataclass, field

_BLOCK = 64  # bytes of a SHA-256 block


@dataclass(frozen=True)
class Plain:
    """The value itself."""

    def sql(self, column: str, key: str) -> str:
        return column

    def parameters(self, key: str) -> dict[str, bytes]:
        return {}

    def flaws(self) -> bool:
        """Whether the rule itself is unusable."""
        return False


@dataclass(frozen=True)
class Numbered(Plain):
    """The place of the row among those that are granted, from 1 on, in the order of the value: gaps
    between row numbers would tell how many rows are kept back, and where."""

    def sql(self, column: str, key: str) -> str:
        return f"ROW_NUMBER() OVER (ORDER BY {column})"


@dataclass(frozen=True)
class Mask(Plain):
    """The first and last characters of the text; one star for each between them. A text that
    these would show whole is all stars."""

    first: int = 0
    last: int = 0

    def sql(self, column: str, key: str) -> str:
        text, shown = f"CAST({column} AS TEXT)", self.first + self.last
        return (
            f"CASE WHEN LENGTH({text}) <= {shown} THEN REPEAT('*', LENGTH({text}))"
            f" ELSE LEFT({text}, {self.first}) || REPEAT('*', LENGTH({text}) - {shown})"
            f" || RIGHT({text}, {self.last}) END"
        )

    def flaws(self) -> bool:
        return min(self.first, self.last) < 0


@dataclass(frozen=True)
class Pseudonym(Plain):
    """HMAC-SHA-256 (RFC 2104) of the value's text in hexadecimal. One key per recipient: the same
    person keeps one name within a delivery, and two recipients cannot join theirs."""

    key: bytes = field(repr=False)

    def sql(self, column: str, key: str) -> str:
        inner = f"SHA256(${key}_inner || ENCODE(CAST({column} AS TEXT)))"
        return f"SHA256(${key}_outer || UNHEX({inner}))"

    def parameters(self, key: str) -> dict[str, bytes]:
        block = self.key.ljust(_BLOCK, b"\0")
        pads = {"inner": 0x36, "outer": 0x5C}
        return {f"{key}_{name}": bytes(byte ^ pad for byte in block) for name, pad in pads.items()}

    def flaws(self) -> bool:
        return not 16 <= len(self.key) <= _BLOCK


@dataclass(frozen=True)
class Year(Plain):
    """The year of a date or an instant."""

    def sql(self, column: str, key: str) -> str:
        return f"YEAR({column})"


@dataclass(frozen=True)
class Prefix(Plain):
    """The first characters of a code: six of a GB/T 2260 division code name the district."""

    length: int

    def sql(self, column: str, key: str) -> str:
        return f"LEFT(CAST({column} AS TEXT), {self.length})"

    def flaws(self) -> bool:
        return self.length < 1


@dataclass(frozen=True)
class Band(Plain):
    """The lower end of the band of `width` that holds the number."""

    width: int

    def sql(self, column: str, key: str) -> str:
        return f"CAST(FLOOR({column} / {self.width}) AS BIGINT) * {self.width}"

    def flaws(self) -> bool:
        return self.width < 1


PLAIN = Plain()
