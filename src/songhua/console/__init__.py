"""The web console: the only part of songhua that knows Django."""
