"""How the console looks and speaks: tokens, components, charts, the map, and bilingual text."""

from songhua.console.design.bilingual import say

__all__ = ["say"]
