"""Targets, lights, clocks and steps: pure functions on figures and dates.

Nothing here reads a file of the user's, a clock or a setting; "today" is always an argument.
"""
