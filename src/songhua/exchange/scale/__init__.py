"""The same questions about readings on the engine that the city has: DuckDB, PostgreSQL or Spark.

`questions` are written once, as Ibis expressions over two tables; `engines` opens the engine and
gives it the tables. What engines do differently and in silence stays out: time is a count of
microseconds in UTC and arithmetic on it, ties are broken by a name, quantiles are exact, integers
are divided by taking the remainder off first.
"""
