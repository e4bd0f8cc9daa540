"""What the pages of a report show: sentences beside their sources, signatures, duties."""

from dataclasses import dataclass, replace

from api import views
from web.views.parts import Form

FIRST = frozenset(
    {"asked", "check_mismatch", "own_view", "own_view_amount", "own_view_of", "own_view_of_amount", "score"}
)
WEIGHS = (".current_overdue_minor", ".open_claims")


@dataclass(frozen=True)
class ReportPage:
    """The report and all around it. ``here``: the customer's page; forms while they may be used."""

    seen: views.ReportView
    duties: views.DutyView
    here: str
    form: Form | None = None
    pair: Form | None = None
    colleagues: tuple[views.Colleague, ...] = ()
    sign: Form | None = None

    @property
    def options(self) -> tuple[tuple[str, str, str], ...]:
        return tuple((str(one.id), one.name, "") for one in self.colleagues)

    @property
    def head(self) -> tuple[views.ReportLine, ...]:
        """What a verdict turns on, for the first screen: what is asked, what does not match, the newest month, what is
        overdue or claimed, one's own view and the score."""
        newest = max((one.text for one in self.seen.lines if one.code == "month"), default="")
        return tuple(
            one
            for one in self.seen.lines
            if one.code in FIRST or one.code.endswith(WEIGHS) or (one.code == "month" and one.text == newest)
        )

    def lines(self, section: str) -> tuple[views.ReportLine, ...]:
        """The sentences of a section."""
        return tuple(one for one in self.seen.lines if one.section == section)

    def place(self, source_id: str) -> str:
        """Where a figure stands: the lines, the paper, the thing brought home; else its row on this page."""
        one = next(source for source in self.seen.sources if source.id == source_id)
        match one.kind:
            case "lines":
                return f"{self.here}/lines?month={one.ref}"
            case "paper":
                return f"/manager/papers/{one.ref}"
            case "task" if source_id.startswith("task-"):
                return f"/manager/offline/{one.ref}"
            case "task":
                return f"/manager/tasks/{one.ref}"
            case "collateral" | "search" | "registration":
                return f"/manager/collateral/{one.ref}"
            case "appraisal" if one.sha256:
                return f"/manager/collateral/reports/{one.ref}"
            case "evidence" if one.sha256:
                return f"/manager/offline/things/{one.ref}"
            case _:
                return f"#s-{one.id}"


# Where a duty is done: a part of the case's own page, the step that has to be asked for, the report.
MENDED = {
    "identity_proven": "#checks-title",
    "registers_asked": "#registers-title",
    "bills_read": "#bills-title",
    "papers_judged": "#papers-title",
    "seen_outside": "#went",
    "evidence_speaks": "#went",
    "numbers_match": "#went-title",
    "own_view_first": "#view-title",
    "override_explained": "#decide-title",
    "report_kept": "{customer}/report",
    "two_people": "{customer}/report#two",
}
# The desk's page of a case shows checks, bills and papers in one part, and sends nobody out.
AT_THE_DESK = {
    **dict.fromkeys(("identity_proven", "bills_read", "papers_judged", "numbers_match"), "#evidence-title"),
    "seen_outside": "{task}#went",
    "evidence_speaks": "{task}#went",
}


@dataclass(frozen=True)
class OpenDuty:
    """A gap, and where it is mended; ``stops``: nobody says yes before."""

    title: str
    lacks: tuple[str, ...]
    href: str
    stops: bool = False


@dataclass(frozen=True)
class OwedPage:
    """What stands beside a verdict: the gaps of the list."""

    gaps: int
    open: tuple[OpenDuty, ...]

    @property
    def stops(self) -> bool:
        """Whether something that is required is open."""
        return any(one.stops for one in self.open)

    def seen_from(self, case: str) -> "OwedPage":
        """The same from a page that is not the case's own, ``case``: what leads to a part of it leads there."""
        return replace(
            self, open=tuple(replace(one, href=case + one.href) if one.href[0] == "#" else one for one in self.open)
        )


def owed(seen: views.DutyView, task: str, *, desk: bool = False) -> OwedPage:
    """The gaps with their ways out; ``task``: the manager's page of the case, which links from it go to."""
    customer = f"/manager/customers/{seen.application_id}"
    places = {**MENDED, **(AT_THE_DESK if desk else {})}
    found = tuple(
        # What only the customer can give is asked for in the thread.
        OpenDuty(
            one.title,
            one.lacks,
            places.get(one.code, "{customer}#thread").format(customer=customer, task=task),
            one.stops,
        )
        for one in seen.lines
        if one.standing == "gap"
    )
    return OwedPage(len(found), found)


@dataclass(frozen=True)
class LinesPage:
    """The lines behind a month's figure."""

    seen: views.FileLines
    back: str
