"""Writes of the subsidies desk: each asks who acts, holds the log, locks, writes, records."""
