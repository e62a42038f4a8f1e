"""The words that a recording keeps: those of the contract, the mock and standards; any other is somebody's own."""

from collections.abc import Iterator
from itertools import chain

from mock_oms.domain.lifecycle import TRANSITIONS, State
from mock_oms.domain.plan import ItemState
from mock_oms.wire.states import ORDER, ORDER_ITEM, PLAN


def _told(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _slugs() -> Iterator[str]:
    """The slugs, with underlines as their codes have them, and the last of their words alone."""
    for row in TRANSITIONS:
        yield from (row.slug, row.slug.replace("-", "_"), row.slug.rpartition("-")[2])


def _labels() -> Iterator[str]:
    yield from (row.name for row in TRANSITIONS)
    for family in (ORDER, ORDER_ITEM, PLAN):
        yield from chain.from_iterable(family.names)


STATES = frozenset(map(str, chain(State, ItemState)))
COMMANDS = frozenset(_slugs())
LABELS = frozenset(_labels())
CLASSES = frozenset(family.enum_class for family in (ORDER, ORDER_ITEM, PLAN))
PAYMENTS = _told(
    "bank_transfer bin_payment bkm cash cash_on_delivery cash_register credit credit_card credit_payment debit_card "
    "funds_transfer garanti_pay gift_card gpay iyzico loyalty_money masterpass online pay_on_delivery paypal wallet"
)
DELIVERIES = _told(
    "cargo click_and_collect courier customer_pickup delivery digital express home_delivery in_store next_day pickup "
    "retail_store same_day scheduled ship_from_store standard store store_pickup"
)
LOCATIONS = _told("dark_store distribution_center franchise outlet retail store supplier virtual warehouse")
UNITS = _told("box cm g gr gram kg kilogram l litre liter m meter metre ml mt pair piece pieces qty quantity set unit")
#: ISO 4217, what is paid with today.
CURRENCIES = _told(
    """
    aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd btn bwp byn bzd cad cdf chf
    clp cny cop crc cup cve czk djf dkk dop dzd egp ern etb eur fjd fkp gbp gel ghs gip gmd gnf gtq gyd hkd hnl htg
    huf idr ils inr iqd irr isk jmd jod jpy kes kgs khr kmf kpw krw kwd kyd kzt lak lbp lkr lrd lsl lyd mad mdl mga
    mkd mmk mnt mop mru mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd
    rub rwf sar sbd scr sdg sek sgd shp sle sos srd ssp stn svc syp szl thb tjs tmt tnd top try ttd twd tzs uah ugx
    usd uyu uzs ved ves vnd vuv wst xaf xcd xof xpf yer zar zmw zwl
    """
)
#: ISO 639-1, what is read and written in shops.
_LANGUAGES = _told(
    """
    af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl he hi hr hu hy id is it ja ka kk km ko ku ky
    lo lt lv mk mn ms mt my nb ne nl nn no pa pl ps pt ro ru si sk sl sq sr sv sw ta te tg th tk tr uk ur uz vi zh
    """
)
_COUNTRIES = _told(
    "ae at az be bg br ca ch cn cy cz de dk eg es fi fr gb gr hu ie il in iq it jp kz lu nl no pl pt ro ru sa se tr us"
)
LANGUAGES = _LANGUAGES | {f"{one}{mark}{land}" for one in _LANGUAGES for mark in "-_" for land in _COUNTRIES}
METHODS = _told("GET HEAD OPTIONS POST PUT PATCH DELETE")
VERSIONS = _told("HTTP/1.0 HTTP/1.1 HTTP/2 HTTP/2.0 HTTP/3 HTTP/3.0 http/1.0 http/1.1 http/2.0 http/3.0 h2 h3")
