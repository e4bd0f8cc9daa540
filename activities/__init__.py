"""Verbs that touch the world once: one activity, one transaction, every outside effect with an id derived from its cause."""
