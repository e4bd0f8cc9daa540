"""What the package (尽职免责包, P33) says on paper: the list of duties, the report, and the index of it all.

An auditor opens paper and not JSON. The words are made from what the JSON holds and from nothing else; each sentence
carries the number of its source, and the sources stand at the end with their times, numbers and hashes. The Chinese
text comes first and governs; the English one follows in the same paper.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from api.idempotency import Json
from api.manager.reporting import SECTIONS, sentences
from api.views import DutyView, InvestigationView
from infra import i18n
from infra.papers.listing import Cell, Listing, Part, print_listing
from infra.papers.screen import page_of
from infra.phrases import BEIJING

HOUSE = "zh_CN"
READ_IN = (HOUSE, "en")


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands on every paper of a package. ``number``: of the application; ``now``: when it was taken."""

    number: str
    now: datetime
    on: date
    issuer: str


@dataclass(frozen=True, slots=True)
class KeptReport:
    """The version that stands. ``by``: who kept it; ``currency``: of the application."""

    n: int
    sha256: str
    by: str
    made_at: datetime
    currency: str
    content: Json
    signed: InvestigationView


def both(name: str, listing: Listing) -> dict[str, bytes]:
    """A paper as a page and as PDF/A, under one name."""
    return {f"{name}.html": page_of(listing, HOUSE), f"{name}.pdf": print_listing(listing, HOUSE)}


# --- the list ---------------------------------------------------------------------------------------------------------


def duties_paper(frame: Frame, told: Mapping[str, DutyView]) -> Listing:
    """The list with how each line stands, its proofs by number. ``told``: the list by language."""
    parts = [part for n, locale in enumerate(READ_IN) for part in _duties(frame, told[locale], locale, later=n > 0)]
    return _listing(frame, "duties", parts)


def _duties(frame: Frame, seen: DutyView, locale: str, *, later: bool) -> Sequence[Part]:
    def t(name: str, **params: Any) -> str:
        return i18n.text(f"papers.duties.{name}", locale, **params)

    rule = i18n.text(f"web.duties.source.{'looked_up' if seen.looked_up else 'recalled'}", locale, document=seen.source)
    lines: list[tuple[str | Cell, ...]] = []
    proofs: list[tuple[str | Cell, ...]] = []
    for n, one in enumerate(seen.lines, start=1):
        lacks = i18n.text("web.format.list_comma", locale).join((*one.lacks, *((t("stops"),) if one.stops else ())))
        to = Cell(t("proofs_n", n=len(one.proofs)), to=f"{locale}-d{n}") if one.proofs else "-"
        lines.append((str(n), one.title, t(f"standing.{one.standing}"), lacks or "-", to))
        for m, proof in enumerate(one.proofs):
            at = _at(proof.at, locale)
            place = Cell(str(n), at=f"{locale}-d{n}") if m == 0 else str(n)
            proofs.append((place, proof.text, at, proof.by or t("program"), proof.sha256 or proof.ref))
    return (
        Part(
            title=_language(locale),
            facts=(
                (t("application"), frame.number),
                (t("taken_at"), _at(frame.now, locale)),
                (t("gaps"), str(seen.gaps)),
                (t("version"), seen.list_version),
                (t("rule"), rule),
            ),
            lang=locale,
            first=later,
        ),
        Part(
            head=(t("n"), t("duty"), t("stands"), t("lacks"), t("proofs")),
            rows=lines,
            wide=frozenset({1, 3}),
            lang=locale,
        ),
        Part(
            title=t("proofs_title"),
            head=(t("n"), t("proof"), t("at"), t("by"), t("hash")),
            rows=proofs,
            wide=frozenset({1}),
            code=frozenset({4}),
            lang=locale,
        ),
    )


# --- the report -------------------------------------------------------------------------------------------------------


def report_paper(frame: Frame, kept: KeptReport, files: Mapping[str, str]) -> Listing:
    """The version that stands. ``files``: of the things that went along, the file by the id of the thing."""
    parts = [part for n, locale in enumerate(READ_IN) for part in _report(frame, kept, files, locale, later=n > 0)]
    return _listing(frame, "report", parts)


def _report(frame: Frame, kept: KeptReport, files: Mapping[str, str], locale: str, *, later: bool) -> Sequence[Part]:
    def t(name: str, **params: Any) -> str:
        return i18n.text(f"papers.report.{name}", locale, **params)

    def place(source_id: str) -> str:
        return f"{locale}-s-{source_id}"

    numbers = {one["id"]: n for n, one in enumerate(kept.content["sources"], start=1)}
    told = sentences(kept.content, locale, kept.currency)
    words: dict[str, str] = kept.content["words"]
    two = kept.signed
    signed = [
        (
            i18n.text(f"api.part.{part}", locale),
            t("signed", who=who, at=_at(at, locale)) if at else t("unsigned", who=who),
        )
        for part, who, at in (("lead", two.lead, two.lead_at), ("second", two.second, two.second_at))
        if who is not None
    ]
    parts = [
        Part(
            title=_language(locale),
            facts=(
                (t("application"), frame.number),
                (t("version"), str(kept.n)),
                (t("kept"), t("signed", who=kept.by, at=_at(kept.made_at, locale))),
                *signed,
                (t("hash"), kept.sha256),
            ),
            lang=locale,
            first=later,
        )
    ]
    for section in SECTIONS:
        lines = [(text, one["source"]) for one, text in told if one["section"] == section]
        if lines or words.get(section):
            parts.append(
                Part(
                    title=i18n.text(f"web.report.section.{section}", locale),
                    head=(t("said"), t("source")) if lines else (),
                    rows=[(text, Cell(f"[{numbers[where]}]", to=place(where))) for text, where in lines],
                    right=frozenset({1}),
                    wide=frozenset({0}),
                    words=t("words", words=words[section]) if words.get(section) else "",
                    lang=locale,
                )
            )
    sources = [
        (
            Cell(f"[{numbers[one['id']]}]", at=place(one["id"])),
            Cell(_kind(one, locale), file=files.get(one["ref"], "")),
            _at(datetime.fromisoformat(one["at"]), locale) if one["at"] else "-",
            " ".join(part for part in (one["reference"] or one["ref"], one["sha256"]) if part),
        )
        for one in kept.content["sources"]
    ]
    parts.append(
        Part(
            title=t("sources"),
            head=(t("source"), t("kind"), t("at"), t("number")),
            rows=sources,
            wide=frozenset({1}),
            code=frozenset({3}),
            lang=locale,
        )
    )
    return parts


def _kind(source: Mapping[str, Any], locale: str) -> str:
    name = i18n.text(f"web.report.kind.{source['kind']}", locale)
    return f"{name} {source['ref']}" if source["kind"] in ("lines", "register") else name


# --- the index --------------------------------------------------------------------------------------------------------


def index(frame: Frame, files: Mapping[str, bytes]) -> bytes:
    """Every file of the package with what it is and its hash, each a link; the page to open first."""

    def t(name: str, locale: str) -> str:
        return i18n.text(f"papers.package.{name}", locale)

    def kind(name: str) -> str:
        folder, _, file = name.rpartition("/")
        return folder or file.partition(".")[0]

    both_in = " · ".join
    # Paper before data: who opens this page wants to read.
    order = sorted(files, key=lambda name: ("/" in name, kind(name) not in ("duties", "report"), kind(name), name))
    rows = [
        (
            Cell(name, file=name),
            both_in(t(f"file.{kind(name)}", locale) for locale in READ_IN),
            hashlib.sha256(files[name]).hexdigest(),
        )
        for name in order
    ]
    part = Part(
        head=[both_in(t(name, locale) for locale in READ_IN) for name in ("file", "what", "hash")],
        rows=rows,
        code=frozenset({2}),
    )
    listing = _listing(frame, "package", [part], lead=" ".join(t("lead", locale) for locale in READ_IN))
    return page_of(listing, HOUSE)


# --- parts ------------------------------------------------------------------------------------------------------------


def _listing(frame: Frame, name: str, parts: Sequence[Part], lead: str = "") -> Listing:
    return Listing(
        heading=i18n.text(f"papers.{name}.heading", HOUSE),
        number=frame.number,
        parts=parts,
        issuer=frame.issuer,
        dated=frame.on,
        day=i18n.day(frame.on, HOUSE),
        lead=lead,
        notes=[i18n.text(f"papers.{name}.note", locale) for locale in READ_IN],
        footer=f"{i18n.text(f'papers.{name}.heading', HOUSE)} {frame.number}",
    )


def _language(locale: str) -> str:
    return i18n.text("papers.minutes.in_this_language", locale)


def _at(value: datetime | None, locale: str) -> str:
    return i18n.moment(value.astimezone(BEIJING), locale) if value else "-"
