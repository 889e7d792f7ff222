"""What is written of a heating plant."""
