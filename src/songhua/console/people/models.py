"""Units of the programme, and the people who act for them."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class Role(models.TextChoices):
    """What somebody is to the pilot zone. The rights of each role stand in ``rights.csv``."""

    LEADER = "leader", "领导"
    OFFICE = "office", "领导小组办公室"
    STAFF = "staff", "责任部门"
    ENTERPRISE = "enterprise", "企业"
    REVIEWER = "reviewer", "验收专家"
    PUBLIC = "public", "公众"


class Unit(models.Model):
    """A department, district or office. Known by its code; its names may change at any time."""

    code = models.SlugField(max_length=60, unique=True)
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)
    district = models.CharField(max_length=6, blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name_zh


class UnitAlias(models.Model):
    """Another name under which a unit appears in documents and spreadsheets."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=60, unique=True)

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """Somebody with an account. `credit_code` ties an enterprise's people to its projects."""

    role = models.CharField(max_length=12, choices=Role.choices, default=Role.PUBLIC)
    name = models.CharField(max_length=60, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="people")
    credit_code = models.CharField(max_length=18, blank=True)
    failed_sign_ins = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)
    must_change_password = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name or self.username
