"""What the pages of a report show: sentences beside their sources, signatures, duties."""

from dataclasses import dataclass

from api import views
from web.views.parts import Form


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
            case "evidence" if one.sha256:
                return f"/manager/offline/things/{one.ref}"
            case _:
                return f"#s-{one.id}"


@dataclass(frozen=True)
class LinesPage:
    """The lines behind a month's figure."""

    seen: views.FileLines
    back: str
