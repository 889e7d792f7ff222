"""What both sides do for a case, and what they are filled with before: 20,000 datasets made alike
from one that the action interface took, and a table of 10,000 rows in a private dataset."""

from __future__ import annotations

import atexit
import http.client
import itertools
import json
import re
import socket
import time
import uuid
import zlib
from contextlib import ExitStack
from hashlib import md5
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import ckanapi
import script

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

DATASETS = 20_000
ROWS = 10_000
TEMPLATE = {
    "name": "template-dataset", "title": "Template dataset", "notes": "集中供热 district heating",
    "license_id": "cc-by", "tags": [{"name": "heat"}, {"name": "供热"}],
    "extras": [{"key": "spatial", "value": "city"}],
    "resources": [{"name": "csv", "format": "CSV", "url": "http://example.org/a.csv"},
                  {"name": "pdf", "format": "PDF", "url": "http://example.org/a.pdf"}],
}  # fmt: skip
FIELDS = [{"id": f"c{k}", "type": "float8" if k % 2 else "text"} for k in range(10)]
_new = itertools.count()


class Site(Protocol):
    """A running site of either side."""

    url: str
    token: str


def name_of(number: int) -> str:
    return f"d-{number:05d}"


def id_of(kind: str, number: int) -> str:
    """The id of a copy; PostgreSQL says the same as ``md5('d1')::uuid``."""
    return str(uuid.UUID(md5(f"{kind}{number}".encode(), usedforsecurity=False).hexdigest()))


def copy_of(text: str, template: dict[str, Any], number: int) -> str:
    """The JSON text of a dataset, with a copy's name, title and ids."""
    swapped = {
        template["name"]: name_of(number), template["title"]: f"Dataset {number}",
        template["id"]: id_of("d", number),
        **{one["id"]: id_of(f"r{place}-", number)
           for place, one in enumerate(template["resources"])},
    }  # fmt: skip
    return re.sub("|".join(map(re.escape, swapped)), lambda found: swapped[found[0]], text)


def filled(client: ckanapi.RemoteCKAN) -> tuple[dict[str, Any], str]:
    """The dataset that is copied, and the table's resource."""
    template = client.action.package_create(**TEMPLATE, owner_org=_unit(client, "weather"))
    private = client.action.package_create(
        name="readings", private=True, owner_org=_unit(client, "weather")
    )
    resource = client.action.resource_create(
        package_id=private["id"], name="t", url="http://example.org/t.csv"
    )
    table = resource["id"]
    client.action.datastore_create(resource_id=table, fields=FIELDS, force=True)
    for start in range(0, ROWS, 2000):
        records = [
            {f"c{k}": n / 8 if k % 2 else f"text {n} {k}" for k in range(10)}
            for n in range(start, start + 2000)
        ]
        client.action.datastore_upsert(
            resource_id=table, method="insert", records=records, force=True
        )
    return template, table


def _unit(client: ckanapi.RemoteCKAN, name: str) -> str:
    return str(client.action.organization_show(id=name)["id"])


Request = tuple[str, str, str, bytes]  # method, path, token, body


def called(name: str, given: dict[str, Any], token: str) -> Request:
    """A call of the action interface."""
    return "POST", f"/api/3/action/{name}", token, json.dumps(given).encode()


def timed(url: str, requests: list[Request]) -> tuple[float, list[bytes]]:
    """The seconds and the bodies of requests one after the other on one connection, by the same
    bare client on both sides: what a client library takes is no part of what is compared."""
    address = urlsplit(url)
    texts = []
    for method, path, token, body in requests:
        head = [f"{method} {path} HTTP/1.1", f"Host: {address.netloc}",
                f"Content-Length: {len(body)}",
                *([f"Authorization: {token}"] if token else []),
                *(["Content-Type: application/json"] if body else []), "", ""]  # fmt: skip
        texts.append("\r\n".join(head).encode() + body)
    answers = []
    with socket.create_connection((address.hostname, address.port), timeout=300) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        begun = time.perf_counter()
        for text in texts:
            line.sendall(text)
            answers.append(_answer(line))
        return time.perf_counter() - begun, answers


def _answer(line: socket.socket) -> bytes:
    """The body of the next answer."""
    response = http.client.HTTPResponse(line)
    response.begin()
    body = response.read()
    if response.status != 200:
        raise RuntimeError(f"{response.status}: {body[:300]!r}")
    return body


class Bench:
    """A site, begun with the first case; ended with the process."""

    def __init__(
        self,
        running: Callable[[], AbstractContextManager[Any]],
        copies: Callable[[Any, dict[str, Any]], None],
        reader: Callable[[Any, str], str],
        page: str,
    ) -> None:
        """`running` gives a site, `copies` makes the copies of a dataset, and `reader` the token
        of a program that reads the table; `page` is the address of a dataset's page."""
        self._running, self._copies, self._reader, self._page_of = running, copies, reader, page
        self._stack = ExitStack()
        self._site: Any = None
        self._table = ""
        self._token = ""
        atexit.register(self._stack.close)

    def solve(self, case: dict[str, Any]) -> dict[str, Any]:
        """The seconds and the answer of a case."""
        if self._site is None:
            self._site = self._stack.enter_context(self._running())
        if case["kind"] == "script":
            return self._script()
        if not self._table:
            client = ckanapi.RemoteCKAN(self._site.url, apikey=self._site.token)
            template, self._table = filled(client)
            self._copies(self._site, template)
            self._token = self._reader(self._site, self._table)
        return getattr(self, f"_{case['kind']}")(case)

    def _script(self) -> dict[str, Any]:
        begun = time.perf_counter()
        found = script.answers(self._site.url, self._site.token)
        seconds = time.perf_counter() - begun
        texts = {label: json.dumps(one, sort_keys=True) for label, one in found.items()}
        return {
            "seconds": seconds,
            "answer": {label: zlib.crc32(text.encode()) for label, text in texts.items()},
        }

    def _timed(self, calls: list[tuple[str, Any]], token: str) -> tuple[float, list[Any]]:
        seconds, answers = timed(self._site.url, [called(*call, token) for call in calls])
        results = [json.loads(answer, parse_int=float) for answer in answers]
        assert all(one["success"] for one in results), results[0]
        return seconds, [one["result"] for one in results]

    def _page(self, case: dict[str, Any]) -> dict[str, Any]:
        """Pages as anybody sees them who is not signed in."""
        numbers = [n * 37 for n in range(case["calls"])]
        paths = [self._page_of.format(name_of(number)) for number in numbers]
        seconds, pages = timed(self._site.url, [("GET", path, "", b"") for path in paths])
        titles = [f"Dataset {number}" for number in numbers]
        shown = [title.encode() in page for title, page in zip(titles, pages, strict=True)]
        described = sum("集中供热 district heating".encode() in page for page in pages)
        return {"seconds": seconds, "answer": {"titles": sum(shown), "described": described}}

    def _show(self, case: dict[str, Any]) -> dict[str, Any]:
        calls = [("package_show", {"id": name_of(n * 37)}) for n in range(case["calls"])]
        seconds, found = self._timed(calls, self._token)
        titles = zlib.crc32("".join(one["title"] for one in found).encode())
        return {
            "seconds": seconds,
            "answer": {"titles": titles, "resources": sum(len(one["resources"]) for one in found)},
        }

    def _rows(self, case: dict[str, Any]) -> dict[str, Any]:
        asked = {"resource_id": self._table, "limit": 50}
        calls = [("datastore_search", asked | {"offset": n * 50}) for n in range(case["calls"])]
        seconds, found = self._timed(calls, self._token)
        rows = json.dumps([one["records"] for one in found], sort_keys=True)
        return {
            "seconds": seconds,
            "answer": {"rows": zlib.crc32(rows.encode()), "total": found[0]["total"]},
        }

    def _search(self, case: dict[str, Any]) -> dict[str, Any]:
        asked = {"q": case["q"], "fq": "license_id:cc-by", "rows": case["rows"],
                 "sort": "name asc"}  # fmt: skip
        seconds, (found,) = self._timed([("package_search", asked)], self._token)
        names = zlib.crc32("".join(one["name"] for one in found["results"]).encode())
        return {"seconds": seconds, "answer": {"count": found["count"], "names": names}}

    def _create(self, case: dict[str, Any]) -> dict[str, Any]:
        client = ckanapi.RemoteCKAN(self._site.url, apikey=self._site.token)
        unit = _unit(client, "weather")
        calls = [
            ("package_create", TEMPLATE | {"name": f"new-{next(_new)}", "owner_org": unit})
            for _ in range(case["calls"])
        ]
        seconds, found = self._timed(calls, self._site.token)
        return {
            "seconds": seconds,
            "answer": {"made": len(found), "resources": sum(one["num_resources"] for one in found)},
        }
