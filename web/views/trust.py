"""How far somebody is trusted, as owner and manager see it."""

from dataclasses import dataclass

from api.views import CouponView, LevelView, TrustMoment, TrustView

SHOWN = 5


@dataclass(frozen=True)
class Trust:
    """The level, what it brings, and the way to the next."""

    seen: TrustView
    coupons: tuple[CouponView, ...] = ()

    @property
    def here(self) -> LevelView:
        return self.seen.levels[self.seen.level - 1]

    @property
    def next(self) -> LevelView | None:
        """What the next level brings; None on the highest."""
        return self.seen.levels[self.seen.level] if self.seen.level < len(self.seen.levels) else None

    @property
    def way(self) -> str:
        """Which sentence says how to rise."""
        if self.next is None:
            return "highest"
        if self.seen.late:
            return "late"
        return "running" if self.seen.rises_on else "borrow"

    @property
    def history(self) -> tuple[TrustMoment, ...]:
        """The newest changes."""
        return self.seen.history[:SHOWN]
