"""The ledger: target → task → project → monthly plan and report → evidence → acceptance."""

from django.apps import AppConfig


class Ledger(AppConfig):
    name = "songhua.console.ledger"
    label = "ledger"
