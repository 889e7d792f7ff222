"""The action interface of CKAN, version 3, so that its clients and harvesters work unchanged.

`door` takes a call and answers it, `actions` holds what may be called by name, `lucene` reads a
search and `conditions` puts it to the catalogue, `refusals` is how a call is refused. Every row
goes through `services.door`, every change through a service.

Where the house has its own rules, the answers keep CKAN's shape and say something else:

- Organizations are the departments of the programme. Nobody makes or changes one here (403); their
  id is their code, and they have no ``created``. Groups are themes, which the office looks after.
- What is not ``private`` is open to everybody; an update that does not say so opens nothing. The
  public finds what is open; departments find the whole catalogue, private datasets too, and get
  the rows that were granted to them.
- What is forbidden and what does not exist are told alike, as 404. CKAN says 403 of some.
- Who works where is not told: ``users`` is empty, and users are known to departments alone, without
  addresses of e-mail.
- A word is found anywhere in a text, which Chinese needs; Solr looks for whole words, and of three
  or more lets one be missing. All our words must be there.
- A group that does not exist is refused, a licence that we do not know is kept; integers have eight
  bytes; an answer of rows has a ``songhua_receipt``, by which its event is found in the log.
"""
