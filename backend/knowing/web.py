"""Fetches the pages that an operator asks to be learned. Never called for what a visitor says."""

from urllib.parse import urlsplit

import httpx

from backend.knowing.readers import FILE_MOST, Unreadable

REDIRECTS_MOST = 5
_KINDS = {"text/html": ".html", "application/xhtml+xml": ".html", "application/pdf": ".pdf", "text/markdown": ".md"}
_KINDS["application/vnd.openxmlformats-officedocument.wordprocessingml.document"] = ".docx"


def is_url(source: str) -> bool:
    """Whether *source* is an address on the web."""
    return source.lower().startswith(("http://", "https://"))


def fetch(url: str) -> tuple[bytes, str]:
    """The page at *url* and the suffix of its kind. Blocking. Raises `Unreadable`."""
    if not is_url(url) or not urlsplit(url).hostname:
        raise Unreadable("it is no web address")
    limits = httpx.Timeout(20.0, connect=5.0)
    try:
        with (
            httpx.Client(follow_redirects=True, max_redirects=REDIRECTS_MOST, timeout=limits) as client,
            client.stream("GET", url, headers={"User-Agent": "visavis"}) as answer,
        ):
            if answer.status_code != 200:
                raise Unreadable(f"the server answered {answer.status_code}")
            return _body(answer), _kind(answer, url)
    except httpx.TooManyRedirects:
        raise Unreadable("it is redirected again and again") from None
    except httpx.TimeoutException:
        raise Unreadable("the server took too long") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unreadable(f"it cannot be reached ({type(error).__name__})") from None


def _body(answer: httpx.Response) -> bytes:
    data = bytearray()
    for piece in answer.iter_bytes(1 << 16):
        data += piece
        if len(data) > FILE_MOST:
            raise Unreadable(f"it is larger than {FILE_MOST // 1_000_000} MB")
    return bytes(data)


def _kind(answer: httpx.Response, url: str) -> str:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in _KINDS:
        return _KINDS[kind]
    if kind.startswith("text/") or not kind:
        return ".txt"
    suffix = "." + urlsplit(url).path.rpartition(".")[2].lower()
    if suffix in (".md", ".pdf", ".docx", ".html"):
        return suffix
    raise Unreadable(f"it is of a kind that cannot be learned ({kind})")
