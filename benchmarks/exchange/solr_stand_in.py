"""A stand-in for what CKAN 2.12 asks of Solr: ``solr_stand_in.py <port> <schema.xml>``.

Documents and their words are kept in memory, in one process, without stemming, ranking by relevance
or durability. It answers faster than Solr does and starts at once, so what CKAN takes on top of it
is a **lower bound** of what CKAN takes. Searches are read by our own parser, and answered
independently of our catalogue's search.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter, defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import RLock
from typing import Any
from urllib.parse import parse_qs, urlsplit

from songhua.console.exchange.ckan.lucene import Group, Node, Range, Unreadable, Word, parse

TEXTS = {"title", "notes", "author", "maintainer", "res_name", "res_description", "text"}
COPIED = ("url", "res_url", "name", "title", "notes", "tags", "groups", "organization", "res_name",
          "res_description", "maintainer", "author", "license")  # fmt: skip
WEIGHTS = {"name": 4, "title": 4, "tags": 2, "groups": 2, "text": 1}
WORDS = re.compile(r"[一-鿿]|[^\W一-鿿]+")


def words(text: str) -> list[str]:
    return WORDS.findall(text.lower().replace("_", " "))


class Index:
    """Documents by number, and for each field the documents of each value."""

    def __init__(self) -> None:
        self.docs: dict[str, dict[str, Any]] = {}
        self.having: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.lock = RLock()

    def add(self, doc: dict[str, Any]) -> None:
        self.remove(doc["index_id"])
        self.docs[doc["index_id"]] = doc
        for field, value in self._terms(doc):
            self.having[field][value].add(doc["index_id"])

    def remove(self, key: str) -> None:
        doc = self.docs.pop(key, None)
        for field, value in self._terms(doc) if doc else ():
            self.having[field][value].discard(key)

    def _terms(self, doc: dict[str, Any]) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for field, given in doc.items():
            if field in ("data_dict", "validated_data_dict") or given in (None, ""):
                continue
            for value in map(str, given if isinstance(given, list) else [given]):
                text = field in TEXTS or field.startswith("extras_")
                found |= {(field, word) for word in words(value)} if text else {(field, value)}
                if field in COPIED or field.startswith("extras_"):
                    found |= {("text", word) for word in words(value)}
                if field in ("name", "title"):
                    low = value.lower()
                    found |= {(f"{field}_ngram", low[a:b]) for a in range(len(low))
                              for b in range(a + 2, min(len(low), a + 20) + 1)}  # fmt: skip
        return found

    def find(self, node: Node) -> set[str]:
        if isinstance(node, Group):
            found = None
            for one in sorted(map(self.find, node.must), key=len):
                found = one if found is None else found & one
            if found is None:
                some = [self.find(one) for one in node.may]
                found = set().union(*some) if some else set(self.docs)
            for one in node.never:
                found = found - self.find(one)
            return found
        if isinstance(node, Range):
            return {
                key
                for value, keys in self.having[node.field].items()
                if (node.low or "") <= value <= (node.high or "\U0010ffff")
                for key in keys
            }
        return self._word(node)

    def _word(self, node: Word) -> set[str]:
        field = node.field or "text"
        if node.text == "*" and not node.quoted:
            return set(self.docs) if not node.field else set().union(*self.having[field].values())
        if node.text.endswith("*") and not node.quoted:
            stem = node.text[:-1].lower() if field in TEXTS else node.text[:-1]
            return set().union(
                *(keys for value, keys in self.having[field].items() if value.startswith(stem))
            )
        if field.endswith("_ngram"):
            return self.having[field].get(node.text.lower(), set())
        if field not in TEXTS and not field.startswith("extras_"):
            return self.having[field].get(node.text, set())
        some = [self.having[field].get(word, set()) for word in words(node.text)]
        return set.intersection(*some) if some else set()

    def weight(self, doc: dict[str, Any], asked: list[str]) -> int:
        return sum(
            weight
            for field, weight in WEIGHTS.items()
            for word in asked
            if word in str(doc.get(field, "")).lower()
        )


INDEX = Index()
SCHEMA = b""


def select(given: dict[str, list[str]]) -> dict[str, Any]:
    def one(name: str, otherwise: str = "") -> str:
        return given.get(name, [otherwise])[-1]

    query, worded = one("q", "*:*"), one("defType") in ("dismax", "edismax")
    if worded and query != "*:*":
        query = re.sub(r"[^\w\s\"+-]", " ", query)
    with INDEX.lock:
        found = INDEX.find(parse(query)) if query != "*:*" else None
        for text in given.get("fq", []):
            kept = INDEX.find(parse(text))
            found = set(kept) if found is None else found & kept
        chosen = [INDEX.docs[key] for key in (INDEX.docs if found is None else found)]
    asked = words(query) if worded and query != "*:*" else []
    for part in reversed(one("sort", "score desc").split(",")):
        field, _, way = part.strip().partition(" ")
        if way not in ("asc", "desc"):
            raise Unreadable(f"Can't determine a Sort Order (asc or desc) in sort spec {part!r}")
        if field == "score":
            if asked:
                chosen.sort(key=lambda doc: INDEX.weight(doc, asked), reverse=way != "asc")
        else:
            chosen.sort(key=lambda doc: str(doc.get(field) or ""), reverse=way == "desc")
    start, rows = int(one("start", "0")), int(one("rows", "10"))
    fields = one("fl").replace(",", " ").split()
    docs = [
        doc if not fields or "*" in fields else {f: doc[f] for f in fields if f in doc}
        for doc in chosen[start : start + rows]
    ]
    answer: dict[str, Any] = {
        "responseHeader": {"status": 0, "QTime": 0},
        "response": {"numFound": len(chosen), "start": start, "docs": docs},
    }
    if one("facet") == "true":
        most = int(one("facet.limit", "50"))
        answer["facet_counts"] = {
            "facet_queries": {},
            "facet_fields": {f: facet(chosen, f, most) for f in given.get("facet.field", [])},
        }
    return answer


def facet(chosen: list[dict[str, Any]], field: str, most: int) -> list[Any]:
    counted: Counter[str] = Counter()
    for doc in chosen:
        value = doc.get(field)
        if value not in (None, ""):
            counted.update(set(value if isinstance(value, list) else [str(value)]))
    pairs = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return [part for pair in (pairs if most < 0 else pairs[:most]) for part in pair]


def update(body: bytes, kind: str) -> dict[str, Any]:
    with INDEX.lock:
        if "json" in kind:
            for doc in json.loads(body):
                INDEX.add(doc)
        else:
            for text in re.findall(r"<query>(.*?)</query>", body.decode(), re.DOTALL):
                plain = text.replace("&quot;", '"').replace("&lt;", "<").replace("&amp;", "&")
                for key in set(INDEX.find(parse(plain))):
                    INDEX.remove(key)
    return {"responseHeader": {"status": 0, "QTime": 0}}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._handle(b"")

    def do_POST(self) -> None:
        self._handle(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def _handle(self, body: bytes) -> None:
        address = urlsplit(self.path)
        given = parse_qs(address.query, keep_blank_values=True)
        if "schema" in address.path:
            return self._said(200, SCHEMA, "application/xml")
        try:
            if "/update" in address.path:
                answer = update(body, self.headers.get("Content-Type", ""))
            else:
                answer = select(given | parse_qs(body.decode()))
        except Unreadable as error:
            answer = {"error": {"msg": f"org.apache.solr.search.SyntaxError: {error}", "code": 400}}
            return self._said(400, json.dumps(answer).encode(), "application/json")
        return self._said(200, json.dumps(answer).encode(), "application/json")

    def _said(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silence."""


if __name__ == "__main__":
    SCHEMA = Path(sys.argv[2]).read_bytes()
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
