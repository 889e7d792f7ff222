"""Scenarios on the desk: tables come in, actions run, a person decides, the result is measured."""
