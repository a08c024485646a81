import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from backend.knowing.chunks import chunks
from backend.knowing.ingest import learn, read_url
from backend.knowing.readers import FILE_MOST, Unreadable, to_markdown
from tests.fakes.host import Fake

PAGE = b"""<!doctype html><html><head><title>House rules</title><style>p{}</style></head><body>
<nav><a href="/">Home</a><p>Menu text</p></nav>
<main><h1>House rules</h1><p>Be <b>kind</b> , always.</p>
<h2>Kitchen</h2><ul><li>Wash up.<ul><li>Also the pans.</li></ul></li><li><p>Close the fridge.</p></li></ul>
<table><tr><th>Day</th><th>Who</th></tr><tr><td>Monday</td><td><p>Anna</p></td></tr></table>
<pre>make  tea</pre><script>alert("no")</script></main><footer><p>Imprint</p></footer></body></html>"""


def pdf(text: str, title: str = "") -> bytes:
    """A PDF of one page, written by hand."""
    stream = b"BT /F1 12 Tf 72 720 Td " + b" T* ".join(
        b"(" + line.encode("latin-1") + b") Tj" for line in text.split("\n")
    )
    stream = stream.replace(b"72 720 Td", b"72 720 Td 14 TL") + b" ET"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
        b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Title (%s) >>" % title.encode(),
    ]
    data, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    tail = b"trailer << /Size %d /Root 1 0 R /Info 5 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(parts) + 1, len(data))
    return data + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(parts) + 1, table) + tail


def word() -> bytes:
    document = docx.Document()
    document.add_heading("Travel", 0)
    document.add_heading("Trains", 1)
    document.add_paragraph("Book second class.")
    document.add_paragraph("Keep the ticket.", style="List Bullet")
    table = document.add_table(2, 2)
    for row, cells in zip(table.rows, (("City", "Limit"), ("Rome", "140")), strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def test_html_keeps_headings_lists_and_tables() -> None:
    text = to_markdown(PAGE, ".html")
    assert text.split("\n\n") == [
        "# House rules",
        "Be kind, always.",
        "## Kitchen",
        "- Wash up.",
        "- Also the pans.",
        "- Close the fridge.",
        "| Day | Who |",
        "| Monday | Anna |",
        "```\nmake  tea\n```",
    ]
    assert [chunk.heading for chunk in chunks(text)] == ["House rules", "House rules > Kitchen"]


def test_html_without_any_structure() -> None:
    assert to_markdown(b"<html><title>T</title><body>just <b>words</b></body>", ".html") == "# T\n\njust\nwords"
    assert to_markdown(b"<div>" * 50_000 + b"deep", ".html") == "deep"


def test_pdf() -> None:
    text = to_markdown(pdf("The valve is red.\nTurn it to the right and\nwait a min-\nute.", "Boiler"), ".pdf")
    assert text.startswith("# Boiler\n\n")
    assert "The valve is red.\nTurn it to the right and wait a minute." in text


def test_docx() -> None:
    text = to_markdown(word(), ".docx")
    assert text.split("\n\n") == [
        "# Travel",
        "# Trains",
        "Book second class.",
        "- Keep the ticket.",
        "| City | Limit |\n|---|---|\n| Rome | 140 |",
    ]


@pytest.mark.parametrize(
    ("data", "suffix", "why"),
    [
        (b"%PDF-1.4 nonsense", ".pdf", "damaged"),
        (b"PK not a zip", ".docx", "damaged"),
        (b"\0\1\2", ".txt", "not a text file"),
        (b"  \n", ".md", "no text"),
        (b"x" * (FILE_MOST + 1), ".md", "larger than"),
        (b"", ".html", "no text"),
    ],
)
def test_what_cannot_be_read_is_said(data: bytes, suffix: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        to_markdown(data, suffix)


def test_a_bomb_is_not_unpacked() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", b"0" * 210_000_000)
    assert len(file.getvalue()) < 1_000_000
    with pytest.raises(Unreadable, match="unpacks"):
        to_markdown(file.getvalue(), ".docx")


@given(st.binary(max_size=600), st.sampled_from([".html", ".pdf", ".docx", ".md", ".xyz"]))
def test_any_bytes_end_well(data: bytes, suffix: str) -> None:
    try:
        to_markdown(data, suffix)
    except Unreadable as error:
        assert str(error)


class Site(Fake):
    """A little web site."""

    body = PAGE

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/page", self._page),
            web.get("/moved", self._moved),
            web.get("/circle", self._circle),
            web.get("/big", self._big),
            web.get("/picture", self._picture),
        ]

    async def _page(self, _: web.Request) -> web.Response:
        return web.Response(body=self.body, content_type="text/html")

    async def _moved(self, _: web.Request) -> web.Response:
        raise web.HTTPFound("/page")

    async def _circle(self, _: web.Request) -> web.Response:
        raise web.HTTPFound("/circle")

    async def _big(self, _: web.Request) -> web.Response:
        return web.Response(body=b"x" * (FILE_MOST + 1), content_type="text/plain")

    async def _picture(self, _: web.Request) -> web.Response:
        return web.Response(body=b"x", content_type="image/png")


@pytest.fixture
def site() -> Iterator[Site]:
    with Site().in_thread() as site:
        yield site


def test_pages_of_the_web(site: Site, tmp_path: Path) -> None:
    assert read_url(f"{site.url}/moved").title == "House rules"
    store = tmp_path / "s.sqlite"
    sources = [f"{site.url}/{name}" for name in ("page", "gone", "circle", "big", "picture")]
    report = learn(store, [*sources, "http://127.0.0.1:9/x", "http://"])
    assert report.learned == sources[:1]
    reasons = " | ".join(why for _, why in report.refused)
    for why in ("answered 404", "redirected", "larger than", "image/png", "cannot be reached", "no web address"):
        assert why in reasons
    assert learn(store, sources[:1]).unchanged == sources[:1]
    site.body = PAGE.replace(b"kind", b"gentle")
    assert learn(store, sources[:1]).learned == sources[:1]
