"""Cities of Turkey and the United States with townships, districts and postcodes that fit together, as data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from mock_oms.domain.order import City, Country, Township
from mock_oms.domain.setup import draw

#: pk, name, telephone area, latitude, longitude, and for each township its postcode followed by some of its districts.
Row = tuple[int, str, str, str, str, Mapping[str, tuple[str, ...]]]

#: Township keys are `city pk * TOWNSHIPS + number`, so that no two cities share one.
TOWNSHIPS = 1000


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Atlas:
    """The regions of one country by city name; `elsewhere` makes up a region for any other name."""

    regions: Mapping[str, Region]
    elsewhere: Callable[[str], Region]

    def find(self, city: str) -> Region:
        """The region of this city; a name outside the table gives an invented one, always the same."""
        return self.regions.get(city) or self.elsewhere(city)


def tabulate(country: Country, rows: tuple[Row, ...]) -> Mapping[str, Region]:
    """The regions that a country's table describes, by city name, in the table's order."""
    return {row[1]: _region(country, row) for row in rows}


def quarters(city: City, townships: Mapping[str, tuple[str, ...]]) -> tuple[Quarter, ...]:
    """The quarters of a city; each township is given by its postcode followed by its districts."""
    return tuple(
        Quarter(
            township=Township(pk=city.pk * TOWNSHIPS + number, name=name, city=city),
            postcode=postcode,
            districts=tuple(districts),
        )
        for number, (name, (postcode, *districts)) in enumerate(townships.items(), start=1)
    )


def _region(country: Country, row: Row) -> Region:
    pk, name, area, latitude, longitude, townships = row
    city = City(pk=pk, name=name, country=country)
    centre = (Decimal(latitude), Decimal(longitude))
    return Region(city=city, area=area, centre=centre, quarters=quarters(city, townships))


UNITED_STATES = Country(pk=2, code="us", name="United States")

#: Nobody is assigned this area code: it stands for cities that are not in the table.
_NO_AREA = "555"

# fmt: off
_ROWS: tuple[Row, ...] = (
    (1001, "New York", "212", "40.7128", "-74.0060", {
        "Manhattan": ("10001", "Chelsea", "Midtown South"),
        "Brooklyn": ("11201", "Brooklyn Heights", "Dumbo"),
        "Queens": ("11101", "Long Island City", "Hunters Point"),
    }),
    (1002, "Los Angeles", "213", "34.0522", "-118.2437", {
        "Hollywood": ("90028", "Hollywood Hills", "Thai Town"),
        "Westwood": ("90024", "Westwood Village", "Holmby Hills"),
        "Downtown": ("90012", "Chinatown", "Civic Center"),
    }),
    (1003, "Chicago", "312", "41.8781", "-87.6298", {
        "The Loop": ("60601", "New Eastside", "Theatre District"),
        "Lincoln Park": ("60614", "Old Town Triangle", "DePaul"),
        "Hyde Park": ("60615", "East Hyde Park", "Kenwood"),
    }),
    (1004, "Houston", "713", "29.7604", "-95.3698", {
        "Midtown": ("77002", "Downtown", "Fourth Ward"),
        "Montrose": ("77006", "Hyde Park", "Westmoreland"),
        "The Heights": ("77008", "Timbergrove", "Sunset Heights"),
    }),
    (1005, "Seattle", "206", "47.6062", "-122.3321", {
        "Ballard": ("98107", "Old Ballard", "West Woodland"),
        "Capitol Hill": ("98102", "Eastlake", "Broadway"),
        "Fremont": ("98103", "Wallingford", "Phinney Ridge"),
    }),
    (1006, "Boston", "617", "42.3601", "-71.0589", {
        "Back Bay": ("02116", "Bay Village", "St. Botolph"),
        "Dorchester": ("02122", "Neponset", "Clam Point"),
        "Beacon Hill": ("02108", "North Slope", "South Slope"),
    }),
    (1007, "San Francisco", "415", "37.7749", "-122.4194", {
        "Mission": ("94110", "Bernal Heights", "Inner Mission"),
        "South of Market": ("94103", "Yerba Buena", "Mid-Market"),
        "Sunset": ("94122", "Inner Sunset", "Outer Sunset"),
    }),
    (1008, "Miami", "305", "25.7617", "-80.1918", {
        "Brickell": ("33131", "Brickell Key", "Downtown"),
        "Wynwood": ("33127", "Edgewater", "Buena Vista"),
        "Little Havana": ("33135", "Calle Ocho", "Shenandoah"),
    }),
    (1009, "Denver", "303", "39.7392", "-104.9903", {
        "Lower Downtown": ("80202", "Union Station", "Ballpark"),
        "Capitol Hill": ("80203", "Cheesman Park", "Golden Triangle"),
        "Highland": ("80211", "Sunnyside", "Potter Highlands"),
    }),
    (1010, "Austin", "512", "30.2672", "-97.7431", {
        "Downtown": ("78701", "Rainey Street", "Market District"),
        "Zilker": ("78704", "Bouldin Creek", "Travis Heights"),
        "Mueller": ("78723", "Windsor Park", "University Hills"),
    }),
)
# fmt: on


def elsewhere_in_america(name: str) -> Region:
    """A city outside the table: one township, and a ZIP code under 000, which is no real place's."""
    city = City(pk=2000 + draw(0, "city", name, below=1_000_000), name=name, country=UNITED_STATES)
    townships = {f"{name} Center": (f"000{draw(0, 'ZIP', name, below=100):02d}", "Old Town", "Riverside")}
    return Region(city=city, area=_NO_AREA, centre=None, quarters=quarters(city, townships))


AMERICAN_ATLAS = Atlas(regions=tabulate(UNITED_STATES, _ROWS), elsewhere=elsewhere_in_america)


TURKEY = Country(pk=1, code="tr", name="Türkiye")

#: Turkey reserves no numbers for fiction. After +90 no subscriber's number begins with 0, so this area reaches nobody.
TURKISH_AREA = "000"

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

#: No province has this plate code: it begins the postcodes of places that are not in the list.
_NO_PLATE = 99

# fmt: off
_TURKEY_ROWS: tuple[Row, ...] = (
    (34, "İstanbul", TURKISH_AREA, "41.0082", "28.9784", {
        "Kadıköy": ("34710", "Caferağa", "Göztepe", "Suadiye"),
        "Beşiktaş": ("34330", "Levent", "Etiler", "Bebek"),
        "Üsküdar": ("34660", "Acıbadem", "Kuzguncuk", "Çengelköy"),
        "Şişli": ("34360", "Teşvikiye", "Mecidiyeköy", "Esentepe"),
        "Bakırköy": ("34140", "Ataköy", "Yeşilköy"),
    }),
    (6, "Ankara", TURKISH_AREA, "39.9334", "32.8597", {
        "Çankaya": ("06680", "Kızılay", "Bahçelievler", "Ayrancı"),
        "Keçiören": ("06280", "Etlik", "Aktepe"),
        "Yenimahalle": ("06170", "Batıkent", "Demetevler"),
    }),
    (35, "İzmir", TURKISH_AREA, "38.4237", "27.1428", {
        "Konak": ("35250", "Alsancak", "Güzelyalı"),
        "Karşıyaka": ("35530", "Bostanlı", "Mavişehir"),
        "Bornova": ("35040", "Kazımdirik", "Erzene"),
    }),
    (16, "Bursa", TURKISH_AREA, "40.1885", "29.0610", {
        "Osmangazi": ("16040", "Çekirge", "Hamitler"),
        "Nilüfer": ("16110", "Beşevler", "Görükle"),
        "Yıldırım": ("16270", "Millet", "Yiğitler"),
    }),
    (7, "Antalya", TURKISH_AREA, "36.8969", "30.7133", {
        "Muratpaşa": ("07100", "Fener", "Meltem"),
        "Kepez": ("07090", "Varsak", "Kültür"),
        "Konyaaltı": ("07070", "Liman", "Hurma"),
    }),
    (1, "Adana", TURKISH_AREA, "37.0000", "35.3213", {
        "Seyhan": ("01010", "Reşatbey", "Gürselpaşa"),
        "Çukurova": ("01170", "Toros", "Güzelyalı"),
        "Yüreğir": ("01240", "Yavuzlar", "Kışla"),
    }),
    (42, "Konya", TURKISH_AREA, "37.8746", "32.4932", {
        "Selçuklu": ("42060", "Bosna Hersek", "Yazır"),
        "Meram": ("42090", "Havzan", "Lalebahçe"),
        "Karatay": ("42020", "Fetih", "Akabe"),
    }),
    (27, "Gaziantep", TURKISH_AREA, "37.0662", "37.3833", {
        "Şahinbey": ("27010", "Karataş", "Akkent"),
        "Şehitkamil": ("27060", "İbrahimli", "Sarıgüllük"),
        "Nizip": ("27700", "Fatih Sultan", "Atatürk"),
    }),
    (38, "Kayseri", TURKISH_AREA, "38.7205", "35.4826", {
        "Melikgazi": ("38030", "Alpaslan", "Köşk"),
        "Kocasinan": ("38010", "Erkilet", "Sahabiye"),
        "Talas": ("38280", "Bahçelievler", "Mevlana"),
    }),
    (61, "Trabzon", TURKISH_AREA, "41.0027", "39.7168", {
        "Ortahisar": ("61030", "Bahçecik", "Pelitli"),
        "Akçaabat": ("61300", "Dürbinar", "Yaylacık"),
        "Yomra": ("61250", "Kaşüstü", "Sancak"),
    }),
    (26, "Eskişehir", TURKISH_AREA, "39.7767", "30.5206", {
        "Odunpazarı": ("26020", "Vişnelik", "Büyükdere"),
        "Tepebaşı": ("26120", "Hoşnudiye", "Şirintepe"),
        "Sivrihisar": ("26600", "Cumhuriyet", "Kılıç"),
    }),
    (55, "Samsun", TURKISH_AREA, "41.2867", "36.3300", {
        "İlkadım": ("55030", "Kale", "Bahçelievler"),
        "Atakum": ("55200", "Mimarsinan", "Körfez"),
        "Canik": ("55080", "Gaziosmanpaşa", "Yavuz Selim"),
    }),
)
# fmt: on


def elsewhere_in_turkey(name: str) -> Region:
    """A province without a row above has one township, Merkez (the centre); so has a place that is no province."""
    plate = PROVINCES.index(name) + 1 if name in PROVINCES else _NO_PLATE
    pk = plate if plate < _NO_PLATE else _NO_PLATE + 1 + draw(0, "city", name, below=1_000_000)
    city = City(pk=pk, name=name, country=TURKEY)
    townships = {"Merkez": (f"{plate:02d}100", "Cumhuriyet", "Atatürk", "Yeni")}
    return Region(city=city, area=TURKISH_AREA, centre=None, quarters=quarters(city, townships))


TURKISH_ATLAS = Atlas(regions=tabulate(TURKEY, _TURKEY_ROWS), elsewhere=elsewhere_in_turkey)
