"""Sentences with other names in them: a name gives way to one of its kind, a doubtful one to any."""

from dataclasses import dataclass

WIDE = ("person", "location", "organization", "miscellaneous")


@dataclass
class Sentence:
    """Words, the spans (start, end, labels) that are known, and the runs (start, end) of which nothing is known."""

    words: list
    spans: list
    doubtful: list


def swapped(sentence, maker, random, rate=0.75):
    """The sentence with most names exchanged."""
    starts = {start: (end, labels) for start, end, labels in sentence.spans}
    doubts = dict(sentence.doubtful)
    words, spans, doubtful, at = [], [], [], 0
    while at < len(sentence.words):
        end, labels = starts.get(at, (doubts.get(at), None))
        if end is None:
            words.append(sentence.words[at])
            at += 1
            continue
        new, labels = sentence.words[at:end], labels
        if random.random() < rate:
            if labels is None:
                new, labels = maker.draw(random, kind_for(sentence.words, at, random), end - at)
            elif labels[-1] in WIDE:
                new, labels = maker.draw(random, labels[-1], end - at)
        (spans if labels else doubtful).append((len(words), len(words) + len(new), *([labels] if labels else [])))
        words += new
        at = end
    return Sentence(words, spans, doubtful)


def kind_for(words, at, random):
    """The wide label of a name that takes the place of a doubtful one."""
    before = words[at - 1].lower() if at else ""
    if before in ("in", "from", "near", "to", "at", "across") and random.random() < 0.6:
        return "location"
    behind = words[at + 1].lower() if at + 1 < len(words) else ""
    if behind in ("said", "says", "told", "thought", "asked", "replied") and random.random() < 0.6:
        return "person"
    return random.choices(WIDE, (30, 15, 45, 10))[0]


def casing(random):
    """How the words of a batch are written: as they are, or all in capitals, in small letters, or each with a capital."""
    part = random.random()
    if part < 0.05:
        return str.upper
    if part < 0.09:
        return str.lower
    return capitalized if part < 0.11 else str


def capitalized(word):
    """The word with a capital, the rest as it is."""
    return word[:1].upper() + word[1:]
