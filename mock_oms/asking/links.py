"""Where a link to the next page leads: nobody but the target is asked, and nothing but its list."""

from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from mock_oms.asking.session import LIST
from mock_oms.asking.target import Target

#: Characters of a link that are followed at most, and shown.
_LONGEST, _SHOWN = 4_096, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The path with its query to ask next; or an `objection`, why it is not asked. `remark` is what is odd about it."""

    path: str = ""
    objection: str = ""
    remark: str = ""


def followed(link: str, target: Target) -> Link:
    """What becomes of a link in an answer of the target."""
    try:
        whole = urljoin(target.origin + LIST, link)
        parts = urlsplit(whole)
    except ValueError:
        return _objection("is no address", link)
    if not target.shows(whole):
        return _objection("leads to another host, which is not asked", link)
    if parts.path != LIST:
        return _objection("leads to something else than the list, which is not asked", link)
    if len(link) > _LONGEST or not (link.isascii() and link.isprintable()) or " " in link:
        return _objection("has more in it than an address can hold", link)
    here = urlsplit(target.url).scheme
    odd = f"Links to the next page begin with {parts.scheme}://; they were followed with {here}://."
    query = f"?{parts.query}" if parts.query else ""
    return Link(path=parts.path + query, remark="" if parts.scheme == here else odd)


def _objection(what: str, link: str) -> Link:
    shown = link if len(link) <= _SHOWN else f"{link[:_SHOWN]}…"
    return Link(objection=f"the link to the next page {what} ({shown!r}).")
