"""Cities of Turkey and the United States with townships, districts and postcodes that fit together, as data."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from textwrap import dedent

from mock_oms.domain.order import City, Country, Township
from mock_oms.domain.setup import draw


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """A township, its postcode and at least one of its districts."""

    township: Township
    postcode: str
    districts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A city with its telephone area, its centre (degrees north and east; None: unknown) and at least one quarter."""

    city: City
    area: str
    centre: tuple[Decimal, Decimal] | None
    quarters: tuple[Quarter, ...]


def _quarters(city: City, townships: Sequence[Sequence[str]]) -> tuple[Quarter, ...]:
    """The quarters of a city, each from its name, its postcode and its districts."""
    return tuple(
        Quarter(
            # No two cities share the key of a township.
            township=Township(pk=city.pk * 1000 + number, name=name, city=city),
            postcode=postcode,
            districts=tuple(districts),
        )
        for number, (name, postcode, *districts) in enumerate(townships, start=1)
    )


def _regions(country: Country, table: str) -> Mapping[str, Region]:
    """Regions by the names of their cities, in the order of the table.

    A line is a city: its pk, name, telephone area and centre. An indented line is a township of it: its name, postcode
    and some of its districts.
    """
    regions = {}
    for block in re.split(r"\n(?=\S)", dedent(table).strip()):
        (pk, name, area, north, east), *townships = (re.split(r", *", line.strip()) for line in block.splitlines())
        city = City(pk=int(pk), name=name, country=country)
        centre = (Decimal(north), Decimal(east))
        regions[name] = Region(city=city, area=area, centre=centre, quarters=_quarters(city, townships))
    return regions


_UNITED_STATES = Country(pk=2, code="us", name="United States")

AMERICAN_REGIONS = _regions(
    _UNITED_STATES,
    """
    1001, New York, 212, 40.7128, -74.0060
        Manhattan, 10001, Chelsea, Midtown South
        Brooklyn, 11201, Brooklyn Heights, Dumbo
        Queens, 11101, Long Island City, Hunters Point
    1002, Los Angeles, 213, 34.0522, -118.2437
        Hollywood, 90028, Hollywood Hills, Thai Town
        Westwood, 90024, Westwood Village, Holmby Hills
        Downtown, 90012, Chinatown, Civic Center
    1003, Chicago, 312, 41.8781, -87.6298
        The Loop, 60601, New Eastside, Theatre District
        Lincoln Park, 60614, Old Town Triangle, DePaul
        Hyde Park, 60615, East Hyde Park, Kenwood
    1004, Houston, 713, 29.7604, -95.3698
        Midtown, 77002, Downtown, Fourth Ward
        Montrose, 77006, Hyde Park, Westmoreland
        The Heights, 77008, Timbergrove, Sunset Heights
    1005, Seattle, 206, 47.6062, -122.3321
        Ballard, 98107, Old Ballard, West Woodland
        Capitol Hill, 98102, Eastlake, Broadway
        Fremont, 98103, Wallingford, Phinney Ridge
    1006, Boston, 617, 42.3601, -71.0589
        Back Bay, 02116, Bay Village, St. Botolph
        Dorchester, 02122, Neponset, Clam Point
        Beacon Hill, 02108, North Slope, South Slope
    1007, San Francisco, 415, 37.7749, -122.4194
        Mission, 94110, Bernal Heights, Inner Mission
        South of Market, 94103, Yerba Buena, Mid-Market
        Sunset, 94122, Inner Sunset, Outer Sunset
    1008, Miami, 305, 25.7617, -80.1918
        Brickell, 33131, Brickell Key, Downtown
        Wynwood, 33127, Edgewater, Buena Vista
        Little Havana, 33135, Calle Ocho, Shenandoah
    1009, Denver, 303, 39.7392, -104.9903
        Lower Downtown, 80202, Union Station, Ballpark
        Capitol Hill, 80203, Cheesman Park, Golden Triangle
        Highland, 80211, Sunnyside, Potter Highlands
    1010, Austin, 512, 30.2672, -97.7431
        Downtown, 78701, Rainey Street, Market District
        Zilker, 78704, Bouldin Creek, Travis Heights
        Mueller, 78723, Windsor Park, University Hills
    """,
)


def american_region(name: str) -> Region:
    """The region of a city; outside the table it has one township, and a ZIP code under 000, which is no real place's.

    Nobody is assigned the area code 555.
    """
    if name in AMERICAN_REGIONS:
        return AMERICAN_REGIONS[name]
    city = City(pk=2000 + draw(0, "city", name, below=1_000_000), name=name, country=_UNITED_STATES)
    townships = [(f"{name} Center", f"000{draw(0, 'ZIP', name, below=100):02d}", "Old Town", "Riverside")]
    return Region(city=city, area="555", centre=None, quarters=_quarters(city, townships))


_TURKEY = Country(pk=1, code="tr", name="Türkiye")

#: Every province in the order of its plate code (from 1), which is also its pk and the start of its postcodes.
PROVINCES = tuple(
    """
    Adana Adıyaman Afyonkarahisar Ağrı Amasya Ankara Antalya Artvin Aydın Balıkesir Bilecik Bingöl Bitlis Bolu Burdur
    Bursa Çanakkale Çankırı Çorum Denizli Diyarbakır Edirne Elazığ Erzincan Erzurum Eskişehir Gaziantep Giresun
    Gümüşhane Hakkari Hatay Isparta Mersin İstanbul İzmir Kars Kastamonu Kayseri Kırklareli Kırşehir Kocaeli Konya
    Kütahya Malatya Manisa Kahramanmaraş Mardin Muğla Muş Nevşehir Niğde Ordu Rize Sakarya Samsun Siirt Sinop Sivas
    Tekirdağ Tokat Trabzon Tunceli Şanlıurfa Uşak Van Yozgat Zonguldak Aksaray Bayburt Karaman Kırıkkale Batman Şırnak
    Bartın Ardahan Iğdır Yalova Karabük Kilis Osmaniye Düzce
    """.split()  # noqa: SIM905 - eighty-one quoted names would be a page to read
)

#: Turkey reserves no numbers for fiction. After +90 no subscriber's number begins with 0, so the area 000 reaches nobody.
TURKISH_REGIONS = _regions(
    _TURKEY,
    """
    34, İstanbul, 000, 41.0082, 28.9784
        Kadıköy, 34710, Caferağa, Göztepe, Suadiye
        Beşiktaş, 34330, Levent, Etiler, Bebek
        Üsküdar, 34660, Acıbadem, Kuzguncuk, Çengelköy
        Şişli, 34360, Teşvikiye, Mecidiyeköy, Esentepe
        Bakırköy, 34140, Ataköy, Yeşilköy
    6, Ankara, 000, 39.9334, 32.8597
        Çankaya, 06680, Kızılay, Bahçelievler, Ayrancı
        Keçiören, 06280, Etlik, Aktepe
        Yenimahalle, 06170, Batıkent, Demetevler
    35, İzmir, 000, 38.4237, 27.1428
        Konak, 35250, Alsancak, Güzelyalı
        Karşıyaka, 35530, Bostanlı, Mavişehir
        Bornova, 35040, Kazımdirik, Erzene
    16, Bursa, 000, 40.1885, 29.0610
        Osmangazi, 16040, Çekirge, Hamitler
        Nilüfer, 16110, Beşevler, Görükle
        Yıldırım, 16270, Millet, Yiğitler
    7, Antalya, 000, 36.8969, 30.7133
        Muratpaşa, 07100, Fener, Meltem
        Kepez, 07090, Varsak, Kültür
        Konyaaltı, 07070, Liman, Hurma
    1, Adana, 000, 37.0000, 35.3213
        Seyhan, 01010, Reşatbey, Gürselpaşa
        Çukurova, 01170, Toros, Güzelyalı
        Yüreğir, 01240, Yavuzlar, Kışla
    42, Konya, 000, 37.8746, 32.4932
        Selçuklu, 42060, Bosna Hersek, Yazır
        Meram, 42090, Havzan, Lalebahçe
        Karatay, 42020, Fetih, Akabe
    27, Gaziantep, 000, 37.0662, 37.3833
        Şahinbey, 27010, Karataş, Akkent
        Şehitkamil, 27060, İbrahimli, Sarıgüllük
        Nizip, 27700, Fatih Sultan, Atatürk
    38, Kayseri, 000, 38.7205, 35.4826
        Melikgazi, 38030, Alpaslan, Köşk
        Kocasinan, 38010, Erkilet, Sahabiye
        Talas, 38280, Bahçelievler, Mevlana
    61, Trabzon, 000, 41.0027, 39.7168
        Ortahisar, 61030, Bahçecik, Pelitli
        Akçaabat, 61300, Dürbinar, Yaylacık
        Yomra, 61250, Kaşüstü, Sancak
    26, Eskişehir, 000, 39.7767, 30.5206
        Odunpazarı, 26020, Vişnelik, Büyükdere
        Tepebaşı, 26120, Hoşnudiye, Şirintepe
        Sivrihisar, 26600, Cumhuriyet, Kılıç
    55, Samsun, 000, 41.2867, 36.3300
        İlkadım, 55030, Kale, Bahçelievler
        Atakum, 55200, Mimarsinan, Körfez
        Canik, 55080, Gaziosmanpaşa, Yavuz Selim
    """,
)


def turkish_region(name: str) -> Region:
    """The region of a city; outside the table it has one township, Merkez (the centre).

    A place that is no province has postcodes under 99, which is no province's plate code.
    """
    if name in TURKISH_REGIONS:
        return TURKISH_REGIONS[name]
    is_province = name in PROVINCES
    plate = PROVINCES.index(name) + 1 if is_province else 99
    pk = plate if is_province else 100 + draw(0, "city", name, below=1_000_000)
    city = City(pk=pk, name=name, country=_TURKEY)
    townships = [("Merkez", f"{plate:02d}100", "Cumhuriyet", "Atatürk", "Yeni")]
    return Region(city=city, area="000", centre=None, quarters=_quarters(city, townships))
