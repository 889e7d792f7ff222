"""The index of the catalogue's words: trigrams, on either engine."""

from django.db import migrations

SQLITE = (
    "CREATE VIRTUAL TABLE exchange_found USING fts5(words, tokenize='trigram')",
    "INSERT INTO exchange_found(rowid, words) SELECT id, found_by FROM exchange_entry",
    "CREATE TRIGGER exchange_found_insert AFTER INSERT ON exchange_entry BEGIN"
    " INSERT INTO exchange_found(rowid, words) VALUES (new.id, new.found_by); END",
    "CREATE TRIGGER exchange_found_update AFTER UPDATE OF found_by ON exchange_entry"
    " WHEN old.found_by <> new.found_by BEGIN"
    " UPDATE exchange_found SET words = new.found_by WHERE rowid = new.id; END",
    "CREATE TRIGGER exchange_found_delete AFTER DELETE ON exchange_entry BEGIN"
    " DELETE FROM exchange_found WHERE rowid = old.id; END",
)
POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX exchange_found ON exchange_entry USING gin (found_by gin_trgm_ops)",
)


def forward(apps, editor):
    """PostgreSQL without the extension, or without the right to add it, searches row by row."""
    if editor.connection.vendor == "sqlite":
        for statement in SQLITE:
            editor.execute(statement)
    elif editor.connection.vendor == "postgresql":
        with editor.connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")
            there = cursor.fetchone()
        if there:
            for statement in POSTGRESQL:
                editor.execute(statement)


def backward(apps, editor):
    if editor.connection.vendor == "sqlite":
        for name in ("insert", "update", "delete"):
            editor.execute(f"DROP TRIGGER IF EXISTS exchange_found_{name}")
        editor.execute("DROP TABLE IF EXISTS exchange_found")
    elif editor.connection.vendor == "postgresql":
        editor.execute("DROP INDEX IF EXISTS exchange_found")


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_exchange")]
    operations = [migrations.RunPython(forward, backward)]
