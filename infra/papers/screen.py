"""The same list as a page for a screen or a printer: one file that needs nothing beside it and loads nothing."""

from html import escape

from infra import i18n
from infra.papers.listing import Cell, Listing, Part

# No colour carries a meaning; a table's head is repeated on each sheet, and a row is not torn in two.
STYLE = """
:root{--ink:#1b2a33;--muted:#5b6b74;--paper:#fbfaf7;--surface:#fff;--line:#e3e0d8;--accent:#0b6e6e}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 system-ui,-apple-system,
"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;font-variant-numeric:tabular-nums}
main{max-width:60rem;margin:0 auto;padding:32px 24px 64px;background:var(--surface)}
h1{font-size:1.7rem;margin:0;text-align:center}h2{font-size:1.05rem;color:var(--accent);margin:28px 0 8px}
.number,footer{color:var(--muted);text-align:center}.notes,.issued{margin-top:32px}.issued{text-align:right;font-weight:600}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:0 0 16px}dt{color:var(--muted)}
dd{margin:0;overflow-wrap:anywhere}table{width:100%;border-collapse:collapse;margin:0 0 16px}
th,td{text-align:left;vertical-align:top;padding:6px 8px;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
th{color:var(--muted);font-weight:400;background:var(--paper);white-space:nowrap}.right{text-align:right}
.code{font:.82em/1.5 ui-monospace,Consolas,monospace;word-break:break-all}a{color:var(--accent)}
:target{outline:2px solid var(--accent);outline-offset:2px}blockquote{margin:0 0 16px;padding:0 0 0 12px;
border-left:3px solid var(--line)}
@media(max-width:40rem){main{padding:20px 12px}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:8px}
table,tbody,tr,td{display:block}thead{position:absolute;clip-path:inset(50%)}tr{padding:6px 0;border-bottom:1px solid
var(--line)}td{border:0;padding:1px 0}.right{text-align:left}}
@media print{@page{size:A4;margin:20mm}body{background:#fff;font-size:10pt}main{max-width:none;padding:0}
thead{display:table-header-group}tr{break-inside:avoid}h2{break-after:avoid}.first{break-before:page}}
"""


def page_of(listing: Listing, locale: str) -> bytes:
    """The list as HTML: the words and figures of :func:`infra.papers.listing.print_listing`, each reference a link."""
    number = i18n.text("papers.listing.number", locale)
    lang = _lang(locale)
    parts = "".join(_part(part) for part in listing.parts)
    notes = "".join(f"<p>{escape(note)}</p>" for note in listing.notes)
    lead = f"<p>{escape(listing.lead)}</p>" if listing.lead else ""
    said = (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(listing.heading)} {escape(listing.number)}</title><style>{STYLE}</style></head><body><main>"
        f'<h1>{escape(listing.heading)}</h1><p class="number">{escape(number)} {escape(listing.number)}</p>{lead}'
        f'{parts}<div class="notes">{notes}</div>'
        f'<p class="issued">{escape(listing.issuer)}<br>{escape(listing.day)}</p>'
        f"<footer>{escape(listing.footer)}</footer></main></body></html>\n"
    )
    return said.encode()


def _lang(locale: str) -> str:
    return "zh-CN" if locale == "zh_CN" else locale


def _part(part: Part) -> str:
    lang = f' lang="{_lang(part.lang)}"' if part.lang else ""
    first = ' class="first"' if part.first else ""
    title = f"<h2>{escape(part.title)}</h2>" if part.title else ""
    facts = "".join(f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>" for label, value in part.facts)
    head = "".join(f'<th scope="col"{_class(part, n)}>{escape(name)}</th>' for n, name in enumerate(part.head))
    rows = "".join(
        f"<tr>{''.join(f'<td{_class(part, n)}>{_cell(cell)}</td>' for n, cell in enumerate(row))}</tr>"
        for row in part.rows
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>" if part.head else ""
    words = f"<blockquote>{escape(part.words)}</blockquote>" if part.words else ""
    return f"<section{lang}{first}>{title}{f'<dl>{facts}</dl>' if facts else ''}{table}{words}</section>"


def _class(part: Part, n: int) -> str:
    names = [name for name, columns in (("right", part.right), ("code", part.code)) if n in columns]
    return f' class="{" ".join(names)}"' if names else ""


def _cell(cell: str | Cell) -> str:
    if isinstance(cell, str):
        return escape(cell)
    at = f' id="{escape(cell.at)}"' if cell.at else ""
    to = f"#{cell.to}" if cell.to else cell.file
    if to:
        return f'<a{at} href="{escape(to)}">{escape(cell.text)}</a>'
    return f"<span{at}>{escape(cell.text)}</span>" if at else escape(cell.text)
