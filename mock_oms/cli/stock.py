"""`mock-oms stock`: the locations of a world, and how much of what is where."""

from typing import TYPE_CHECKING

import click

from mock_oms.cli.options import as_json, examples, with_world
from mock_oms.cli.printing import print_table, show
from mock_oms.text import counted

if TYPE_CHECKING:
    from mock_oms.client.world import World
    from mock_oms.contract.control_bodies import StockPage


@click.command(epilog=examples("stock --world tour", "stock --sku TST-002-L --location WH001 --json"))
@click.option("--sku", help="Only this SKU.")
@click.option("--location", help="Only at this location.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="At most so many rows.")
@click.option("--offset", type=click.IntRange(min=0), default=0, show_default=True, help="Leave out so many first.")
@as_json
@with_world
def stock(world: "World", *, sku: str | None, location: str | None, limit: int, offset: int, as_json: bool) -> None:
    """Show the locations of a world, which of them are blocked, and the stock of every SKU at each."""
    page = world.stock(sku, location, limit=limit, offset=offset)
    show(page, lambda: _print_stock(page), as_json=as_json)


def _print_stock(page: "StockPage") -> None:
    places = [
        (
            one.code,
            one.type,
            "open" if one.active else "blocked",
            str(one.priority),
            "-" if one.max_quota is None else f"{one.quota} of {one.max_quota}",
            one.city,
            one.name,
        )
        for one in page.locations
    ]
    print_table([("location", "type", "state", "priority", "quota", "city", "name"), *places])
    rows = [
        (one.sku, one.location, f"{one.stock_count:,}", f"{one.reservation_count:,}", f"{one.quantity:,}")
        for one in page.stock
    ]
    click.echo()
    if page.count:
        print_table([("sku", "location", "stock", "reserved", "quantity"), *rows])
    else:
        click.echo("there is no SKU in the stock of this world")
    if page.count > len(rows):
        click.echo(f"{len(rows):,} of {page.count:,}; more with --limit and --offset")
    if page.stock_service == "down":
        click.echo("the stock service is down: attempts see nothing of this")
    if page.seeded_plans:
        seeded = counted(page.seeded_plans, "seeded plan")
        click.echo(f"not shown: the private stock of {seeded} (mock-oms why PLAN shows it)")
