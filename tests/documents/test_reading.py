"""The reader of the documents notices what is wrong with a page."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.documents.commands import Serve, Simple, as_serve, as_simple, is_plain_curl, script
from tests.documents.making import remade
from tests.documents.pages import anchors, blocks
from tests.documents.reading import Reader

SCENARIO = "description: x\nplans: [{id: 1, items: [A]}]\nexpect: [{at: 1m, plan: 1, state: start}]\n"


def fenced(language: str, text: str, mark: str = "") -> str:
    return f"{mark}\n```{language}\n{text}\n```\n"


def read_by(folder: Path, page: str) -> None:
    with ExitStack() as servers:
        reader = Reader(folder=folder, servers=servers)
        for block in blocks(page):
            reader.follow(block)
        reader.finish()


def test_a_page_that_is_right_is_read_to_its_end(tmp_path: Path) -> None:
    page = fenced("python", "answer = 42", "<!-- as: life.py -->")
    read_by(tmp_path, page + fenced("console", "$ python -c 'import life; print(life.answer)'\n42"))


@pytest.mark.parametrize(
    "page",
    [
        fenced("console", "$ echo one\ntwo"),
        fenced("sh", "false\ntrue"),
        fenced("python", "raise SystemExit(1)"),
        fenced("python", "def test_one():\n    assert False"),
        fenced("yaml", SCENARIO),
        fenced("yaml", "services: {a: {environment: {MOCK_OMS_COLOUR: red}}}"),
        fenced("yaml", "services: {a: {depends_on: {b: {}}}}"),
        fenced("yaml", "neither: nor"),
        fenced("yaml", "scrape_configs: [{metrics_path: /_mock/metrics}]"),
        fenced("json", "{}", "<!-- as: mine.json -->"),
        fenced("json", '{"used": "nowhere"}'),
        fenced("mermaid", "stateDiagram-v2"),
        fenced("text", "a drawing of my own"),
        fenced("ini", "[a]"),
        fenced("", "no language"),
        fenced("sh", "false", "<!-- not run: no reason -->"),
        fenced("python", "", "<!-- file: examples/tutorial/client.py -->"),
        "```sh\nnever closed\n",
    ],
)
def test_a_page_that_is_wrong_is_noticed(page: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        read_by(tmp_path, page)


def test_a_command_ends_where_its_quotation_or_its_document_ends() -> None:
    commands = ["echo 'a\nb'", "cat > f <<'EOF'\nit's\nEOF", "echo \\\n  c"]
    assert list(script("\n".join(commands))) == commands


@pytest.mark.parametrize(
    ("command", "arguments", "variables"),
    [
        ("make serve", (), {}),
        ('make serve ARGS="--scenario restock" &', ("--scenario", "restock"), {}),
        ("MOCK_OMS_SEED=3 mock-oms serve --port 8080 --log json", ("--log", "json"), {"MOCK_OMS_SEED": "3"}),
    ],
)
def test_a_command_that_serves_is_known(command: str, arguments: tuple[str, ...], variables: dict[str, str]) -> None:
    assert as_serve(command) == Serve(arguments=arguments, variables=variables)


@pytest.mark.parametrize("more", ["| head -1", "-N", "--insecure", "> file"])
def test_a_request_of_which_more_is_asked_is_left_to_curl(more: str) -> None:
    assert is_plain_curl("curl -s http://127.0.0.1:8080/")
    assert not is_plain_curl(f"curl -s http://127.0.0.1:8080/ {more}")


def test_a_command_that_needs_no_shell_is_known() -> None:
    found = as_simple("A=1 mock-oms plans --id 'a b' > plans.json")
    assert found == Simple(
        words=("mock-oms", "plans", "--id", "a b"), variables={"A": "1"}, file="plans.json", says_code=False
    )
    coded = as_simple("python3 -c 'print(1)\n' 2>&1; echo $?")
    assert coded == Simple(words=("python", "-c", "print(1)\n"), variables={}, file=None, says_code=True)
    for other in ("mock-oms plans | head -1", "mock-oms plans --id $ID", "cat mine.yaml", "mock-oms plans && true"):
        assert as_simple(other) is None


def test_a_section_of_an_unknown_name_is_refused() -> None:
    with pytest.raises(KeyError):
        remade("<!-- made by `make docs`: the weather -->\n<!-- made until here -->")


def test_headings_of_the_same_name_are_told_apart() -> None:
    assert anchors("# A `b` c\n## a b c\n") == ["a-b-c", "a-b-c-1"]
