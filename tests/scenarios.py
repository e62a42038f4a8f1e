"""Scenario files of a test's own: written, broken and mended."""

from pathlib import Path

BROKEN = "description: Broken.\nplanz: []\n"
#: A section of a scenario.
FAULTS = "faults:\n  - {on: list, effect: {status: 503}}\n"


def text_of(plans: int, *, seed: int = 7, more: str = "") -> str:
    """A scenario with so many plans, at a time that stands still."""
    return (
        f"description: A test with {plans} plans.\nseed: {seed}\n"
        f"clock: {{start: 2024-03-05T09:00:00Z, rate: 0}}\nplans:\n  - {{items: [A], count: {plans}}}\n{more}"
    )


def written(folder: Path, name: str, text: str) -> Path:
    """A file with this text, put in the place of the one before as editors do: all at once."""
    file = folder / f"{name}.yaml"
    beside = folder / f"{name}.new"
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)
    return file
