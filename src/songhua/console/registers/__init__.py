"""Registers (台账) as the programme declares them: entered by units, confirmed by the office."""
