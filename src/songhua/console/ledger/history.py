"""Audit entries in words: what was done, by whom, with which figures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from songhua.console.design.bilingual import choose
from songhua.console.design.figures import figure, moment, month_label
from songhua.console.ledger.models import AuditEntry
from songhua.console.ledger.services.vouch import subject
from songhua.console.people.models import User
from songhua.governance.reasons import Reason
from songhua.kit.messages import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.db.models import Model, QuerySet

    from songhua.console.ledger.models import Task

    Word = Callable[[object, str], str]

ICONS = {
    "task": "flag", "report": "edit", "plans": "table", "evidence": "document", "closing": "check",
    "trigger": "bell", "notice": "bell", "submit": "warning", "close": "warning",
}  # fmt: skip
COLON, COMMA = ("：", ": "), ("；", "; ")


def of_task(task: Task, *rows: Iterable[Model]) -> QuerySet[AuditEntry]:
    """What the log says of a task and of its `rows` (reports, evidence, closings, notices), newest
    first: 2 queries."""
    subjects = {f"task:{task.pk}"} | {subject(row) for each in rows for row in each}
    subjects |= {f"plans:{pk}" for pk in task.plans.values_list("pk", flat=True)}
    return AuditEntry.objects.filter(subject__in=subjects).order_by("-seq")


def told(entries: list[AuditEntry], word: Word) -> list[dict[str, object]]:
    """When, who, what and with which figures: 1 query for the people's names."""
    people = {entry.actor for entry in entries}
    names = {u.username: str(u) for u in User.objects.filter(username__in=people)}
    return [
        {
            "title": word(entry.action, "audit"),
            "when": moment(entry.at),
            "who": names.get(entry.actor) or _system(entry.actor),
            "text": text(entry, word),
            "icon": ICONS.get(entry.action.partition("_")[0], "check"),
        }
        for entry in entries
    ]


def _system(actor: str) -> str:
    return choose("系统时钟", "System clock") if actor == "clock" else actor


def text(entry: AuditEntry, word: Word) -> str:
    """The payload's readable parts, in one line; what is only for the chain is left out."""
    payload = json.loads(entry.payload)
    given = {**payload, **payload.get("facts", {})}
    parts = [part for name, say in PARTS for part in [say(given, name, word)] if part]
    return choose(*COMMA).join(parts)


def _plain(zh: str, en: str) -> Callable[[dict[str, object], str, Word], str]:
    def say(given: dict[str, object], name: str, word: Word) -> str:
        value = given.get(name)
        if value in (None, "", []):
            return ""
        return f"{choose(zh, en)}{choose(*COLON)}{value}"

    return say


def _worded(zh: str, en: str, kind: str) -> Callable[[dict[str, object], str, Word], str]:
    def say(given: dict[str, object], name: str, word: Word) -> str:
        value = given.get(name)
        return f"{choose(zh, en)}{choose(*COLON)}{word(value, kind)}" if value else ""

    return say


def _month(given: dict[str, object], name: str, word: Word) -> str:
    return month_label(given[name]) if given.get(name) else ""


def _percent(given: dict[str, object], name: str, word: Word) -> str:
    return f"{figure(given[name])}%" if given.get(name) is not None else ""


def _decision(yes: tuple[str, str], no: tuple[str, str]) -> Callable[..., str]:
    def say(given: dict[str, object], name: str, word: Word) -> str:
        value = given.get(name)
        return "" if value is None else choose(*(yes if value else no))

    return say


def _reasons(given: dict[str, object], name: str, word: Word) -> str:
    language = choose("zh", "en")
    return choose("", " ").join(
        Reason(each["code"], each.get("values") or {}).text(language)
        for each in given.get(name) or ()
    )


def _codes(given: dict[str, object], name: str, word: Word) -> str:
    language = choose("zh", "en")
    return choose("", " ").join(
        sentence(code, language, value="…", where="…") for code in given.get(name) or ()
    )


def _plans(given: dict[str, object], name: str, word: Word) -> str:
    count = sum(each["last"] - each["first"] + 1 for each in given.get(name) or ())
    return choose("{n} 行", "{n} rows", n=count) if count else ""


def _counted(given: dict[str, object], name: str, word: Word) -> str:
    return choose("{n} 条", "{n} rows", n=given[name]) if isinstance(given.get(name), int) else ""


PARTS: tuple[tuple[str, Callable[[dict[str, object], str, Word], str]], ...] = (
    ("code", _plain("任务编号", "Task")),
    ("title", _plain("名称", "Title")),
    ("name", _plain("文件名", "File")),
    ("filename", _plain("文件名", "File")),
    ("username", _plain("用户名", "User name")),
    ("role", _worded("角色", "Role", "role")),
    ("before", _worded("原状态", "State before", "state")),
    ("source", _worded("来源", "Source", "source")),
    ("obligation", _plain("对应方案任务", "Obligation")),
    ("month", _month),
    ("percent", _percent),
    ("value", _plain("数值", "Value")),
    ("period", _plain("期间", "Period")),
    ("start", _plain("开始", "Start")),
    ("due", _plain("完成时限", "Due")),
    ("due_on", _plain("答复时限", "Answer due")),
    ("accepted", _decision(("采信", "accepted"), ("不予采信", "rejected"))),
    ("passed", _decision(("同意销号", "closed out"), ("退回", "returned"))),
    ("summary", _plain("完成情况", "Summary")),
    ("statement", _plain("申请说明", "Statement")),
    ("reason", _plain("原因", "Reason")),
    ("opinion", _plain("意见", "Opinion")),
    ("answer", _plain("答复", "Answer")),
    ("reasons", _reasons),
    ("codes", _codes),
    ("bulk", _plans),
    ("rows", _counted),
    ("count", _counted),
    ("problems", _counted),
)
