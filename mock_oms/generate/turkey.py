"""Turkey as data: provinces with real townships (ilçe), districts (mahalle), postcodes and approximate centres."""

from mock_oms.domain.chance import draw
from mock_oms.domain.order import City, Country
from mock_oms.generate.geography import Atlas, Region, Row, quarters, tabulate

COUNTRY = Country(pk=1, code="tr", name="Türkiye")

#: Turkey reserves no numbers for fiction. After +90 no subscriber's number begins with 0, so this area reaches nobody.
AREA = "000"

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
_ROWS: tuple[Row, ...] = (
    (34, "İstanbul", AREA, "41.0082", "28.9784", {
        "Kadıköy": ("34710", "Caferağa", "Göztepe", "Suadiye"),
        "Beşiktaş": ("34330", "Levent", "Etiler", "Bebek"),
        "Üsküdar": ("34660", "Acıbadem", "Kuzguncuk", "Çengelköy"),
        "Şişli": ("34360", "Teşvikiye", "Mecidiyeköy", "Esentepe"),
        "Bakırköy": ("34140", "Ataköy", "Yeşilköy"),
    }),
    (6, "Ankara", AREA, "39.9334", "32.8597", {
        "Çankaya": ("06680", "Kızılay", "Bahçelievler", "Ayrancı"),
        "Keçiören": ("06280", "Etlik", "Aktepe"),
        "Yenimahalle": ("06170", "Batıkent", "Demetevler"),
    }),
    (35, "İzmir", AREA, "38.4237", "27.1428", {
        "Konak": ("35250", "Alsancak", "Güzelyalı"),
        "Karşıyaka": ("35530", "Bostanlı", "Mavişehir"),
        "Bornova": ("35040", "Kazımdirik", "Erzene"),
    }),
    (16, "Bursa", AREA, "40.1885", "29.0610", {
        "Osmangazi": ("16040", "Çekirge", "Hamitler"),
        "Nilüfer": ("16110", "Beşevler", "Görükle"),
        "Yıldırım": ("16270", "Millet", "Yiğitler"),
    }),
    (7, "Antalya", AREA, "36.8969", "30.7133", {
        "Muratpaşa": ("07100", "Fener", "Meltem"),
        "Kepez": ("07090", "Varsak", "Kültür"),
        "Konyaaltı": ("07070", "Liman", "Hurma"),
    }),
    (1, "Adana", AREA, "37.0000", "35.3213", {
        "Seyhan": ("01010", "Reşatbey", "Gürselpaşa"),
        "Çukurova": ("01170", "Toros", "Güzelyalı"),
        "Yüreğir": ("01240", "Yavuzlar", "Kışla"),
    }),
    (42, "Konya", AREA, "37.8746", "32.4932", {
        "Selçuklu": ("42060", "Bosna Hersek", "Yazır"),
        "Meram": ("42090", "Havzan", "Lalebahçe"),
        "Karatay": ("42020", "Fetih", "Akabe"),
    }),
    (27, "Gaziantep", AREA, "37.0662", "37.3833", {
        "Şahinbey": ("27010", "Karataş", "Akkent"),
        "Şehitkamil": ("27060", "İbrahimli", "Sarıgüllük"),
        "Nizip": ("27700", "Fatih Sultan", "Atatürk"),
    }),
    (38, "Kayseri", AREA, "38.7205", "35.4826", {
        "Melikgazi": ("38030", "Alpaslan", "Köşk"),
        "Kocasinan": ("38010", "Erkilet", "Sahabiye"),
        "Talas": ("38280", "Bahçelievler", "Mevlana"),
    }),
    (61, "Trabzon", AREA, "41.0027", "39.7168", {
        "Ortahisar": ("61030", "Bahçecik", "Pelitli"),
        "Akçaabat": ("61300", "Dürbinar", "Yaylacık"),
        "Yomra": ("61250", "Kaşüstü", "Sancak"),
    }),
    (26, "Eskişehir", AREA, "39.7767", "30.5206", {
        "Odunpazarı": ("26020", "Vişnelik", "Büyükdere"),
        "Tepebaşı": ("26120", "Hoşnudiye", "Şirintepe"),
        "Sivrihisar": ("26600", "Cumhuriyet", "Kılıç"),
    }),
    (55, "Samsun", AREA, "41.2867", "36.3300", {
        "İlkadım": ("55030", "Kale", "Bahçelievler"),
        "Atakum": ("55200", "Mimarsinan", "Körfez"),
        "Canik": ("55080", "Gaziosmanpaşa", "Yavuz Selim"),
    }),
)
# fmt: on


def elsewhere(name: str) -> Region:
    """A province without a row above has one township, Merkez (the centre); so has a place that is no province."""
    plate = PROVINCES.index(name) + 1 if name in PROVINCES else _NO_PLATE
    pk = plate if plate < _NO_PLATE else _NO_PLATE + 1 + draw(0, "city", name, below=1_000_000)
    city = City(pk=pk, name=name, country=COUNTRY)
    townships = {"Merkez": (f"{plate:02d}100", "Cumhuriyet", "Atatürk", "Yeni")}
    return Region(city=city, area=AREA, centre=None, quarters=quarters(city, townships))


ATLAS = Atlas(regions=tabulate(COUNTRY, _ROWS), elsewhere=elsewhere)
