"""What is written: notices and versions, opinions, answers, tables, and what is forgotten."""
