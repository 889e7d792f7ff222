"""Tables brought in, runs made of them, decisions taken on them, and what repeats by the clock."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Work(models.Model):
    """Something for the worker: it waits, is taken by one attempt at a time, and ends once."""

    class State(models.TextChoices):
        """Where the work stands."""

        QUEUED = "queued", "排队"
        RUNNING = "running", "进行中"
        DONE = "done", "完成"
        FAILED = "failed", "失败"
        CANCELLED = "cancelled", "已取消"

    scenario = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    progress = models.FloatField(default=0)
    problems = models.JSONField(default=list)
    trace = models.TextField(blank=True)  # of a fault of ours; shown to the office only
    cancel_asked = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    token = models.UUIDField(null=True)  # of the attempt that holds it; nobody else may end it
    beat_at = models.DateTimeField(null=True)  # machine time of that attempt's last sign of life
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state not in {self.State.QUEUED, self.State.RUNNING}


class Run(Work):
    """One call of an action: what went in, what came out, and what it takes to repeat it."""

    action = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    seed = models.BigIntegerField(default=1)
    code = models.CharField(max_length=16)  # version of the code that answers depend on
    digest = models.CharField(max_length=64)  # over action, inputs, parameters, seed and code
    inputs_digest = models.CharField(max_length=64)
    kpis = models.JSONField(default=dict)
    schedule = models.ForeignKey("Schedule", models.PROTECT, null=True, related_name="runs")
    due_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("scenario", "-id")),
            models.Index(fields=("state", "id")),
        )
        constraints = (
            models.UniqueConstraint(fields=("schedule", "due_at"), name="one_run_for_each_slot"),
        )

    def __str__(self) -> str:
        return f"{self.scenario}.{self.action} #{self.pk}"


class Table(Work):
    """A table of a dataset: brought in by somebody and checked, or written by a run.

    The rows lie in the store under `digest`; there are none before the check has passed, nor
    after the table was `dropped_at`.
    """

    dataset = models.CharField(max_length=60)
    name = models.CharField(max_length=200)  # of the file, or of the run's table
    source = models.UUIDField(null=True)  # the uploaded file, until it is checked
    source_sha256 = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True, db_index=True)
    rows = models.BigIntegerField(default=0)
    left_out = models.JSONField(default=list)  # headings that the dataset does not declare
    encoding = models.CharField(max_length=20, blank=True)
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="outputs")
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("scenario", "dataset", "-id")),
            models.Index(fields=("state", "id"), name="runs_table_state_idx"),
        )

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


class RunInput(models.Model):
    """Which table a run read under which name."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="inputs")
    name = models.CharField(max_length=60)
    table = models.ForeignKey(Table, models.PROTECT, related_name="read_by")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("run", "name"), name="one_table_a_name"),)


class Decision(models.Model):
    """What a person proposes on the ground of a run, and what became of it."""

    class State(models.TextChoices):
        """Where the decision stands."""

        PROPOSED = "proposed", "已提出"
        APPROVED = "approved", "已批准"
        REFUSED = "refused", "已否决"
        CARRIED_OUT = "carried_out", "已执行"
        MEASURED = "measured", "已评估"

    run = models.ForeignKey(Run, models.PROTECT, related_name="decisions")
    text = models.TextField()
    indicator = models.CharField(max_length=60)  # the run's indicator that it is to bring about
    expected = models.FloatField(null=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    carried_out_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    carried_out_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)
    measured_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    measured_at = models.DateTimeField(null=True)
    measured = models.FloatField(null=True)

    class Meta:
        ordering = ("-pk",)


class Schedule(models.Model):
    """An action that runs by the clock, on the newest tables of its datasets."""

    class Every(models.TextChoices):
        """How often it is due."""

        QUARTER_HOUR = "quarter_hour", "每 15 分钟"
        DAY = "day", "每天"

    class Missed(models.TextChoices):
        """What happens to times that passed while no worker was running."""

        LATEST = "latest", "只补最近一次"
        ALL = "all", "逐次补跑"
        SKIP = "skip", "不补"

    scenario = models.CharField(max_length=60)
    action = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    seed = models.BigIntegerField(default=1)
    every = models.CharField(max_length=12, choices=Every.choices)
    at = models.TimeField(null=True)  # of the day, city time; for those that are due daily
    missed = models.CharField(max_length=8, choices=Missed.choices, default=Missed.LATEST)
    enabled = models.BooleanField(default=True)
    next_at = models.DateTimeField()
    refused_at = models.DateTimeField(null=True)  # when a run could last not be asked for, and why
    problems = models.JSONField(default=list)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
