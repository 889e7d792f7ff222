"""Two processes that want the same hours: each hour goes to one of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ..processes import BEFORE, HERE, Installation, own_database

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
HOURS = 24
FOUND = """
from songhua.console.cooperation.services.entering import enter
from songhua.console.cooperation.shelf import BY_KEY
town = city.people()
unit = town.units["harbour_bureau"]
enter(town.office, BY_KEY["resources"], {"title": "低温环境舱", "kind": "instrument",
      "place": "港口", "open": "是", "unit": unit.code})
"""
BOOK = f"""
import sys
from songhua.console.cooperation.services.entering import enter
from songhua.console.cooperation.shelf import BY_KEY
from songhua.console.people.models import User
from songhua.kit.errors import Conflict
office, won = User.objects.get(username="office"), []
print("ready", flush=True)
sys.stdin.readline()
for hour in range({HOURS}):
    given = {{"resource": "低温环境舱", "title": "试验", "starts": f"2024-12-01T{{hour:02d}}:00",
             "ends": f"2024-12-{{1 + (hour + 1) // 24:02d}}T{{(hour + 1) % 24:02d}}:00"}}
    try:
        enter(office, BY_KEY["bookings"], given)
        won.append(hour)
    except Conflict:
        pass
print(won)
"""
COUNT = """
import json
from songhua.console.cooperation.models import BookedHour, Booking
from songhua.console.ledger.services import audit
print(json.dumps([BookedHour.objects.count(), Booking.objects.count(), len(audit.verify())]))
"""


def test_no_hour_is_booked_twice_by_two_processes(tmp_path: Path):
    with own_database(bool(os.environ.get("SONGHUA_DATABASE_URL"))) as url:
        installation = Installation(tmp_path / "data", url)
        installation.run("manage", "migrate")
        installation.inside(FOUND)
        command = [sys.executable, "-c", BEFORE.format(here=str(HERE)) + BOOK]
        both = [
            subprocess.Popen(command, env=installation.environment, text=True,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            for _ in range(2)
        ]  # fmt: skip
        for process in both:
            assert process.stdout.readline() == "ready\n"
        for process in both:
            process.stdin.write("go\n")
            process.stdin.flush()
        won = [json.loads(process.communicate(timeout=120)[0]) for process in both]
        assert sorted(won[0] + won[1]) == list(range(HOURS)), "each hour once, and none lost"
        assert json.loads(installation.inside(COUNT)) == [HOURS, HOURS, 0]
