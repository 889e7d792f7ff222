"""What came of shared data, and errors that their users tell."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEY = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def kept(to, **more):
    """A reference to a row that stays as long as this one."""
    more = {"related_name": "+"} | more
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=to, **more)


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0003_portal"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Outcome",
            fields=[
                ("id", KEY.clone()),
                ("reused", models.PositiveIntegerField(null=True)),
                ("papers_saved", models.PositiveIntegerField(null=True)),
                (
                    "step",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outcome",
                        to="exchange.step",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", KEY.clone()),
                ("version", models.PositiveIntegerField()),
                ("row", models.PositiveBigIntegerField(null=True)),
                ("column", models.CharField(max_length=100)),
                ("text", models.TextField()),
                ("proposed", models.CharField(blank=True, max_length=500)),
                ("due_on", models.DateField()),
                ("created_at", models.DateTimeField()),
                ("accepted", models.BooleanField(null=True)),
                ("answer", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("answered_by", kept(settings.AUTH_USER_MODEL, null=True)),
                ("created_by", kept(settings.AUTH_USER_MODEL)),
                ("distribution", kept("exchange.distribution", related_name="corrections")),
                ("unit", kept("people.unit")),
            ],
            options={
                "ordering": ("-pk",),
                "indexes": [
                    models.Index(
                        fields=["accepted", "due_on"], name="exchange_co_accepte_2f571d_idx"
                    )
                ],
            },
        ),
    ]
