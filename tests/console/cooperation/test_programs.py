"""Programs read what their owner may see."""

from __future__ import annotations

from django.test import Client

from songhua.console.api import tokens


def program(user) -> Client:
    _, secret = tokens.make(user, name="x", scopes=["read"], days="30")
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_a_program_sees_records_as_its_owner_does(yard):
    rows = yard.all()
    office, rival = program(yard.office), program(yard.rival)
    for kind, row in rows.items():
        (shown,) = office.get(f"/api/v1/cooperation/{kind}").json()["rows"]
        assert shown["id"] == row.pk
        assert shown == office.get(f"/api/v1/cooperation/{kind}/{row.pk}").json()
    placed = office.get("/api/v1/cooperation/placements").json()["rows"][0]["values"]
    assert (placed["public_fen"], placed["fund"]) == ("1000000.00", rows["funds"].pk)
    due = office.get("/api/v1/cooperation/duties?part=overdue").json()["rows"]
    assert [one["id"] for one in due] == [rows["duties"].pk]
    assert rival.get("/api/v1/cooperation/agreements").json()["rows"] == []
    assert rival.get("/api/v1/cooperation/partners").json()["rows"] == []
    assert rival.get(f"/api/v1/cooperation/partners/{rows['partners'].pk}").status_code == 404
    assert len(rival.get("/api/v1/cooperation/events").json()["rows"]) == 1
    assert office.get("/api/v1/cooperation/unicorns").status_code == 422
