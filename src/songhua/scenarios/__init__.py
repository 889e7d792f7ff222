"""The applications of the plan, one folder each. None of them knows another."""

SCENARIOS = ("fever_clinic",)
