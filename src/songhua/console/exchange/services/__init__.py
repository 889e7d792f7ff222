"""What is done at the exchange."""
