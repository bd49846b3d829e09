"""Sentences as lists of words, out of text files and the glosses of WordNet."""

import gzip
import re

SHORTEST, LONGEST = 4, 60
ABBREVIATION = re.compile(r"\b(Mr|Mrs|Ms|Dr|St|Gen|Sen|Rep|Gov|Prof|Lt|Col|Jr|Sr|U\.S|U\.N|U\.K|[A-Z])\.")
SENTENCE_END = re.compile(r"(?<=[.!?])[\"'”’)]*\s+(?=[\"'“‘(]?[A-Z])")
DOT = "\u2024"


def words(text):
    """The words of a sentence, with punctuation and clitics apart as corpora have them."""
    text = ABBREVIATION.sub(lambda found: found.group(0).replace(".", DOT), text)
    text = text.replace("“", '"').replace("”", '"').replace("’", "'").replace("‘", "'")
    text = re.sub(r"(\.\.\.|--|—|[,;:!?()\"\[\]{}$%])", r" \1 ", re.sub(r"(?<=\d),(?=\d)", "\u2063", text))
    text = re.sub(r"(\.)(?=\s*$|\s)", r" \1 ", text)
    text = re.sub(r"(\w)('s|n't|'ll|'re|'ve|'d|'m)\b", r"\1 \2", text)
    return text.replace(DOT, ".").replace("\u2063", ",").split()


def read(path):
    """The lines of a text file, which may be packed by gzip."""
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.strip():
                yield line.strip()


def sentences(path):
    """The sentences of a file that has a sentence or a paragraph a line; those much too short or long are left out or cut."""
    for line in read(path):
        parts = SENTENCE_END.split(line) if len(line) > 400 or "  " in line else [line]
        for part in parts:
            found = words(part)
            if len(found) >= SHORTEST and any(word.isalpha() for word in found):
                yield found[:LONGEST]
