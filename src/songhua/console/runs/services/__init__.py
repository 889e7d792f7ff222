"""What may be done with tables, runs, decisions and schedules, and by whom."""
