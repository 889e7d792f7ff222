"""Files that come in and documents that go out. Contents are kept by their SHA-256."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Document(models.Model):
    """A monthly review, quarterly bulletin or annual summary as issued."""

    class Kind(models.TextChoices):
        MONTH = "monthly_review", "月调度"
        QUARTER = "quarterly_bulletin", "季通报"
        YEAR = "annual_summary", "年总结"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    period = models.CharField(max_length=8)
    edition = models.PositiveSmallIntegerField(default=1)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    published = models.BooleanField(default=False)
    files = models.JSONField(default=dict)
    totals = models.JSONField(default=dict)
    audit_head = models.CharField(max_length=80)

    class Meta:
        ordering = ("-issued_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("kind", "period", "edition"), name="one_edition"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.period}"


class ImportBatch(models.Model):
    """A file on its way into the ledger: all of it or nothing."""

    class Kind(models.TextChoices):
        REPORTS = "reports", "月报"
        PLANS = "plans", "月计划"
        TASKS = "tasks", "任务清单"
        INDICATORS = "indicators", "指标数据"

    class State(models.TextChoices):
        RECEIVED = "received", "已接收"
        RUNNING = "running", "处理中"
        DONE = "done", "已入库"
        REFUSED = "refused", "未通过校验"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    problems = models.JSONField(default=list)
    rows = models.PositiveIntegerField(null=True, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.filename


class OfficialText(models.Model):
    """The bureau's own copy of the official text, whose passages stand beside the obligations."""

    sha256 = models.CharField(max_length=64)
    filename = models.CharField(max_length=200)
    passages = models.JSONField(default=dict)
    attached_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    attached_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.filename
