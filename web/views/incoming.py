"""Money that came unasked, on the desk's page and on the owner's."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from api.views.debits import DebitsView
from api.views.incoming import Diverted, IncomingView, PayoffQuote, RefusedView, WaysToPay
from api.views.plan import Prepayment
from web.views.parts import Form


@dataclass(frozen=True)
class IncomingPage:
    """What waits and what is over. ``forms``: of what nobody decided, by id; ``chosen``: the one that is open;
    ``seconds``: of what a colleague decided and takes two; ``judging``: of what the rail ``refused``."""

    waiting: tuple[IncomingView, ...]
    over: tuple[IncomingView, ...]
    forms: Mapping[str, Form] = field(default_factory=dict[str, Form])
    chosen: str = ""
    diverted: tuple[Diverted, ...] = ()
    ways: tuple[str, ...] = ("loan", "receivable", "give_back")
    refused: tuple[RefusedView, ...] = ()
    seconds: Mapping[str, Form] = field(default_factory=dict[str, Form])
    judging: Mapping[str, Form] = field(default_factory=dict[str, Form])


@dataclass(frozen=True)
class PayPage:
    """How to pay by oneself, what pays it all off today, and what a part of it would do."""

    seen: WaysToPay
    quote: PayoffQuote
    ask: Form = field(default_factory=lambda: Form(""))
    part: Prepayment | None = None


@dataclass(frozen=True)
class DebitsPage:
    """The mandate and its debits."""

    seen: DebitsView
