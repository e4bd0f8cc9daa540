"""The outside world in one process: a bank rail, identity checks, a credit bureau, a message gateway, and the firms.

Each party is an ASGI app with its own durable book and shares no rule with the service that it witnesses.
"""
