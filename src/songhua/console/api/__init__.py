"""The door for programs: tokens that act for their owner, and one shape for every refusal."""
