"""Firms that grow, the carriers they grow in, and the zones both stand in."""
