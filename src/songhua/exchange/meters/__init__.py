"""Frames of meters as CJ/T 188 has them: `frames` frames and checks, `heat` reads a heat meter."""
