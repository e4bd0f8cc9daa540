"""Wires what workflows ask for to what can do it, and runs it."""
