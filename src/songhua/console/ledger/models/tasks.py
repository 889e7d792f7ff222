"""The work: tasks that answer obligations, projects beneath them, their evidence and acceptance."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from songhua.console.ledger.models.programme import Obligation
from songhua.console.people.models import Role, Unit


class TaskQuerySet(models.QuerySet["Task"]):
    """Rows of the ledger."""

    def visible_to(self, user: object) -> TaskQuerySet:
        """The rows that `user` may see; the one place where row scope is decided."""
        role = getattr(user, "role", Role.PUBLIC)
        if role in {Role.LEADER, Role.OFFICE, Role.REVIEWER}:
            return self
        if role == Role.STAFF and user.unit_id:
            supported = Task.supporting.through.objects.filter(unit_id=user.unit_id)
            return self.filter(Q(lead_unit_id=user.unit_id) | Q(pk__in=supported.values("task_id")))
        if role == Role.ENTERPRISE and user.credit_code:
            return self.filter(credit_code=user.credit_code)
        return self.none()


class Task(models.Model):
    """A task, or a project beneath a task. Its light and its latest figures are kept up to date by
    the services, so that a page of any size reads them with one query."""

    class Level(models.TextChoices):
        TASK = "task", "任务"
        PROJECT = "project", "项目"

    code = models.SlugField(max_length=30, unique=True)
    title = models.CharField(max_length=200)
    level = models.CharField(max_length=8, choices=Level.choices, default=Level.TASK)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    obligation = models.ForeignKey(Obligation, models.PROTECT, related_name="tasks")
    lead_unit = models.ForeignKey(Unit, models.PROTECT, related_name="tasks")
    supporting = models.ManyToManyField(Unit, related_name="supported_tasks", blank=True)
    enterprise = models.CharField(max_length=120, blank=True)
    credit_code = models.CharField(max_length=18, blank=True, db_index=True)
    investment_fen = models.BigIntegerField(null=True, blank=True)
    district = models.CharField(max_length=6, blank=True)
    start = models.DateField()
    due = models.DateField()
    state = models.CharField(max_length=12, default="draft")
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    # Derived by services.lights from the rows beneath; None is "not known", never 0.
    light = models.CharField(max_length=8, default="grey")
    light_reasons = models.JSONField(default=list)
    month_light = models.CharField(max_length=8, blank=True)  # as it stood when a month was closed
    planned_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    actual_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    last_month = models.DateField(null=True, blank=True)
    missing_months = models.PositiveSmallIntegerField(default=0)
    evidence_count = models.PositiveIntegerField(default=0)

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ("code",)
        indexes = (
            models.Index(fields=("lead_unit", "light")),
            models.Index(fields=("light", "code")),
            models.Index(fields=("state", "due")),
            models.Index(fields=("due", "code")),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Evidence(models.Model):
    """Something that shows a task was done: a file, a link, a run's indicator, or the records of a
    collection (their page as `url`, the digest of which they were as `inputs_digest`)."""

    class Kind(models.TextChoices):
        FILE = "file", "文件"
        LINK = "link", "链接"
        RUN = "run", "运行结果"
        RECORDS = "records", "系统记录"

    class State(models.TextChoices):
        SUBMITTED = "submitted", "待审核"
        ACCEPTED = "accepted", "已采信"
        REJECTED = "rejected", "不予采信"

    task = models.ForeignKey(Task, models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    title = models.CharField(max_length=200)
    filename = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(null=True, blank=True)
    url = models.URLField(max_length=500, blank=True)
    run_id = models.CharField(max_length=64, blank=True)
    inputs_digest = models.CharField(max_length=64, blank=True)
    seed = models.BigIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SUBMITTED)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    opinion = models.TextField(blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.title


class Acceptance(models.Model):
    """A request to close a task (验收申请) and what was decided on it (销号 or 退回)."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="acceptances")
    statement = models.TextField()
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()
    passed = models.BooleanField(null=True, blank=True)
    opinion = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.task.code} {self.submitted_at:%Y-%m-%d}"
