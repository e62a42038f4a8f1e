"""docs/clients.md says what the clients raise."""

from pathlib import Path

import pytest

from tests.system.clients import EFFECTS, document, met
from tests.system.wired import wired

PAGE = Path(__file__).resolve().parents[2] / "docs" / "clients.md"


@pytest.mark.slow
def test_the_page_says_what_the_clients_raise() -> None:
    # On a machine that is busy for 0.4 s a client meets its timeout sooner; it is not busy three times in a row.
    said = PAGE.read_text(encoding="utf-8")
    with wired() as server:
        assert said in (document(server) for _ in range(3))


@pytest.mark.smoke
def test_a_row_of_each_kind_says_what_they_raise_where_nothing_is_slow() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    with wired() as server:
        wrong = [
            name
            for name in ("status: 503", "connection: reset", "connection: truncate", "body: html", "shape: bare-array")
            if [f"| {' | '.join(met(server, EFFECTS[name]))} |"]
            != [f"|{row.partition(' |')[2]}" for row in rows if f"`{name}`" in row]
        ]
    assert wrong == []
