"""What changes the ledger. Each service checks the actor, writes in one transaction, and leaves
one entry in the audit log. Views and simulations call the same functions."""
