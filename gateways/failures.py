"""The three ways in which the outside does not answer "yes". They carry codes, never values: messages end in logs."""


class GatewayFailure(Exception):
    """Something outside did not go as asked. ``code`` is stable and holds no personal data: ``rail_unreachable``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def __reduce__(self) -> tuple[type["GatewayFailure"], tuple[str]]:
        return type(self), (self.code,)


class GatewayUnavailable(GatewayFailure):
    """Nothing happened outside, or only something was read: ask again later without fear."""


class GatewayUnsure(GatewayFailure):
    """The order may or may not have taken effect (UNKNOWN, never FAILED). Only asking the party resolves it."""


class GatewayRefused(GatewayFailure):
    """The party understood and said no; the same order will be refused again."""
