"""Numbers that look like the vendor's: order numbers, Omnitron's ids and barcodes."""

#: An order number ends in twelve digits, a permutation of the ids below 10**12: the factor shares no divisor with it.
_NUMBERS = 10**12
_FACTOR = 370_248_451_907

#: GS1 leaves numbers that begin with 29 to shops for their own use: they are no company's.
_BARCODE_PREFIX = "29"


def order_number(seed: int, order: int) -> str:
    """Thirteen digits; two orders of a world whose ids are below 10**12 never share one."""
    return f"1{(order * _FACTOR + seed) % _NUMBERS:012d}"


def omnitron_id(own: int) -> int:
    """The id that Omnitron, the vendor's catalogue, has for something: one to one, and different from its id here."""
    return 2 * own + 1


def barcode(number: int) -> str:
    """An EAN-13 with a correct check digit, from the last ten digits of a number."""
    digits = f"{_BARCODE_PREFIX}{number % 10**10:010d}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"
