"""What forms share: a field that judges nothing, a date, and the way back with a word of thanks."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import redirect

from songhua.kit import figures
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class Given(forms.Field):
    """A field that gives on what was typed, without an opinion of its own."""

    def clean(self, value: object) -> object:
        """The value as it came."""
        return value


def civil(text: str, where: str) -> date:
    """A date from a form field."""
    try:
        return date.fromisoformat(figures.plain(text))
    except ValueError as error:
        raise InputError(Problem(where, "not_a_date" if text else "empty", text)) from error


def done(request: HttpRequest, text: str, to: str, *args: object) -> HttpResponse:
    """Say that it happened and go to the page named `to`."""
    messages.success(request, text)
    return redirect(to, *args)
