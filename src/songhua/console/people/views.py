"""Sign in, sign out, passwords, accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from songhua.console.design import say
from songhua.console.people import services
from songhua.console.people.models import Role, Unit, User
from songhua.kit.errors import InputError

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@login_not_required
def sign_in(request: HttpRequest) -> HttpResponse:
    """The door."""
    if request.method == "GET":
        if request.user.is_authenticated:
            return redirect("home")
        return render(request, "people/sign_in.html", {"next": request.GET.get("next", "")})
    wanted = request.POST.get("next", "")
    try:
        user = services.sign_in(
            request, request.POST.get("username", "").strip(), request.POST.get("password", "")
        )
    except InputError as error:
        context = {"problems": error.problems, "next": wanted, "given": request.POST}
        return render(request, "people/sign_in.html", context, status=422)
    login(request, user)
    if user.must_change_password:
        return redirect("password")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()})
    return redirect(wanted if wanted and safe else "home")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Leave."""
    logout(request)
    return redirect("sign_in")


def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password."""
    if request.method == "GET":
        return render(request, "people/password.html")
    given = request.POST
    try:
        services.change_password(
            request.user, given.get("old", ""), given.get("new", ""), given.get("again", "")
        )
    except InputError as error:
        return render(request, "people/password.html", {"problems": error.problems}, status=422)
    update_session_auth_hash(request, request.user)
    messages.success(request, say("密码已修改。", "Your password is changed."))
    return redirect("home")


def accounts(request: HttpRequest) -> HttpResponse:
    """Every account, with its unit and whether it is locked."""
    users = User.objects.select_related("unit").order_by("role", "username")
    return render(request, "people/accounts.html", {"users": users})


def account_new(request: HttpRequest) -> HttpResponse:
    """Create an account; its first password is shown once."""
    context = {"units": Unit.objects.all(), "roles": Role.choices, "given": request.POST}
    if request.method == "GET":
        return render(request, "people/account_new.html", context)
    try:
        user, first = services.create_account(
            request.user,
            username=request.POST.get("username", "").strip(),
            name=request.POST.get("name", "").strip(),
            role=request.POST.get("role", ""),
            unit=Unit.objects.filter(code=request.POST.get("unit", "")).first(),
            credit_code=request.POST.get("credit_code", ""),
        )
    except InputError as error:
        context["problems"] = error.problems
        return render(request, "people/account_new.html", context, status=422)
    return render(request, "people/account_first.html", {"account": user, "first": first})


def account_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Disable, unlock, or reset one account."""
    account = get_object_or_404(User.objects.select_related("unit"), pk=pk)
    if request.method == "GET":
        return render(request, "people/account_edit.html", {"account": account})
    try:
        first = services.update_account(
            request.user,
            account,
            active="active" in request.POST,
            unlock="unlock" in request.POST,
            reset="reset" in request.POST,
        )
    except InputError as error:
        context = {"account": account, "problems": error.problems}
        return render(request, "people/account_edit.html", context, status=422)
    if first:
        return render(request, "people/account_first.html", {"account": account, "first": first})
    messages.success(request, say("账号已更新。", "The account is updated."))
    return redirect("accounts")
