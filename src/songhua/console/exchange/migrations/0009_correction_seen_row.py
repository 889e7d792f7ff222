"""The number that a row has for whoever tells of it, beside the provider's own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exchange", "0008_flows")]
    operations = [
        migrations.AddField("correction", "seen_row", models.PositiveBigIntegerField(null=True)),
    ]
