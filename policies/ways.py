"""The file of what owners can do about a "no", as the rules take it."""

from typing import Literal

from pydantic import Field, model_validator

from lending.verdicts import PathKind, Touches, Way, Ways
from policies.files import PolicyFile, Section
from policies.shapes import Fraction

Capability = Literal["line_marks", "invoice_lists", "invoice_pledge"]


class WaySection(Section):
    kind: PathKind
    effort: int = Field(ge=1)
    touches: Touches
    needs: Capability | Literal[""] = ""
    months: tuple[int, ...] = ()
    shares: tuple[Fraction, ...] = ()

    @model_validator(mode="after")
    def _steps_rise(self) -> "WaySection":
        wants = {PathKind.MORE_HISTORY: "months", PathKind.FEWER_LARGE_BUYERS: "shares"}.get(self.kind)
        if wants and not getattr(self, wants):
            raise ValueError(f"{self.kind}: {wants}: at least one step")
        if list(self.months) != sorted(set(self.months)) or any(month < 1 for month in self.months):
            raise ValueError(f"{self.kind}: months: from the least to the most, each once")
        if list(self.shares) != sorted(set(self.shares), reverse=True) or any(not 0 < s < 1 for s in self.shares):
            raise ValueError(f"{self.kind}: shares: between 0 and 1, from the largest to the smallest, each once")
        return self


class WaysFile(PolicyFile):
    product: str
    shown_up_to: int = Field(ge=1, le=3)
    together_up_to: int = Field(ge=1, le=2)
    ways: tuple[WaySection, ...]
    capabilities: tuple[Capability, ...]
    pledge_advance: Fraction

    @model_validator(mode="after")
    def _each_once(self) -> "WaysFile":
        kinds = [way.kind for way in self.ways]
        if len(set(kinds)) < len(kinds):
            raise ValueError("ways: each kind once")
        return self


def ways_of(file: WaysFile) -> Ways:
    """What is proposed to owners of a product."""
    return Ways(
        kinds=tuple(Way(way.kind, way.effort, way.touches, way.needs, way.months, way.shares) for way in file.ways),
        shown_up_to=file.shown_up_to,
        together_up_to=file.together_up_to,
        capabilities=frozenset(file.capabilities),
        pledge_advance=file.pledge_advance,
    )
