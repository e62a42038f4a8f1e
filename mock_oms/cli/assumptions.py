"""`mock-oms assumptions`: everything that we say of the vendor's API, and how sure it is."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mock_oms.cli.openapi import observation
from mock_oms.cli.options import as_json, print_json, print_table, setting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mock_oms.contract.ledger import Entry


@click.command(
    epilog="\b\nExamples:\n  mock-oms assumptions --open\n  mock-oms assumptions --switches\n"
    "  mock-oms assumptions --open --observed oms-observed.yaml --json"
)
@click.option("--open", "only_open", is_flag=True, help="Only what is inferred or assumed, and was not observed.")
@click.option("--switches", "only_switches", is_flag=True, help="Only the switches.")
@setting("observed")
@as_json
def assumptions(*, only_open: bool, only_switches: bool, observed: Path | None, as_json: bool) -> None:
    """List every field, rule, header and switch with its mark, its source and its date."""
    from mock_oms.contract.ledger import Kind, ledger
    from mock_oms.contract.observation import last_checked
    from mock_oms.worlds.open_world import wall_clock

    found = observation(observed)
    every = ledger(found.switches, found.sightings) if found else ledger()
    shown = [one for one in every if not only_switches or one.kind is Kind.SWITCH]
    shown = [one for one in shown if one.is_open or not only_open]
    checked = last_checked(found, wall_clock())
    values = {f"switch.{name}": value for name, value in found.answers.items()} if found else {}
    if as_json:
        print_json({"contract": checked, "entries": [_document(one, values) for one in shown]})
    else:
        _print(shown, values)
        click.echo(f"{len(shown)} of {len(every)}; {checked}")


def _document(entry: "Entry", values: dict[str, Any]) -> dict[str, Any]:
    sighting = entry.sighting
    return {
        "id": entry.id,
        "kind": entry.kind.value,
        "path": entry.path,
        "mark": entry.mark,
        "source": entry.source,
        "date": entry.since.isoformat(),
        "open": entry.is_open,
        "observed": None if sighting is None else {"seen": sighting.seen, "unfit": sighting.unfit},
        **({"value": values[entry.id]} if entry.id in values else {}),
    }


def _print(entries: "Iterable[Entry]", values: dict[str, Any]) -> None:
    """A table for each kind, with a line between."""
    from itertools import groupby

    for kind, group in groupby(entries, key=lambda one: one.kind):
        print_table([(kind.value, "mark", "date", "source"), *(_row(one, values) for one in group)])
        click.echo()


def _row(entry: "Entry", values: dict[str, Any]) -> tuple[str, ...]:
    path = f"{entry.path}: {values[entry.id]}" if entry.id in values else entry.path
    return path, entry.told, entry.since.isoformat(), entry.source
