"""Writes of cooperation: each asks who acts, holds the log, locks, writes, records."""
