"""Ids that other systems give, made from ours: one to one, and so that no client takes the one for the other."""

#: The largest prime below 2**31, so that what is below it stays an integer of 32 bits, and one of about a million.
_LARGE, _SMALL = 2**31 - 1, 999_983

#: A multiple of neither prime.
_FACTOR = 630_360_016


def _scattered(own: int, prime: int) -> int:
    """Another number for each from 1 on: one to one, and below the prime where the own one is below it.

    Multiplying by what a prime does not divide permutes the numbers below it. What is larger stays in its block, as
    long as the prime, and a multiple of the prime stays what it is.
    """
    block, place = divmod(own, prime)
    return block * prime + place * _FACTOR % prime


def omnitron_id(own: int) -> int:
    """The id that Omnitron, the vendor's catalogue, has for an order, an item, a product or a location."""
    return _scattered(own, _LARGE)


def customer_id(number: int) -> int:
    """The id of a customer, from the id of her first order."""
    return _scattered(number, _SMALL)


#: Above the number of any city that a table has.
NO_CITY = 127


def saved_address(owner: int, city: int, *, other: bool = False) -> int:
    """The number of the address, or of the other one, that a customer has in a city with this number.

    A customer is known by her first order. In a city that no table has (`NO_CITY`) the owner is the order itself: no two
    share an address there.
    """
    return (owner * 2 + other) * (NO_CITY + 1) + city


#: The factor shares no divisor with the modulus, so that the last twelve digits are a permutation of ids below it.
_ORDERS, _ORDER_FACTOR = 10**12, 370_248_451_907


def order_number(own: int, seed: int) -> str:
    """The number of an order that its customer knows: thirteen digits, different for ids below 10**12."""
    return f"1{(own * _ORDER_FACTOR + seed) % _ORDERS:012d}"


def order_of_number(number: str, seed: int) -> int | None:
    """The id below 10**12 of the order that has this number, or None where none has: the other way round."""
    if not (len(number) == 13 and number.startswith("1") and number.isdecimal() and number.isascii()):  # noqa: PLR2004
        return None
    return (int(number[1:]) - seed) * pow(_ORDER_FACTOR, -1, _ORDERS) % _ORDERS
