"""Tokens, limits and repeated requests of the interface for programs."""

from django.apps import AppConfig


class Api(AppConfig):
    name = "songhua.console.api"
    label = "api"
