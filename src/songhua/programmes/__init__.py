"""A city's plan as data: who owes what by when, in our own words beside the article.

`load` reads one folder, `bundled` one that ships with songhua, `passages` finds the sentences
in the bureau's own copy of the text.
"""
