"""What every request passes: the content policy, the rights at the door, errors into answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import PermissionDenied, TooManyFilesSent
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.cache import patch_vary_headers

from songhua.console.people.rights import may_open
from songhua.kit.errors import (
    Conflict,
    Infeasible,
    InputError,
    NotAllowed,
    Problem,
    SonghuaError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self'; worker-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
STATUS: dict[type[SonghuaError], int] = {
    InputError: 422, NotAllowed: 403, Conflict: 409, Infeasible: 409
}  # fmt: skip

FIRST_PASSWORD = {"password", "sign_in", "sign_out", "set_language", "live"}


class ContentSecurity:
    """Says to the browser that nothing from elsewhere belongs on our pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        # One address answers a page or, to htmx, its rows: the browser must not mix them up.
        patch_vary_headers(response, ["HX-Request"])
        return response


class Language:
    """Chinese, unless this person has switched to English; what the browser prefers is not asked,
    so that everybody in an office sees the same page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class BodyLimit:
    """Refuses a body that is larger than any upload may be before anything of it is kept."""

    ALLOWANCE = 1024 * 1024  # the form's other fields and the parts' headers
    DRAINED = 512 * 1024 * 1024  # read and thrown away, so that the browser sees the answer

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        size, most = int(request.META.get("CONTENT_LENGTH") or 0), self.most(request)
        if size <= most + self.ALLOWANCE:
            return self.get_response(request)
        for _ in range(min(size, self.DRAINED) // self.ALLOWANCE + 1):
            if not request.read(self.ALLOWANCE):
                break
        limit = f"{most // 1024 // 1024} MB"
        problem = Problem("file", "file_too_large", limit)
        return render(request, "413.html", {"problems": [problem]}, status=413)

    def most(self, request: HttpRequest) -> int:
        """What this request may hold: a scenario's table is larger than everything else."""
        small, large = settings.UPLOAD_MAX_BYTES, settings.TABLE_MAX_BYTES
        if int(request.META.get("CONTENT_LENGTH") or 0) <= small:
            return small
        try:
            route = resolve(request.path_info).view_name
        except Resolver404:
            return small
        if route == "table_upload" and may_open(request.user, route, request.method or ""):
            return large
        return large if route == "api:tables" else small  # `ApiDoor` asks before it is read


class Rights:
    """Asks ``people/rights.csv`` whether this role may open this route. What is not listed is
    refused, so a page without a line in the table cannot be opened by anybody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        """Refuse before the view runs; a first password opens nothing but its own change."""
        route = request.resolver_match.view_name if request.resolver_match else ""
        if not may_open(request.user, route or "", request.method or "GET"):
            raise PermissionDenied
        if getattr(request.user, "must_change_password", False) and route not in FIRST_PASSWORD:
            return redirect("password")
        return None


class UserErrors:
    """The one place where the library's errors become answers: 422, 403, 409."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A page (or a fragment for htmx) that lists every problem; other errors stay ours."""
        if isinstance(error, TooManyFilesSent):
            return render(request, "413.html", status=413)
        status = next((s for kind, s in STATUS.items() if isinstance(error, kind)), None)
        if status is None:
            return None
        assert isinstance(error, SonghuaError)
        template = "design/components/problems.html" if request.htmx else f"{status}.html"
        return render(request, template, {"problems": error.problems}, status=status)
