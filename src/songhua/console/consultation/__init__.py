"""Public consultation: notices and drafts, opinions without an account, and the answers to them."""
