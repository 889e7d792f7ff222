"""Several calls of the service in one: read from a body, and their answers written as one.

Two forms: JSON (``{"requests": […]}``) and multipart/mixed with change sets. An address may begin
with ``$`` and the id of an earlier call of the batch, and a body may name one as ``"$id"``; both
mean what that call has made.

Source: OGC 18-088 (SensorThings 1.1), batch requests; OData 4.01 JSON format, 19; OData 4.0, 11.7.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email import policy
from email.parser import BytesParser
from typing import TYPE_CHECKING, Any

import orjson

from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

METHODS = {"GET", "POST", "PATCH", "PUT", "DELETE"}
MOST = 100  # calls of a batch
BOUNDARY, INNER = "batch_songhua", "changeset_songhua"
_LINE = re.compile(r"([A-Z]+) (\S+)(?: HTTP/\d(?:\.\d)?)?")
_REFERENCE = re.compile(r"\$([A-Za-z0-9_.~-]{1,60})")


@dataclass(frozen=True)
class Part:
    """One call. Those of the same `group` are done together or not at all; "" is no group."""

    id: str
    method: str
    url: str
    body: Any = None
    group: str = ""


@dataclass(frozen=True)
class Reply:
    """What became of a call: its `part`, status, headers and body (None: none)."""

    part: Part
    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


def read(content_type: str, body: bytes) -> list[Part]:
    """The calls of a batch in their order. Raises `InputError` ``sensorthings_batch`` for what is
    none."""
    form = content_type.partition(";")[0].strip().lower()
    parts = list(_multipart(content_type, body) if form == "multipart/mixed" else _json(body))
    if not 0 < len(parts) <= MOST:
        raise _wrong(f"{len(parts)} > {MOST}" if parts else "requests")
    names = [part.id for part in parts if part.id]
    for part in parts:
        if part.method not in METHODS:
            raise _wrong(part.method)
        if names.count(part.id) > 1:
            raise _wrong(part.id)
    return parts


def resolved(part: Part, made: Mapping[str, tuple[str, Any]]) -> Part:
    """The call with what it says of earlier ones filled in: `made` gives the address and the id of
    what each has made. One that is not there is left as it is, to be refused like any name."""

    def within(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: within(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [within(inner) for inner in value]
        found = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
        return made[found[1]][1] if found and found[1] in made else value

    found = _REFERENCE.match(part.url)
    before = made[found[1]][0] if found and found[1] in made else ""
    url = before + part.url[found.end() :] if found and before else part.url
    return Part(part.id, part.method, url, within(part.body), part.group)


def written(content_type: str, replies: Sequence[Reply]) -> tuple[str, bytes]:
    """The answers as one body, in the form of the question, and its content type."""
    if content_type.partition(";")[0].strip().lower() != "multipart/mixed":
        said = [_said(reply) for reply in replies]
        return "application/json", orjson.dumps({"responses": said})
    blocks: list[bytes] = []
    number = 0
    while number < len(replies):
        group = replies[number].part.group
        end = number + 1
        while group and end < len(replies) and replies[end].part.group == group:
            end += 1
        together = [_http(reply) for reply in replies[number:end]]
        blocks.append(_set(together) if group else together[0])
        number = end
    return f"multipart/mixed; boundary={BOUNDARY}", _joined(blocks, BOUNDARY)


def _json(body: bytes) -> Iterator[Part]:
    try:
        given = orjson.loads(body)["requests"]
        for number, one in enumerate(given):
            yield Part(
                str(one.get("id", number)), str(one["method"]).upper(), str(one["url"]),
                one.get("body"), str(one.get("atomicityGroup") or ""),
            )  # fmt: skip
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        raise _wrong("requests") from None


def _multipart(content_type: str, body: bytes) -> Iterator[Part]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = BytesParser(policy=policy.HTTP).parsebytes(head + body)
    if not message.is_multipart():
        raise _wrong("boundary")
    for number, one in enumerate(message.iter_parts()):
        if one.get_content_type() == "multipart/mixed":
            for inner in one.iter_parts():
                yield _call(inner, f"set-{number}")
        else:
            yield _call(one, "")


def _call(message: Any, group: str) -> Part:
    head, _, body = (message.get_payload(decode=True) or b"").partition(b"\r\n\r\n")
    found = _LINE.fullmatch(head.decode("utf-8", "replace").strip().splitlines()[0].strip() if head
                            else "")  # fmt: skip
    if found is None:
        raise _wrong("HTTP")
    try:
        given = orjson.loads(body) if body.strip() else None
    except orjson.JSONDecodeError:
        raise _wrong("JSON") from None
    return Part(str(message.get("Content-ID", "")).strip("<> "), found[1], found[2], given, group)


def _said(reply: Reply) -> dict[str, Any]:
    said: dict[str, Any] = {"id": reply.part.id, "status": reply.status}
    if reply.part.group:
        said["atomicityGroup"] = reply.part.group
    if "Location" in reply.headers:
        said["location"] = reply.headers["Location"]
    if reply.body is not None:
        said["body"] = reply.body
    return said


def _http(reply: Reply) -> bytes:
    known = [f"Content-ID: {reply.part.id}"] if reply.part.id else []
    head = ["Content-Type: application/http", "Content-Transfer-Encoding: binary", *known, "",
            f"HTTP/1.1 {reply.status} -"]  # fmt: skip
    head += [f"{name}: {value}" for name, value in reply.headers.items()]
    body = b"" if reply.body is None else orjson.dumps(reply.body)
    head += ["Content-Type: application/json"] if body else []
    return "\r\n".join([*head, "", ""]).encode() + body


def _set(blocks: Sequence[bytes]) -> bytes:
    head = f"Content-Type: multipart/mixed; boundary={INNER}\r\n\r\n".encode()
    return head + _joined(blocks, INNER)


def _joined(blocks: Sequence[bytes], boundary: str) -> bytes:
    mark = f"--{boundary}".encode()
    return b"".join(mark + b"\r\n" + block + b"\r\n" for block in blocks) + mark + b"--\r\n"


def _wrong(value: str) -> InputError:
    return InputError(Problem("$batch", "sensorthings_batch", value[:100]))
