"""The plan as records: every obligation has its page, and a new name breaks no link."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from django.core import serializers
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.html import escape

from songhua.console.ledger.models import (
    AuditEntry,
    Indicator,
    IndicatorTarget,
    Obligation,
    OfficialText,
    Task,
)
from songhua.console.ledger.services import audit, programme
from songhua.console.people.models import Unit, UnitAlias
from songhua.console.people.services import unit_named
from songhua.kit.errors import InputError
from songhua.programmes.load import bundled, load

from .city import ICE_HARBOUR, City, on, people

if TYPE_CHECKING:
    from pathlib import Path

MODELS = (Unit, Indicator, IndicatorTarget, Obligation)
TEXT = """冰港市人民政府通知
请于1月15日12:00前反馈，公开征求社会意见。
附件1
冰港市方案
一、目标
到2025年智能泊位不低于12个。港口产业突破7.5亿元。
二、任务
（一）气象
建设海冰预报服务系统，提前预警。
责任部门:市气象局
（二）机制
各单位配合。每月调度一次港口建设。
"""


def snapshot() -> dict[str, str]:
    """The plan's records; aliases by name, for they are written anew."""
    found = {m.__name__: serializers.serialize("json", m.objects.order_by("pk")) for m in MODELS}
    found["aliases"] = repr(sorted(UnitAlias.objects.values_list("name", "unit__code")))
    return found


def changed_copy(tmp_path: Path, name: str, **changes: tuple[str, str]) -> object:
    """The invented programme with words replaced in its files."""
    folder = tmp_path / name
    shutil.copytree(ICE_HARBOUR, folder)
    for file, (old, new) in changes.items():
        path = folder / file.replace("_csv", ".csv").replace("_yaml", ".yaml")
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")
    return load(folder)


@pytest.fixture
def harbin(db):
    """The bundled programme, loaded, and somebody of the office."""
    programme.load_programme("setup", bundled())
    from django.test import Client

    from songhua.console.people.services import create_account

    user, _ = create_account(
        "setup", username="office", name="办公室", role="office", password_hash="!"
    )
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.slow
def test_each_of_harbins_216_obligations_has_its_page(harbin):
    rows = list(Obligation.objects.prefetch_related("units"))
    assert len(rows) == 216
    with on("2023-07-17"):
        for row in rows:
            response = harbin.get(f"/obligations/{row.code}/")
            assert response.status_code == 200, row.code
            page = response.content.decode()
            assert escape(row.article) in page and escape(row.title_zh) in page, row.code
            assert all(escape(unit.name_zh) in page for unit in row.units.all()), row.code
            assert escape(row.evidence_zh) in page, row.code
            if row.deadline:
                day = row.deadline
                shown = rf"{day:%Y-%m-%d}|{day.year}\s*年\s*{day.month}\s*月\s*{day.day}\s*日"
                assert re.search(shown, page), row.code
            else:
                assert "文件未写明" in page, row.code


def test_an_obligations_page_shows_the_evidence_of_what_answers_it(city):
    with on("2024-02-02"):
        city.accepted("H-1")
        page = city.client("office").get("/obligations/OB-001/").content.decode()
        assert "H-1" in page and "已采信" in page and "证明" in page
        page = city.client("public").get("/obligations/OB-001/").content.decode()
    assert "H-1" not in page and "证明" not in page


def test_an_unknown_obligation_is_404(city):
    assert city.client("office").get("/obligations/OB-999/").status_code == 404


def test_loading_twice_changes_nothing(city):
    before = snapshot()
    done = programme.load_programme("setup", load(ICE_HARBOUR))
    assert snapshot() == before and done.kept == ()
    assert done.counts == {"units": 4, "indicators": 2, "obligations": 5}


def links() -> dict[str, object]:
    """What hangs on units and obligations, by key."""
    return {
        "tasks": list(Task.objects.order_by("pk").values_list("pk", "lead_unit", "obligation")),
        "obligations": sorted(Obligation.units.through.objects.values_list("obligation", "unit")),
        "owners": list(Indicator.objects.order_by("pk").values_list("pk", "owner")),
    }


def test_a_renamed_unit_and_alias_keep_every_link(city, tmp_path):
    before = links()
    renamed = changed_copy(
        tmp_path, "renamed", units_csv=("市港务局,Municipal Harbour Bureau,市港口局",
                                        "市港航局,Harbour and Shipping Bureau,港航局|市港务局")
    )  # fmt: skip
    programme.load_programme("setup", renamed)
    assert links() == before
    assert city.task("H-1").lead_unit.name_zh == "市港航局"
    assert {unit_named(n, "unit").code for n in ("市港航局", "港航局", "市港务局")} == {
        "harbour_bureau"
    }
    with pytest.raises(InputError):
        unit_named("市港口局", "unit")
    with on("2024-02-02"):
        city.report("H-1", "2024-01", 8)
        assert "市港航局" in city.client("office").get("/ledger/").content.decode()
    assert audit.verify() == []


def test_two_units_may_exchange_an_alias(city, tmp_path):
    first = changed_copy(
        tmp_path, "a", units_csv=("市气象局,Municipal Weather Bureau,,",
                                  "市气象局,Municipal Weather Bureau,气象台,")
    )  # fmt: skip
    programme.load_programme("setup", first)
    second = changed_copy(tmp_path, "b", units_csv=("市港口局", "市港口局|气象台"))
    programme.load_programme("setup", second)
    assert unit_named("气象台", "unit").code == "harbour_bureau"


def test_new_wording_and_dates_reach_the_records(city, tmp_path):
    changed = changed_copy(
        tmp_path, "later", obligations_csv=("2024-01-15,12:00", "2024-02-15,09:00"),
        indicators_yaml=('targets: {2025: "12"}', 'targets: {2025: "12", 2026: "20"}'),
    )  # fmt: skip
    programme.load_programme("setup", changed)
    row = Obligation.objects.get(code="OB-005")
    assert (str(row.deadline), row.deadline_time) == ("2024-02-15", "09:00")
    targets = Indicator.objects.get(code="berths").targets.values_list("due", "value")
    assert [(d.year, v) for d, v in targets] == [(2025, 12), (2026, 20)]


def drop(tmp_path: Path, name: str, *codes: str) -> object:
    folder = tmp_path / name
    shutil.copytree(ICE_HARBOUR, folder)
    for path in (folder / "obligations.csv", folder / "records.csv"):
        rows = path.read_text("utf-8").splitlines(keepends=True)
        path.write_text("".join(r for r in rows if not r.startswith(codes)), "utf-8")
    return load(folder)


def test_an_obligation_that_vanished_is_kept_while_tasks_answer_it_and_is_reported(city, tmp_path):
    before = Task.objects.count()
    done = programme.load_programme("setup", drop(tmp_path, "less", "OB-003", "OB-005"))
    assert done.kept == ("OB-003",)  # W-1 answers it; nothing answered OB-005
    assert list(Obligation.objects.values_list("code", flat=True)) == [
        "OB-001", "OB-002", "OB-003", "OB-004"
    ]  # fmt: skip
    assert Task.objects.count() == before
    entry = AuditEntry.objects.order_by("-seq").first()
    assert entry.action == "programme_loaded" and '"kept":["OB-003"]' in entry.payload


def test_a_programme_that_cannot_be_saved_changes_nothing(city, tmp_path, monkeypatch):
    before = snapshot()
    changed = changed_copy(tmp_path, "x", units_csv=("市气象局,", "市气象台,"))

    def fail(*given: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(programme, "_obligations", fail)
    with pytest.raises(RuntimeError):
        programme.load_programme("setup", changed)
    assert snapshot() == before


# The bureau's own copy of the text.


def attach(city: City, content: bytes, name: str = "方案.txt"):
    return city.client("office").post(
        "/official-text/", {"file": SimpleUploadedFile(name, content)}
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_an_attached_text_shows_its_passages_beside_the_obligations(empty_city, encoding):
    with on("2024-01-10"):
        assert attach(empty_city, TEXT.encode(encoding)).status_code == 302
        pages = {
            code: empty_city.client("public").get(f"/obligations/{code}/").content.decode()
            for code in ("OB-001", "OB-003", "OB-005")
        }
    assert "到2025年智能泊位不低于12个。" in pages["OB-001"]
    assert "建设海冰预报服务系统，提前预警。" in pages["OB-003"]
    assert "公开征求社会意见" in pages["OB-005"]
    assert AuditEntry.objects.filter(action="official_text_attached").count() == 1


def test_a_later_copy_takes_the_place_of_the_earlier(empty_city):
    attach(empty_city, TEXT.encode())
    attach(empty_city, TEXT.replace("不低于12个", "不低于12个（修订）").encode())
    page = empty_city.client("office").get("/obligations/OB-001/").content.decode()
    assert "（修订）" in page
    assert OfficialText.objects.count() == 2


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00\x81\xff", "没有条款的文字".encode(), b"", b"x" * (6 * 1024 * 1024)]
)
def test_what_is_not_the_text_is_refused_and_not_kept(empty_city, content):
    assert attach(empty_city, content).status_code == 422
    assert not OfficialText.objects.exists()


def test_only_the_office_attaches_the_text(empty_city):
    for who in ("leader", "staff", "enterprise", "reviewer", "public"):
        given = {"file": SimpleUploadedFile("a.txt", TEXT.encode())}
        assert empty_city.client(who).post("/official-text/", given).status_code == 403
    assert not OfficialText.objects.exists()


@pytest.mark.django_db
def test_another_citys_programme_fills_the_same_pages(ice_harbour):
    city = people()
    with on("2024-01-10"):
        for page in ("/obligations/", "/indicators/", "/programme/", "/wall/"):
            response = city.client("office").get(page)
            assert response.status_code == 200, page
            assert "哈尔滨" not in response.content.decode(), page
