"""The papers of a loan: key facts, contract, settlement certificate, as PDF/A made from plain values.

Nothing here reads a database, a store or a clock: the same values give the same bytes.
"""
