"""What an auditor opens is paper: list and report as pages and as PDFs, each figure with its source (P33)."""

import io
import json
import re
import zipfile
from html import unescape
from typing import Any
from uuid import UUID

import pypdfium2
from pypdf import PdfReader

from tests.api.test_collateral import applicant, change, held_by, offer
from tests.api.test_diligence import large
from tests.api.test_duty_package import packed, table, valued

__all__ = ["applicant", "large"]


def words(data: bytes) -> str:
    """What a reader finds in a PDF, without the line breaks that its width made."""
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages))


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def nothing_overflows(data: bytes) -> None:
    """No ink within a hand's breadth of the sheet's edge, and no page that says nothing."""
    for page in pypdfium2.PdfDocument(data):
        ink = page.render(scale=1, grayscale=True).to_pil().point(lambda grey: 255 if grey < 200 else 0).getbbox()
        assert ink is not None
        assert ink[0] > 50 and ink[2] < page.get_width() - 50, (ink, page.get_size())


async def test_p33_the_report_in_the_package_is_a_page_and_a_pdf_that_say_each_sentence_with_its_source(
    api: Any, large: Any
) -> None:
    _, application_id, review = large
    mei = await api.staff("manager")
    view = {"verdict": "approve", "amount": {"amount": "200000.00"}, "reason": "订单稳，设备是新的"}
    assert (await mei.post(f"/v1/manager/tasks/{review}/own-view", view)).status_code == 200
    added = "车间很忙 <b>𠮷😀</b>"
    said = {"outside": added, "request": "要 26 万，24 个月还"}
    kept = await mei.post(f"/v1/manager/customers/{application_id}/report", {"words": said})
    assert kept.status_code == 200, kept.text
    files = await packed(mei, application_id)
    report = json.loads(files["report.json"])
    page, paper = files["report.html"].decode(), words(files["report.pdf"])
    readable = bare(unescape(re.sub(r"<[^>]+>", "", page)))
    for one in kept.json()["lines"]:
        assert bare(one["text"]) in readable and bare(one["text"]) in paper, one
    for n, source in enumerate(report["sources"], start=1):
        assert f"[{n}]" in paper
        for locale in ("zh_CN", "en"):
            place = f"{locale}-s-{source['id']}"
            assert page.count(f'id="{place}"') == 1, place
            led = [line for line in report["lines"] if line["source"] == source["id"]]
            assert page.count(f'href="#{place}"') == len(led) > 0, "each sentence leads to its own source"
        for mark in (source["reference"], source["sha256"]):
            assert mark is None or (mark in page and bare(mark) in paper)
    assert kept.json()["sha256"] in page and kept.json()["sha256"] in paper
    assert "<b>" not in page and "&lt;b&gt;" in page, "what somebody typed is never markup"
    assert "车间很忙" in paper and "[U+1F600]" in paper, "a character without glyph is named and not lost"
    assert readable.index("要什么") < readable.index("Whatisasked"), "Chinese first, English whole"
    for text in ("What the file says", "Kept", "Sources"):
        assert bare(text) in paper
    assert re.search(r"[\u4e00-\u9fff]", paper) and "\ufffd" not in paper
    nothing_overflows(files["report.pdf"])
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page) and "<script" not in page, "nothing is loaded"


async def test_p33_a_secured_cases_paper_tells_its_pieces_and_leads_to_the_files_that_went_along(
    api: Any, applicant: Any, pages: Any
) -> None:
    owner, application_id = applicant
    manager = await api.staff("manager")
    piece = UUID((await offer(owner, application_id)).json()["object_id"])
    await change(api, piece, state="valuing", desktop_minor=400_000_000, due_at=None)
    await held_by(api, piece, manager)
    await valued(api, manager, piece)
    kept = await manager.post(f"/v1/manager/customers/{application_id}/report", {"words": {}})
    assert kept.status_code == 200, kept.text
    files = await packed(manager, application_id)
    (came,) = [name for name in files if name.startswith("valuations/")]
    page, paper = files["report.html"].decode(), words(files["report.pdf"])
    assert page.count(f'href="{came}"') == 2, "once in each language"
    for said in ("一号厂房", "中企华资产评估", "¥3,900,000.00"):
        assert said in paper and said in page
    nothing_overflows(files["report.pdf"])


async def test_p33_the_list_in_the_package_is_a_page_and_a_pdf_with_every_line_proof_and_gap(
    api: Any, large: Any
) -> None:
    _, application_id, _ = large
    mei = await api.staff("manager")
    files = await packed(mei, application_id)
    duties = json.loads(files["duties.json"])
    page, paper = bare(unescape(re.sub(r"<[^>]+>", "", files["duties.html"].decode()))), words(files["duties.pdf"])
    for line in duties["duties"]:
        told = [line["title"], *line["lacks"]]
        told += [part for one in line["proofs"] for part in (one["text"], one["sha256"] or one["ref"])]
        for text in told:
            assert bare(text) in page and bare(text) in paper, text
    assert duties["gaps"] and str(len(duties["gaps"])) in page
    assert duties["list_source"]["document"] in page and duties["list_version"] in page
    assert "report.pdf" not in files, "of a report that nobody kept there is no paper"
    nothing_overflows(files["duties.pdf"])


async def test_p33_the_index_lists_every_file_of_the_package_with_its_hash_and_the_manifest_has_the_papers(
    api: Any, large: Any
) -> None:
    _, application_id, _ = large
    mei = await api.staff("manager")
    assert (await mei.post(f"/v1/manager/customers/{application_id}/report", {"words": {}})).status_code == 200
    files = await packed(mei, application_id)
    listed = {line.split("  ")[1]: line.split("  ")[0] for line in files["MANIFEST.sha256"].decode().splitlines()}
    assert {f"{name}.{kind}" for name in ("duties", "report") for kind in ("html", "pdf", "json")} <= set(listed)
    index = files["index.html"].decode()
    for name in set(files) - {"index.html", "MANIFEST.sha256"}:
        assert f'href="{name}"' in index and listed[name] in index, name
    assert "index.html" in listed
    again = await packed(mei, application_id)
    assert table(again["looks.csv"]), "that it was taken is a look of its own"
    assert again["report.pdf"] == files["report.pdf"], "the same version is the same paper"


async def test_p33_the_paper_is_first_in_chinese_for_who_reads_english_too(api: Any, large: Any) -> None:
    _, application_id, _ = large
    mei = await api.staff("manager")
    where = f"/v1/manager/customers/{application_id}/duties/package"
    english = await mei.client.get(where, headers={"Accept-Language": "en"})
    assert english.status_code == 200
    with zipfile.ZipFile(io.BytesIO(english.content)) as package:
        paper = words(package.read("duties.pdf"))
    assert paper.startswith("尽职清单") and paper.index("身份核验齐全") < paper.index(
        bare("Identity proven by every check")
    )
