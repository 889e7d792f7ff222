"""The evidence log: where it stands, one event with its receipt, the whole to take away, and the
place where a second department fetches checkpoints and leaves its signatures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.exchange.services import cosigning, evidence, verifying
from songhua.console.exchange.sharing_selectors import SEEING_ALL
from songhua.console.exchange.visitors import held_back
from songhua.console.people.models import Role
from songhua.kit.errors import Conflict, InputError, SonghuaError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from django.http import HttpRequest

    from songhua.console.people.models import User

PLAIN = "text/plain; charset=utf-8"
LONGEST = 100_000  # bytes of a co-signed note


def log(request: HttpRequest) -> HttpResponse:
    """The newest checkpoint, who co-signed it, the last verification, and an event by its index."""
    problems, found = [], None
    if text := request.GET.get("index", "").strip():
        try:
            found = _event(request.user, _index(text))
        except (InputError, Conflict) as error:
            problems = error.problems
    if request.htmx:
        return render(request, "exchange/_verification.html", {"last": verifying.newest()})
    return _shown(request, problems, 422 if problems else 200, found=found)


def _shown(
    request: HttpRequest, problems: Sequence[object] = (), status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "standing": cosigning.standing(), "witnesses": cosigning.witnesses(),
        "last": verifying.newest(),
        "problems": problems, "whole": request.user.role in SEEING_ALL,
        "office": request.user.role == Role.OFFICE, "given": request.GET, **more,
    }  # fmt: skip
    return render(request, "exchange/log.html", context, status=status)


def _index(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise Http404
    return int(text)


def _event(user: User, index: int) -> dict[str, Any]:
    """An event with its receipt. What it says is for the office, the leaders, and whoever did it;
    the receipt shows hashes alone."""
    receipt = evidence.receipt(index)
    body = json.loads(evidence.event(index))
    own = user.username in (body.get("by"), body.get("to"))
    shown = own or user.role in SEEING_ALL
    said = [(name, v if isinstance(v, str) else json.dumps(v, ensure_ascii=False))
            for name, v in body.items()]  # fmt: skip
    return {"index": index, "body": said if shown else None, "receipt": receipt}


def log_receipt(request: HttpRequest, index: int) -> HttpResponse:
    """The proof that an event is in the signed log, to be kept."""
    text = evidence.receipt(index).encode()
    return _file(text, f"receipt-{index}.json", "application/json")


def log_event(request: HttpRequest, index: int) -> HttpResponse:
    """The bytes of an event, which its receipt proves."""
    if _event(request.user, index)["body"] is None:
        raise Http404
    return _file(evidence.event(index), f"event-{index}.json", "application/json")


def _file(content: str | bytes, name: str, kind: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=kind, headers=headers)


def log_export(request: HttpRequest) -> FileResponse:
    """The log as a ZIP, to be checked offline with ``songhua log verify``."""
    path = cosigning.archived()
    answer = FileResponse(path.open("rb"), as_attachment=True, filename="evidence-log.zip")
    _remove(path)  # the open file is sent to its end
    return answer


def _remove(path: Path) -> None:
    path.unlink()
    path.parent.rmdir()


@require_POST
def log_verify(request: HttpRequest) -> HttpResponse:
    """Have every hash computed anew from the events and held against every checkpoint."""
    try:
        verifying.ask(request.user)
    except (InputError, Conflict) as error:
        return _shown(request, error.problems, 422)
    return redirect("log")


@require_POST
def log_witness(request: HttpRequest) -> HttpResponse:
    """Take a department's public key for that of a witness."""
    try:
        key = cosigning.trust(request.user, request.POST.get("key", ""))
    except (InputError, Conflict) as error:
        return _shown(request, error.problems, 422)
    return done(request, say("已登记见证单位 {n}。", "{n} is a witness now.", n=key.name), "log")


@csrf_exempt  # nobody is signed in here: a witness's signature is what counts
@login_not_required
@held_back
def log_checkpoint(request: HttpRequest) -> HttpResponse:
    """For a witness's own program: GET with ``since`` the newest checkpoint and the proof that it
    continues that one; POST the note back with the signature."""
    try:
        if request.method == "POST":
            text = request.read(LONGEST).decode("utf-8", "replace")
            return HttpResponse(cosigning.accept(text).encode(), content_type=PLAIN)
        asked = cosigning.asked(_index(request.GET.get("since", "0")))
        return HttpResponse(asked.encode(), content_type="application/json")
    except (InputError, Conflict) as error:
        return HttpResponse(_told(error), content_type=PLAIN, status=422)


def _told(error: SonghuaError) -> str:
    return "\n".join(f"{p.text('zh')} / {p.text('en')}" for p in error.problems)
