"""Lines that are no sentences, as papers and lists have them: datelines, results, tables, headlines."""

from swap import Sentence

# P, L, O and N stand for names (person, place, organization, nationality or event), # for a number, and so on.
FRAMES = """
L , {day} {month} #
L {year}-{two}-{two}
O # , O #
O # O #
L # L #
1. P ( L ) {score}
#. P ( L ) #:{two}
P ( L ) beat P ( L ) {sets}
P , L , # points
P # #
P ( O ) #
P , O , L
P - O
O - P
Results of N matches on {day} :
N : P , P , P and P
O of L : P , P ( P # ) , P
P c P b P #
Standings ( played , won , drawn , lost , points ) :
O # # # # #
L # # # # # #
O said on {day} that P would leave
P of L won the N in L on {day}
L beat L # - # in the N
N shares rose # percent in L
O net profit $ # million against $ # million
O shares fell # to # in L
Chairman : P
Contact : P , O , L
( {month} {year} ) P
by P in L
{cap} - L {caps} N {caps} .
{cap} - P {caps} IN L .
{cap} - O {caps} O .
L : O , O and O
From P , O
{day} 's matches : O v O , O v O
To : P
P , # , of L , and P , # , of L
P and P , both of O
P ( N ) and P ( N )
O ( L ) - P
Leading scorers : # - P ( O ) ; # - P ( O )
Attendance : #
Halftime : #-#
The N side : P , P , P , P
""".strip().splitlines()
TOPICS = "SOCCER TENNIS GOLF RUGBY CRICKET TRADE MARKETS OIL GRAIN WEATHER ELECTION COURT".split()
VERBS = "BEATS WINS SAYS HITS MEETS LEADS REJECTS WARNS SIGNS JOINS OVER AT FOR OF AFTER".split()
KINDS = {"P": "person", "L": "location", "O": "organization", "N": "miscellaneous"}
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()


def line(maker, random):
    """One made line with its spans."""
    words, spans = [], []
    headline = False
    for part in random.choice(FRAMES).split():
        start = len(words)
        if part in KINDS:
            new, labels = maker.draw(random, KINDS[part], random.choice((1, 2, 2)))
            words += [word.upper() for word in new] if headline and random.random() < 0.7 else new
            spans.append((start, len(words), labels))
            continue
        headline = headline or part == "{cap}"
        for slot, value in (
            ("{day}", random.choice(DAYS)), ("{month}", random.choice(MONTHS)), ("{year}", random.randint(1950, 2025)),
            ("{two}", f"{random.randint(1, 59):02}"), ("{score}", f"{random.randint(1, 90)}.{random.randint(0, 99):02}"),
            ("{sets}", " ".join(f"{random.randint(0, 7)}-{random.randint(0, 7)}" for _ in range(random.randint(2, 4)))),
            ("{caps}", random.choice(VERBS)), ("{cap}", random.choice(TOPICS)),
        ):  # fmt: skip
            part = part.replace(slot, str(value))
        part = "".join(str(random.randint(0, 120)) if letter == "#" else letter for letter in part)
        words += part.split()
        if words[start] in DAYS:
            spans.append((start, start + 1, ("day", "date")))
        elif words[start].isdigit():
            spans.append((start, start + 1, ("number",)))
    return Sentence(words, spans, [])
