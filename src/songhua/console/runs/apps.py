"""Scenarios on the desk: tables, runs, decisions and schedules."""

from django.apps import AppConfig


class Runs(AppConfig):
    name = "songhua.console.runs"
    label = "runs"

    def ready(self) -> None:
        """Let the audit log vouch for our records too."""
        from songhua.console.ledger.services import vouch
        from songhua.console.runs.models import Decision, Run, Schedule, Table

        vouch.FACTS[Run] = (
            "scenario", "action", "params", "seed", "code", "digest", "inputs_digest",
            "schedule_id", "due_at", "created_by_id", "created_at",
        )  # fmt: skip
        vouch.FACTS[Table] = (
            "scenario", "dataset", "name", "source_sha256", "size", "run_id", "created_by_id",
            "created_at",
        )  # fmt: skip
        vouch.FACTS[Decision] = (
            "run_id", "text", "indicator", "expected", "proposed_by_id", "proposed_at",
        )  # fmt: skip
        vouch.FACTS[Schedule] = (
            "scenario", "action", "params", "seed", "every", "at", "missed", "created_by_id",
            "created_at",
        )  # fmt: skip
        vouch.CHANGING += (Run, Table, Decision, Schedule)
