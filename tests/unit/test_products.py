"""What made-up goods promise: sizes, seasons, dates, prices, tax and ids as a shop in Türkiye or the USA has them."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_oms.domain.order import Product
from mock_oms.rendering.fake_data.locales import LETTER_SIZES, LOCALES, locale_named
from mock_oms.rendering.fake_data.products import REMEMBERED_PRODUCTS, Catalogue, included_tax
from tests.profiles import examples

START = datetime(2024, 3, 5, 9, tzinfo=UTC)

#: Sizes of shoes, clothes, beds, and none, in each locale.
ENDS = {"tr_TR": ("-38", "-M", "-200X220", ""), "en_US": ("-9", "-M", "-QUEEN", "")}

each_locale = pytest.mark.parametrize("locale", LOCALES)


@cache
def catalogue(locale: str, seed: int = 7, start: datetime = START) -> Catalogue:
    return Catalogue(seed, locale_named(locale), start)


@cache
def goods(locale: str, prefix: str = "ABC") -> list[Product]:
    """Two hundred styles in four groups of sizes."""
    return [catalogue(locale).product(f"{prefix}-{style}{end}") for style in range(1000, 1200) for end in ENDS[locale]]


def attributes(product: Product) -> list[str]:
    """Its colour, size and material."""
    return [value for _, value in product.attributes]


@examples(60)
@given(seed=st.integers(0, 2**32), locale=st.sampled_from(LOCALES), sku=st.text(max_size=20))
def test_one_sku_is_one_product_whichever_others_there_are(seed: int, locale: str, sku: str) -> None:
    used, fresh = (Catalogue(seed, locale_named(locale), START) for _ in range(2))
    others = [used.product(f"X{sku}-{end}") for end in ("38", "M", "X-", "M-38")]
    assert [one.base_code for one in others] == [f"X{sku}", f"X{sku}", f"X{sku}-X-", f"X{sku}-M"]
    assert used.product(sku) == fresh.product(sku)


@each_locale
def test_a_style_number_is_one_product_in_several_sizes(locale: str) -> None:
    for sizes in (("38", "40", "41"), LETTER_SIZES, ENDS[locale][2][1:].split()):
        for style in ("24K-71004", "24Y-40117", "SS23-1", "TST-001"):
            variants = [catalogue(locale).product(f"{style}-{size}") for size in sizes]
            shared = {(one.base_code, one.name, one.price, one.retail_price, one.created) for one in variants}
            assert len(shared) == 1
            assert variants[0].base_code == style
            assert len({(attributes(one)[0], attributes(one)[2]) for one in variants}) == 1
            assert [attributes(one)[1] for one in variants] == list(sizes)
            assert len({one.id for one in variants}) == len(sizes)
            (kind,) = [one for one in locale_named(locale).kinds if variants[0].name.endswith(f" {one.noun}")]
            assert set(sizes) <= set(kind.sizes)


@each_locale
def test_the_last_part_of_a_sku_is_its_size_if_it_is_a_known_one(locale: str) -> None:
    only = locale_named(locale).only_size
    expected = {
        "TST-001-M": ("TST-001", "M"),
        "TST-001-xxl": ("TST-001", "XXL"),
        "SHOE-42": ("SHOE", "42"),
        "24K-71004-46": ("24K-71004", "46"),
        f"X-1-{only}": ("X-1", only),
        **{
            one: (one, only)
            for one in ("TST-001", "TST-47", "TST-33", "TST-038", "24Y-61010", "M", "-M", "", "-", "Ş 3")
        },
    }
    found = {sku: catalogue(locale).product(sku) for sku in expected}
    assert {sku: (one.base_code, attributes(one)[1]) for sku, one in found.items()} == expected


@each_locale
def test_every_size_is_sold_in_every_season(locale: str) -> None:
    kinds = locale_named(locale).kinds
    for size in {size for kind in kinds for size in kind.sizes}:
        for season in ("summer", "winter"):
            assert [one for one in kinds if size in one.sizes and one.materials_in(season)]


#: What nobody wears, or sells, in a summer and in a winter.
UNFIT = {
    "summer": r"Yün|Merinos|Kaşmir|Kadife|Flanel|Tüvit|Polar|\bBot\b|Mont|Kaban|Kazak|Atkı"
    r"|Wool|Merino|Cashmere|Velvet|Corduroy|Flannel|Tweed|Fleece|Boots|Coat|Parka|Sweater",
    "winter": r"Keten|Hasır|Müslin|Sandalet|Espadril|Şort|Plaj|Linen|Straw|Muslin|Sandals|Espadrilles|Shorts|Beach",
}


@each_locale
@pytest.mark.parametrize(
    ("season", "prefixes"),
    [("summer", ("24Y", "23S", "SS24", "24ss")), ("winter", ("23K", "24k", "23W", "FW23", "aw23"))],
)
def test_goods_fit_the_season_of_their_collection(locale: str, season: str, prefixes: tuple[str, ...]) -> None:
    names = [product.name for prefix in prefixes for product in goods(locale, prefix)]
    assert not [name for name in names if re.search(UNFIT[season], name)]
    everything = " ".join(product.name for product in goods(locale))
    assert all(re.search(unfit, everything) for unfit in UNFIT.values())


#: When the goods of a collection are made, at the earliest and at the latest, for a world that begins on 5 March 2024.
MADE = {
    "24Y": ("2023-10-01", "2024-02-15"),
    "SS24": ("2023-10-01", "2024-02-15"),
    "23Y": ("2022-10-01", "2023-02-15"),
    "23K": ("2023-04-01", "2023-08-18"),
    "24K": ("2023-04-01", "2023-08-18"),  # the winter that ends in 2024, for the other one is still to come
    "22K": ("2022-04-01", "2022-08-18"),
    "25K": ("2023-10-06", "2024-02-20"),  # a winter to come: just before the world began
    "99Y": ("1998-10-01", "1999-02-15"),
    "ABC": ("2022-02-03", "2023-01-30"),
    "24YX": ("2022-02-03", "2023-01-30"),
}


def test_products_are_made_in_the_months_before_their_season_and_before_the_world_begins() -> None:
    made = {prefix: sorted(one.created.date().isoformat() for one in goods("tr_TR", prefix)) for prefix in MADE}
    assert {
        prefix: days for prefix, days in made.items() if not MADE[prefix][0] <= days[0] <= days[-1] <= MADE[prefix][1]
    } == {}
    assert all(one.created <= one.modified < START for prefix in MADE for one in goods("tr_TR", prefix))


@examples(60)
@given(
    start=st.datetimes(datetime(1970, 1, 1), datetime(2999, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    sku=st.from_regex(r"[0-9]{2}(Y|K|SS|FW)-1-M|(SS|FW)[0-9]{2}|[A-Z]{3}", fullmatch=True),
)
def test_no_product_is_younger_than_its_world(start: datetime, sku: str) -> None:
    product = Catalogue(7, locale_named("tr_TR"), start).product(sku)
    assert product.created <= product.modified <= start
    assert start - product.created < timedelta(days=51 * 366)


@each_locale
def test_prices_end_as_a_shop_writes_them_and_never_lie_above_the_list_price(locale: str) -> None:
    ends = {"tr_TR": r"\d*9\.90", "en_US": r"\d+\.99"}[locale]
    for product in goods(locale):
        assert product.retail_price >= product.price > 0
        for price in (product.price, product.retail_price):
            assert re.fullmatch(ends, str(price))
            step = locale_named(locale).price_step
            assert price < 10 * step or (price + locale_named(locale).price_end) % step == 0
    assert 0.4 < sum(one.price == one.retail_price for one in goods(locale)) / len(goods(locale)) < 0.8


@each_locale
def test_a_discount_is_a_usual_share_of_the_price_and_rare(locale: str) -> None:
    lines = [catalogue(locale).line(item, f"TST-{item}-M", START) for item in range(300)]
    shares = [round(100 * line.discount_amount / line.product.price) for line in lines]
    assert set(shares) == {0, 5, 10, 25}
    assert shares.count(0) > len(shares) / 2


@each_locale
def test_colours_fit_the_material_and_words_are_spelled_in_the_letters_of_the_language(locale: str) -> None:
    words = locale_named(locale)
    materials = {one for kind in words.kinds for one in kind.materials_in(None)}
    assert set(words.colors) - {"any"} <= materials
    letters = {"tr_TR": "a-zA-ZçğıöşüÇĞİÖŞÜ", "en_US": "a-zA-Z-"}[locale]
    for product in goods(locale):
        color, _, material = attributes(product)
        assert color in words.colors.get(material, words.colors["any"])
        assert product.name.startswith(f"{color} {material} ")
        assert re.fullmatch(rf"[{letters} ]+", product.name)


def test_tax_has_the_rate_at_which_the_order_was_placed() -> None:
    mug = next(one.sku for one in goods("tr_TR") if one.tax_class == "general")
    before, after = "2023-07-09T20:59:59Z", "2023-07-09T21:00:00Z"  # midnight in Türkiye
    expected = {
        **{("tr_TR", sku, before): 8 for sku in ("TST-001-M", "SHOE-42", "BED-160X220")},
        **{("tr_TR", sku, after): 10 for sku in ("TST-001-M", "SHOE-42", "BED-160X220")},
        ("tr_TR", "TST-001-M", "1970-01-01T00:00:00Z"): 8,
        ("tr_TR", "TST-001-M", "2999-01-01T00:00:00Z"): 10,
        ("tr_TR", mug, before): 18,
        ("tr_TR", mug, after): 20,
        **{("en_US", sku, placed): 8 for sku in ("TST-001-M", "TST-001") for placed in (before, after)},
    }
    lines = {
        (locale, sku, placed): [catalogue(locale).line(item, sku, datetime.fromisoformat(placed)) for item in range(30)]
        for locale, sku, placed in expected
    }
    assert {key: sorted({line.tax_rate for line in some}) for key, some in lines.items()} == {
        key: [Decimal(percent)] for key, percent in expected.items()
    }
    every = [line for some in lines.values() for line in some]
    assert all(line.tax_amount in {None, included_tax(line.net_amount, line.tax_rate)} for line in every)


@each_locale
def test_what_is_worn_or_lies_on_a_bed_is_taxed_as_textiles(locale: str) -> None:
    general = {kind.noun for kind in locale_named(locale).kinds if kind.tax_class == "general"}
    assert all(len(kind.sizes) == 1 for kind in locale_named(locale).kinds if kind.noun in general)
    nouns = {
        "tr_TR": {"Kupa", "Vazo", "Masa Lambası", "Tepsi", "Çerçeve", "Duvar Saati", "Sepet"},
        "en_US": {"Mug", "Vase", "Table Lamp", "Tray", "Picture Frame", "Wall Clock", "Basket"},
    }
    assert general == nouns[locale]


@each_locale
def test_ids_of_products_are_positive_of_31_bits_and_not_shared(locale: str) -> None:
    for ids in ([one.id for one in goods(locale)], [one.omnitron_id for one in goods(locale)]):
        assert 0 < min(ids) <= max(ids) < 2**31
        assert len(set(ids)) == len(ids)


@each_locale
def test_barcodes_have_a_correct_check_digit_and_some_are_missing(locale: str) -> None:
    barcodes = [one.barcode for one in goods(locale)]
    present = [barcode for barcode in barcodes if barcode]
    assert 0 < len(present) < len(barcodes)
    for barcode in present:
        assert re.fullmatch(r"29\d{11}", barcode)
        assert sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(barcode)) % 10 == 0


def test_products_beyond_the_bound_are_forgotten_and_made_again() -> None:
    made = Catalogue(7, locale_named("tr_TR"), START)
    first, *_ = [made.product(f"SKU-{number}") for number in range(REMEMBERED_PRODUCTS + 2)]
    assert made.product("SKU-0") == first
    assert made.product("SKU-0") is not first
