"""Finds the names in a sentence by lists and by what stands around them."""

import re

import gazetteer
from gazetteer import ENDS, HEADS, PERSON

TITLES = set(
    "Mr. Mrs. Ms. Miss Dr. Prof. Gen. Sen. Rep. Gov. Lt. Col. Capt. Sir Lady Lord Captain General Senator Congressman Professor "
    "Colonel Doctor Judge Justice Madame Monsieur Uncle Aunt Major Sergeant Chancellor Detective Secretary Governor President "
    "Minister Prince Princess King Queen Mayor".split()
)
PLAIN = {"I", "God", "The", "A", "An", "O", "Oh"} | TITLES
LINKS = {"of", "for", "&", "de", "von", "van", "der", "del", "la"}
YEAR = re.compile(r"(1[5-9]|20)\d\d$")
NUMBER = re.compile(r"\d[\d,.]*$")
CLOCK = re.compile(r"\d{1,2}:\d\d$")


def capital(word):
    """True for a word that starts as a name does."""
    return word[:1].isupper() and word not in PLAIN


class Finder:
    """`find` gives the spans (start, end, labels) of a sentence's names, and those runs of capitals that may be names."""

    def __init__(self, lists, lower):
        self.lists = lists
        # How often each word is written in lower case, and how often with a capital within a sentence.
        self.lower, self.upper = lower
        self.longest = max(len(name.split()) for name in lists.known)

    def common(self, word):
        """True for a word that mostly is no name: capitals at a sentence's start say nothing of it."""
        return self.lower.get(word.lower(), 0) > 0.5 * self.upper.get(word, 0)

    def find(self, words):
        """Names, and doubtful runs (start, end)."""
        spans, doubtful, at = [], [], 0
        start = True
        while at < len(words):
            word = words[at]
            number = self.number(words, at)
            if number:
                spans.append(number)
                at = number[1]
                start = False
                continue
            if not capital(word) or (start and self.common(word) and not self.pair(words, at)):
                start = word in '.?!:"“' or (start and not word[:1].isalnum())
                at += 1
                continue
            end = self.run(words, at)
            found = self.label(words, at, end)
            if found:
                spans.extend(found)
            else:
                doubtful.append((at, end))
            at, start = end, False
        return spans, doubtful

    def pair(self, words, at):
        """True where a sentence starts with a given name and another capital."""
        return words[at] in self.lists.first and at + 1 < len(words) and capital(words[at + 1])

    def run(self, words, at):
        """The end of the capitals that start at `at`, with "of" and the like between them."""
        end = at + 1
        while end < len(words) and end - at < 7:
            if capital(words[end]) or (words[end] == "&" and end + 1 < len(words) and capital(words[end + 1])):
                end += 1
            elif words[end] in LINKS and end + 1 < len(words) and capital(words[end + 1]) and (
                words[end] not in ("of", "for") or words[at] in HEADS or " ".join(words[at : end + 2]) in self.lists.known
            ):
                end += 2
            else:
                break
        return end

    def label(self, words, at, end):
        """The spans of a run, or None where nothing is known of it."""
        run = words[at:end]
        before = words[at - 1] if at else ""
        known = self.lists.known.get(" ".join(run))
        single = len(run) == 1
        if before in TITLES or before.rstrip(".") in ("Mr", "Mrs", "Dr"):
            return [(at, end, PERSON)] if len(run) <= 3 else None
        if known and not (single and known == PERSON and before.lower() in ("in", "at", "from")):
            return [(at, end, known)]
        if run[0] in HEADS and (len(run) > 2 and run[1] in ("of", "for") or run[0] in ("Lake", "Mount") and len(run) == 2):
            return [(at, end, HEADS[run[0]])]
        if not single and run[-1] in ENDS and run[0] not in gazetteer.MONTHS:
            return [(at, end, ENDS[run[-1]])]
        if not single and (run[0] in self.lists.first or re.fullmatch(r"[A-Z]\.", run[0])) and len(run) <= 4:
            return [(at, end, PERSON)] if run[-1] not in self.lists.countries else None
        if not single and run[0] in self.lists.known and self.lists.known[run[0]] == gazetteer.NATIONALITY:
            rest = self.label(words, at + 1, end)
            return [(at, at + 1, gazetteer.NATIONALITY), *rest] if rest else None
        if single and self.lists.first.get(run[0], 0) > 0.02 and not self.common(run[0]):
            return [(at, end, PERSON)]
        if single and self.lists.last.get(run[0], 0) > 0.005 and not self.common(run[0]) and before.lower() not in ("in", "at", "from", "near"):
            return [(at, end, PERSON)]
        return None

    def number(self, words, at):
        """A year, a date, money, a share or a number."""
        word, behind = words[at], words[at + 1] if at + 1 < len(words) else ""
        if word in gazetteer.MONTHS and NUMBER.match(behind):
            end = at + 2
            if words[end : end + 1] == [","] and end + 1 < len(words) and YEAR.match(words[end + 1]):
                end += 2
            return at, end, ("day of a month", "date")
        if word == "$" and NUMBER.match(behind):
            more = words[at + 2 : at + 3]
            return at, at + 2 + (more[:1] in (["million"], ["billion"], ["trillion"])), ("money",)
        if not word[:1].isdigit():
            return None
        if NUMBER.match(word) and behind in ("%", "percent"):
            return at, at + 2, ("percentage",)
        if behind in gazetteer.MONTHS and NUMBER.match(word):
            return at, at + 2, ("day of a month", "date")
        if YEAR.match(word):
            return at, at + 1, ("year", "date")
        if CLOCK.match(word):
            return at, at + 1, ("time",)
        return (at, at + 1, ("number",)) if NUMBER.match(word) else None
