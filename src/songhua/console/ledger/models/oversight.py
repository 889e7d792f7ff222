"""Reminder, supervision, interview: what raised them, who must answer, by when."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from songhua.console.ledger.models.tasks import Task
from songhua.console.people.models import Unit


class Source(models.TextChoices):
    """The five sources from which the plan lets a case arise."""

    MINISTRY = "ministry_requirement", "科技部工作要求"
    LEADER = "leader_instruction", "省、市领导批示"
    MONITORING = "task_monitoring", "重点任务监测"
    ASSESSMENT = "daily_assessment", "日常考评发现"
    DEADLINE = "approaching_deadline", "工作时序临近"


class Trigger(models.Model):
    """Something that asks for a task to be looked at: an instruction, a finding, a requirement."""

    source = models.CharField(max_length=24, choices=Source.choices)
    task = models.ForeignKey(Task, models.PROTECT, related_name="triggers")
    title = models.CharField(max_length=200)
    issuer = models.CharField(max_length=80, blank=True)
    received_on = models.DateField()
    taken_up = models.BooleanField(default=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-received_on", "-pk")

    def __str__(self) -> str:
        return self.title


class Notice(models.Model):
    """One step of the ladder on one task. A step that is not answered in time raises the next."""

    class Level(models.TextChoices):
        REMINDER = "reminder", "工作提示"
        SUPERVISION = "supervision", "督办"
        INTERVIEW = "interview", "约谈"

    task = models.ForeignKey(Task, models.PROTECT, related_name="notices")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="notices")
    source = models.CharField(max_length=24, choices=Source.choices)
    level = models.CharField(max_length=12, choices=Level.choices)
    raised_from = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="raised_to"
    )
    reasons = models.JSONField(default=list)
    missed_months = models.PositiveSmallIntegerField(default=0)
    opened_on = models.DateField()
    due_on = models.DateField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_on = models.DateField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("-opened_on", "-pk")
        indexes = (models.Index(fields=("unit", "ended_on", "due_on")),)
        constraints = (
            models.UniqueConstraint(
                fields=("task",),
                condition=models.Q(ended_on__isnull=True),
                name="one_open_notice",
            ),
        )

    def __str__(self) -> str:
        return f"{self.task.code} {self.get_level_display()}"
