"""What growth writes: each step checked, locked, recorded."""
