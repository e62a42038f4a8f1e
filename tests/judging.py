"""A judge for tests of what surrounds the checks: one check that looks at states, and one that has seen nothing."""

import sys
from types import ModuleType

from mock_oms.conformance.crawl import Crawl, Question, content_of, read_page
from mock_oms.conformance.crawler.requests import plan_rows
from mock_oms.conformance.finding import Finding, Result, Severity
from mock_oms.switches import Switches

NAME = "mock_oms.conformance.checks"
_KNOWN = {"start", "pending", "cancelled", "completed"}


def judged(survey: Crawl, _: Switches, *, show_values: bool = False) -> tuple[Result, ...]:  # noqa: ARG001
    """What the two come to."""
    rows = [
        (row, exchange)
        for exchange in survey.of(Question.WALK)
        if (page := read_page(content_of(exchange)))
        for row in plan_rows(page)
    ]
    findings = tuple(
        Finding(
            check="state-is-known",
            severity=Severity.BREAKING,
            message=f"The state of plan {row.id} is {row.state!r}.",
            request=str(exchange),
            place="results[].state",
        )
        for row, exchange in rows
        if row.state not in _KNOWN
    )
    return (
        Result(check="state-is-known", claim="A state is one of four.", findings=findings, looked=len(rows)),
        Result(check="ended-stays", claim="What has ended stays so.", unseen="no ended plan met: it did not run"),
    )


def module() -> ModuleType:
    """The judge as a module."""
    made = ModuleType(NAME)
    made.__dict__["judged"] = judged
    return made


def main() -> None:
    """The command `mock-oms`, with this judge."""
    sys.modules[NAME] = module()
    from mock_oms.cli.main import main as command  # noqa: PLC0415  it finds the judge when it runs

    command(prog_name="mock-oms")


if __name__ == "__main__":
    main()
