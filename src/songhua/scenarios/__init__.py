"""The applications of the plan, one folder each. None of them knows another."""

SCENARIOS = ("smart_heating", "fever_clinic")
