"""What the documents take from the code stands between two comments: `make docs` writes it, a test compares it."""

import re
from collections.abc import Callable, Mapping

from mock_oms.conformance.checks import ALL
from tests.documents.allowed import allowed
from tests.documents.life import picture
from tests.documents.pages import pages
from tests.documents.references import control_routes, provenance, scenario_keys
from tests.documents.tables import commands, settings, switches, words


def checks() -> str:
    rows = [f"| `{one.name}` | {one.claim} | {one.severity} | {one.provenance} |" for one in ALL]
    return "\n".join(["| check | claim | if not, usually | how sure it is |", "|---|---|---|---|", *rows])


#: Each section by the name in its comments.
SECTIONS: Mapping[str, Callable[[], str]] = {
    "the life of a plan": picture,
    "the commands": commands,
    "the settings": settings,
    "the switches": switches,
    "the words of a timeline": words,
    "the keys of a scenario": scenario_keys,
    "the routes of the control API": control_routes,
    "the marks of the contract": provenance,
    "what a recording may hold": allowed,
    "the checks of the contract": checks,
}
_SECTION = re.compile(r"(?ms)^<!-- made by `make docs`: (.+?) -->\n(.*?)^<!-- made until here -->$")


def sections_in(text: str) -> list[str]:
    return [found[1] for found in _SECTION.finditer(text)]


def remade(text: str) -> str:
    def made(found: re.Match[str]) -> str:
        begin = found[0].partition("\n")[0]
        return f"{begin}\n\n{SECTIONS[found[1]]()}\n\n<!-- made until here -->"

    return _SECTION.sub(made, text)


if __name__ == "__main__":
    for page in pages():
        page.write_text(remade(page.read_text(encoding="utf-8")), encoding="utf-8")
