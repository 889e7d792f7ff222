"""A program that calls the interface with somebody's token."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from django.test import Client

from songhua.console.api import tokens
from songhua.console.runs.services import supervise

if TYPE_CHECKING:
    from django.http import HttpResponse

    from songhua.console.people.models import User

SAMPLE = files("songhua.scenarios.fever_clinic") / "sample"


class Program:
    """Answers are ``(status, JSON)``."""

    def __init__(self, owner: User, *scopes: str) -> None:
        self.token, self.secret = tokens.make(
            owner, name="test", scopes=scopes or list(tokens.SCOPES), days="30"
        )
        self.client = Client()

    def send(
        self, method: str, path: str, content: object = None, *, kind: str = "application/json",
        **headers: str,
    ) -> HttpResponse:  # fmt: skip
        """One request as it stands."""
        if not isinstance(content, bytes):
            content = b"" if content is None else json.dumps(content).encode()
        return self.client.generic(
            method, f"/api/v1/{path}", content, content_type=kind,
            headers={"Authorization": f"Bearer {self.secret}", **headers},
        )  # fmt: skip

    def __call__(
        self, method: str, path: str, content: object = None, **more: Any
    ) -> tuple[int, Any]:
        answer = self.send(method, path, content, **more)
        return answer.status_code, json.loads(answer.content or b"null")

    def bring(self, dataset: str, content: bytes | None = None, **more: Any) -> int:
        """The number of a table brought in (the sample where nothing else is given)."""
        path = f"tables?scenario=fever_clinic&dataset={dataset}&filename={dataset}.csv"
        content = (SAMPLE / f"{dataset}.csv").read_bytes() if content is None else content
        status, made = self("POST", path, content, kind="text/csv", **more)
        assert status == 201, made
        return made["id"]

    def inputs(self) -> dict[str, int]:
        """The samples that `simulate_waits` reads, brought in and checked."""
        found = {name: self.bring(name) for name in ("visits", "roster")}
        work()
        return found


def asked(tables: dict[str, int], **more: object) -> dict[str, object]:
    """What is sent to ask for a short run."""
    return {
        "scenario": "fever_clinic", "action": "simulate_waits", "tables": tables,
        "params": {"replications": 20}, "seed": 7, **more,
    }  # fmt: skip


def work() -> None:
    """Do everything that waits."""
    while supervise.next_work():
        pass


def codes(answer: dict[str, Any]) -> list[tuple[str, str]]:
    """Where and which rule, for every problem, each with both sentences."""
    for problem in answer["problems"]:
        assert problem["zh"] and problem["en"] and problem["code"] not in problem["zh"], problem
    return [(p["where"], p["code"]) for p in answer["problems"]]
