"""A crowd at the door: sends opinions to a running console at a steady pace, from a process of its
own, and writes down what each was told.

Run as ``python crowd.py PORT RATE`` with the JSON that `PREPARE` prints on stdin; prints a list of
``[text, begun, ended, status, receipt]``: seconds since 1970, status 0 where the line broke.
"""

from __future__ import annotations

import http.client
import json
import queue
import sys
import threading
import time
from urllib.parse import parse_qs, urlencode, urlsplit

PREPARE = """
import json
from datetime import timedelta
from songhua.console import clock
from songhua.console.people import robots
from songhua.console.consultation.services import notices
from songhua.console.ledger.services.programme import load_programme
from songhua.console.people.models import Unit, User
load_programme("crowd")
office = User.objects.create_user("crowd", password="x", role="office")
draft = "第一条　为了供热，制定本办法。\\n第二条　室温不低于二十度。\\n（一）居民；\\n（二）学校。"
row = notices.create(office, Unit.objects.first(), title="供热办法", about="征求意见", text=draft)
closes = clock.now() + timedelta(seconds={seconds})
until = clock.today() + timedelta(days=30)
row = notices.publish(office, row, closes_at=closes, contacts_until=until)
asked = [robots.ask(row.pk) for _ in range({forms})]
forms = [[one.token, str(one.one + one.two)] for one in asked]
print(json.dumps({{"pk": row.pk, "closes": row.closes_at.timestamp(), "forms": forms}}))
"""
THREADS = 8
SECRET = "c" * 32  # as a browser's cookie and form both hold
CLAUSES = ("", "1", "2", "3", "4")


def send(line: http.client.HTTPConnection, pk: int, number: int, form: list[str]) -> list[object]:
    """One opinion through the public form."""
    text = f"第{number}号意见：请提高室温，理由见附页{number * 7919 % 10007}。"
    fields = {
        "csrfmiddlewaretoken": SECRET, "form": form[0], "total": form[1], "text": text,
        "clause": CLAUSES[number % len(CLAUSES)], "name": "张三", "phone": "13800001234",
    }  # fmt: skip
    headers = {
        "Content-Type": "application/x-www-form-urlencoded", "Cookie": f"songhua_csrf={SECRET}",
        "X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
    }  # fmt: skip
    begun, status, receipt = time.time(), 0, ""
    try:
        line.request("POST", f"/consultations/{pk}/opinions/new/", urlencode(fields), headers)
        answer = line.getresponse()
        answer.read()
        status = answer.status
        receipt = parse_qs(urlsplit(answer.headers.get("Location", "")).query).get("receipt", [""])[
            0
        ]
    except (OSError, http.client.HTTPException):
        line.close()
    return [text, begun, time.time(), status, receipt]


def main(port: int, rate: float) -> None:
    """Send every form in its turn, a turn every 1/rate seconds."""
    asked = json.load(sys.stdin)
    waiting: queue.SimpleQueue[tuple[int, list[str]] | None] = queue.SimpleQueue()
    told: list[list[object]] = []

    def speak() -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while (turn := waiting.get()) is not None:
            told.append(send(line, asked["pk"], *turn))

    crowd = [threading.Thread(target=speak) for _ in range(THREADS)]
    for one in crowd:
        one.start()
    start = time.monotonic()
    turns = asked.get("turns", range(len(asked["forms"])))  # of those who come again
    for place, turn in enumerate(zip(turns, asked["forms"], strict=True)):
        time.sleep(max(0.0, start + place / rate - time.monotonic()))
        waiting.put(turn)
    for _ in crowd:
        waiting.put(None)
    for one in crowd:
        one.join()
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
