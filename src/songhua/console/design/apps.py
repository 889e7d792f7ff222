from django.apps import AppConfig


class DesignConfig(AppConfig):
    name = "songhua.console.design"
    label = "design"
    verbose_name = "Design"
