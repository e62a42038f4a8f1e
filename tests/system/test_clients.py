from pathlib import Path

from tests.system.clients import document
from tests.system.wired import wired

PAGE = Path(__file__).resolve().parents[2] / "docs" / "clients.md"


def test_the_page_says_what_the_clients_raise() -> None:
    # On a machine that is busy for 0.4 s a client meets its timeout sooner; it is not busy three times in a row.
    said = PAGE.read_text(encoding="utf-8")
    with wired() as server:
        assert said in (document(server) for _ in range(3))
