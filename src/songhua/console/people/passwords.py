"""The password rule that Django does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError

from songhua.console.design import say

if TYPE_CHECKING:
    from songhua.console.people.models import User


class MixedCharacters:
    """At least three of: lower case, upper case, digits, other characters."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise `ValidationError` unless three of the four kinds are present."""
        kinds = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
        if sum(any(kind(c) for c in password) for kind in kinds) < 3:
            raise ValidationError(self.get_help_text(), code="password_too_simple")

    def get_help_text(self) -> str:
        """The rule in words."""
        return say(
            "密码须至少包含小写字母、大写字母、数字、符号中的三种。",
            "Use at least three of: lower case, upper case, digits, symbols.",
        )
