"""Verbs that touch the world once: one activity, one transaction, every effect outside with a derived id."""
