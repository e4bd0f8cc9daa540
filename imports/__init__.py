"""Statements and invoices of any layout into normalised lines.

``statements.read`` for a file in memory, ``streaming`` for an upload: a child process without network reads the file
and streams rows that PostgreSQL's COPY takes as they are.
"""
