"""Writes of innovation: each asks who acts, holds the log, locks, writes, records."""
