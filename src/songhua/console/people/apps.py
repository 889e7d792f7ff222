"""Who uses the console, for which unit, with which rights."""

from django.apps import AppConfig


class People(AppConfig):
    name = "songhua.console.people"
    label = "people"
