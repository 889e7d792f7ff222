"""Commands of `songhua` that need a module of their own. Imports are made where they are used."""
