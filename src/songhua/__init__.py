"""songhua: the software that runs a city's AI pilot zone from its plan."""

__version__ = "0.1.0"
