"""The United States as data: cities with boroughs or neighbourhoods as townships, ZIP codes and approximate centres."""

from mock_oms.domain.chance import draw
from mock_oms.domain.order import City, Country
from mock_oms.generate.geography import Atlas, Region, Row, quarters, tabulate

COUNTRY = Country(pk=2, code="us", name="United States")

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


def elsewhere(name: str) -> Region:
    """A city outside the table: one township, and a ZIP code under 000, which is no real place's."""
    city = City(pk=2000 + draw(0, "city", name, below=1_000_000), name=name, country=COUNTRY)
    townships = {f"{name} Center": (f"000{draw(0, 'ZIP', name, below=100):02d}", "Old Town", "Riverside")}
    return Region(city=city, area=_NO_AREA, centre=None, quarters=quarters(city, townships))


ATLAS = Atlas(regions=tabulate(COUNTRY, _ROWS), elsewhere=elsewhere)
