"""What WordNet says about nouns: their classes, what they are a kind of, and the names it has."""

import os
from collections import defaultdict
from dataclasses import dataclass, field

FOLDER = "/usr/share/wordnet"

# Numbers of the lexicographer's files that hold nouns, with the name a label gets.
CLASSES = {
    4: "act", 5: "animal", 6: "artifact", 7: "attribute", 8: "body part", 9: "idea", 10: "communication", 11: "happening",
    12: "feeling", 13: "food", 14: "group", 15: "place", 16: "motive", 17: "natural object", 18: "role", 19: "phenomenon",
    20: "plant", 21: "possession", 22: "process", 23: "quantity", 24: "relation", 25: "shape", 26: "condition",
    27: "substance", 28: "period",
}

# Too wide to be a label.
WIDE = {
    "entity", "abstraction", "abstract entity", "physical entity", "object", "whole", "matter", "thing", "attribute",
    "psychological feature", "relation", "causal agent", "measure", "part", "unit", "group", "state", "set",
    "definite quantity", "content", "being", "organism", "living thing", "person", "location", "organization", "event",
    "date", "number", "time", "people", "city", "country", "company", "day", "month", "year", "instrumentality", "social group", "collection", "region",
}


@dataclass
class Synset:
    """One meaning of a noun."""

    words: list
    group: int
    above: list = field(default_factory=list)
    instance: bool = False
    gloss: str = ""


class WordNet:
    """Nouns by their most frequent meaning, and names by what they are an instance of."""

    def __init__(self, folder=FOLDER):
        self.synsets = {}
        for line in lines(folder, "data.noun"):
            left, _, gloss = line.partition(" | ")
            parts = left.split()
            count = int(parts[3], 16)
            synset = Synset(
                [parts[4 + 2 * at].replace("_", " ") for at in range(count)], int(parts[1]), gloss=gloss.strip()
            )
            pointers = parts[5 + 2 * count :]
            for at in range(0, 4 * int(parts[4 + 2 * count]), 4):
                if pointers[at] in ("@", "@i"):
                    synset.above.append(pointers[at + 1])
                    synset.instance |= pointers[at] == "@i"
            self.synsets[parts[0]] = synset
        self.first = {}
        for line in lines(folder, "index.noun"):
            parts = line.split()
            senses = parts[-int(parts[2]) :]
            self.first[parts[0].replace("_", " ")] = senses
        self.plurals = {}
        for line in lines(folder, "noun.exc"):
            plural, *single = line.split()
            self.plurals[plural] = single[0]
        self.uses = uses(folder)

    def single(self, word):
        """The noun that `word`, in lower case, is a form of, or None."""
        if word in self.first:
            return word
        if word in self.plurals and self.plurals[word] in self.first:
            return self.plurals[word]
        for end, other in (("ies", "y"), ("ses", "s"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("men", "man"), ("s", "")):
            if word.endswith(end) and word[: -len(end)] + other in self.first and len(word) > 3:
                return word[: -len(end)] + other
        return None

    def mostly_noun(self, noun):
        """Whether at least four fifths of the uses counted by WordNet are those of a noun."""
        counts = self.uses.get(noun)
        return counts is None or counts.get("n", 0) >= 0.8 * sum(counts.values())

    def concepts(self, noun):
        """Labels of a noun's first meaning, from the class to the most special, without those that say nothing."""
        synset = self.synsets[self.first[noun][0]]
        labels, seen = [], set()
        while synset.above and len(labels) < 8:
            synset = self.synsets[synset.above[0]]
            label = synset.words[0].lower()
            if label not in WIDE and label not in seen and label.count(" ") < 3 and label.replace(" ", "").isalpha():
                labels.append(label)
                seen.add(label)
        group = CLASSES.get(self.synsets[self.first[noun][0]].group)
        return ([group] if group else []) + labels[::-1]

    def names(self):
        """Names (words as they are written) with their meanings' identities."""
        found = defaultdict(list)
        for identity, synset in self.synsets.items():
            for word in synset.words:
                if word[:1].isupper():
                    found[word].append(identity)
        return found

    def glosses(self):
        """The glosses, without their examples in quotes."""
        for synset in self.synsets.values():
            yield synset.words[0], synset.gloss.split('; "')[0].rstrip(";")

    def chain(self, identity):
        """Words for what a meaning is an instance or a kind of, the nearest first."""
        labels, synset = [], self.synsets[identity]
        while synset.above and len(labels) < 12:
            synset = self.synsets[synset.above[0]]
            labels.append(synset.words[0].lower())
        return labels


def capital_adjectives(folder=FOLDER):
    """Adjectives that are written with a capital: Norwegian, Christian, Victorian."""
    found = set()
    for line in lines(folder, "data.adj"):
        parts = line.split()
        for at in range(int(parts[3], 16)):
            word = parts[4 + 2 * at].split("(")[0]
            if word[:1].isupper() and word.isalpha() and len(word) > 3 and not word.isupper():
                found.add(word)
    return found


def uses(folder):
    """For each lemma how often it was tagged as a noun, verb, adjective or adverb in WordNet's concordance."""
    counts = defaultdict(lambda: defaultdict(int))
    for line in lines(folder, "cntlist.rev"):
        key, _, count = line.split()
        lemma, rest = key.split("%")
        counts[lemma.replace("_", " ")]["nvars"[int(rest[0]) - 1]] += int(count)
    # Words that a verb or an adjective may be as well, never counted: once each.
    for name, kind in (("verb", "v"), ("adj", "a"), ("adv", "r")):
        for line in lines(folder, f"index.{name}"):
            counts[line.split()[0].replace("_", " ")][kind] += 1
    for line in lines(folder, "index.noun"):
        counts[line.split()[0].replace("_", " ")]["n"] += 1
    return counts


def lines(folder, name):
    """The lines of a file of WordNet below its licence."""
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        raise SystemExit(f"{path} is missing: install WordNet's files (Debian: apt-get install wordnet-base)")
    with open(path, encoding="utf-8") as file:
        for line in file:
            if not line.startswith("  "):
                yield line
