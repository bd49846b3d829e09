"""What the student is asked: batches of pieces, made of sentences."""

from dataclasses import dataclass

import torch

from swap import WIDE, casing
from tokenizer import EOS, EXTRA, PAD

# Words of a sentence in a task that writes.
LONGEST = 44
IGNORED = -100
GAPS = 12
CLASSES = (
    "act", "animal", "artifact", "attribute", "body part", "idea", "communication", "happening", "feeling", "food", "group", "place",
    "motive", "natural object", "role", "phenomenon", "plant", "possession", "process", "quantity", "relation", "shape", "condition",
    "substance", "period",
)  # fmt: skip
# Tags of words: 0 for other words, two for each wide label (the first word and the rest), date, number, and the classes of nouns.
TAGS = 1 + 2 * len(WIDE) + 2 + len(CLASSES)
# Other words for a label, one of which is asked for.
ALSO = {
    "person": ("person", "person", "person", "people", "human", "name of a person", "individual"),
    "location": ("location", "location", "location", "geographical location"),
    "organization": ("organization", "organization", "organisation", "institution"),
    "miscellaneous": ("miscellaneous", "miscellaneous", "other", "other name"),
    "country": ("country", "nation"), "city": ("city", "town", "city name"), "company": ("company", "corporation", "business"),
    "state": ("state", "province", "state name"), "nationality": ("nationality", "origin"), "team": ("team", "sports team", "club"),
    "school": ("school", "university"), "agency": ("agency", "government agency"), "newspaper": ("newspaper", "media"),
    "body of water": ("body of water", "river"), "date": ("date", "date"), "number": ("number",),
    "money": ("money", "price", "amount"), "role": ("role", "kind of person", "occupation"), "artifact": ("artifact", "object", "thing made"),
    "communication": ("communication", "message"), "act": ("act", "activity"),
}  # fmt: skip
# How often a label is asked for that no word of the sentence has.
ABSENT = 0.35


@dataclass
class Batch:
    """Sources and targets, padded; `owner` says which word of the batch each source piece belongs to, -1 for none."""

    source: torch.Tensor
    owner: torch.Tensor = None
    words: int = 0
    target: torch.Tensor = None
    # Which pieces of the target are learned.
    learned: torch.Tensor = None
    tags: torch.Tensor = None
    # Pieces that the softmax is over; all without.
    legal: torch.Tensor = None

    def pieces(self):
        """Pieces of source and target, pads too."""
        return self.source.numel() + (0 if self.target is None else self.target.numel())


def padded(rows, fill=0):
    """Rows as one tensor of whole numbers."""
    whole = torch.full((len(rows), max(map(len, rows))), fill)
    for at, row in enumerate(rows):
        whole[at, : len(row)] = torch.as_tensor(row)
    return whole


def reading(sentences, nouns, pieces, random):
    """Sentences to be understood: each word's teacher states and tag are known; its case is changed at times."""
    rows, owners, tags, count, case = [], [], [], 0, casing(random)
    for sentence in sentences:
        row, owner = [], []
        for at, word in enumerate(map(case, sentence.words)):
            found = pieces.of(word)
            row += found
            owner += [count + at] * len(found)
        rows.append(row + [EOS])
        owners.append(owner + [-1])
        tags += word_tags(sentence, nouns)
        count += len(sentence.words)
    return Batch(padded(rows), padded(owners, -1), count, tags=torch.tensor(tags))


def word_tags(sentence, nouns):
    """The tag of each word; IGNORED where nothing is known of a capital."""
    tags = [0] * len(sentence.words)
    for at, word in enumerate(sentence.words):
        if word in nouns and nouns[word][0] in CLASSES:
            tags[at] = 3 + 2 * len(WIDE) + CLASSES.index(nouns[word][0])
    for start, end in sentence.doubtful:
        tags[start:end] = [IGNORED] * (end - start)
    for start, end, labels in sentence.spans:
        wide = labels[-1]
        if wide in WIDE:
            tags[start] = 1 + 2 * WIDE.index(wide)
            tags[start + 1 : end] = [2 + 2 * WIDE.index(wide)] * (end - start - 1)
        else:
            tags[start:end] = [1 + 2 * len(WIDE) + (wide != "date")] * (end - start)
    return tags


def noun_spans(words, nouns):
    """Nouns, of two words where such a one is known: (start, end, labels), the labels from the special to the wide."""
    spans, at = [], 0
    while at < len(words):
        pair = " ".join(words[at : at + 2])
        size = 2 if pair in nouns else 1
        labels = nouns.get(pair) or nouns.get(words[at])
        if labels:
            # Class first, then from the special to the wide; the class is the widest.
            spans.append((at, at + size, (*labels[1:], labels[0])))
        at += size if labels else 1
    return spans


def marking(sentences, nouns, pieces, random, plain=0.25):
    """Sentences to be written with some of their names or nouns marked: "mark city , animal : …", or without that, names alone."""
    rows, targets, skipped = [], [], []
    pool, case = None, casing(random)
    for sentence in sentences:
        words = sentence.words[:LONGEST]
        names = [span for span in sentence.spans if span[1] <= len(words)]
        part = random.random()
        if not names and part < 0.55 and random.random() < 0.6:
            part = 0.9
        doubtful = {start for start, _ in sentence.doubtful}
        if part < plain:
            asked, spans = {wide: wide for wide in WIDE}, names
        else:
            common = noun_spans(words, nouns) if part > 0.55 else []
            taken = {at for start, end, _ in names for at in range(start, end)}
            spans = names if part < 0.8 else []
            spans = spans + [span for span in common if not taken & set(range(span[0], span[1]))]
            asked = ask(sorted(spans), pool, random)
            pool = pool_of(spans, pool, random)
        chosen = {}
        for start, end, labels in spans:
            label = next((label for label in labels if label in asked), None)
            if label:
                chosen[start] = (end, asked[label])
        words = [case(word) for word in words]
        prefix = [] if part < plain else prompt(list(dict.fromkeys(asked.values())), random)
        # A doubtful name may be one of what is asked for; then whether a mark stands there teaches nothing.
        unsure = doubtful if part < max(plain, 0.8) else set()
        target, skips, at = [], set(), 0
        while at < len(words):
            if at in chosen:
                end, label = chosen[at]
                target += pieces.of("[") + pieces.all(words[at:end]) + pieces.all(["|", *label.split(), "]"])
                at = end
                continue
            if at in unsure:
                skips.add(len(target))
            target += pieces.of(words[at])
            at += 1
        rows.append(pieces.all([*prefix, *words]) + [EOS])
        targets.append(target + [EOS])
        skipped.append(skips)
    return written(rows, targets, random, pieces, skipped)


def prompt(labels, random):
    """The words that ask for labels."""
    random.shuffle(labels)
    return ["mark", *" , ".join(labels).split(), ":"]


def ask(spans, pool, random):
    """Labels to ask for, with the words they are asked by: some of those of the sentence, and some of others."""
    present = list(dict.fromkeys(label for _, _, labels in spans for label in (labels[-1], labels[0], random.choice(labels))))
    random.shuffle(present)
    labels = present[: random.randint(1, 5)]
    absent = [label for label in pool or WIDE if label not in present]
    labels += random.sample(absent, min(len(absent), sum(random.random() < ABSENT for _ in range(4))))
    return {label: random.choice(ALSO.get(label, (label,))) for label in labels or WIDE}


def pool_of(spans, pool, random):
    """Labels of other sentences of the batch, to be asked for in vain."""
    pool = list(dict.fromkeys((pool or list(WIDE)) + [random.choice(labels) for _, _, labels in spans]))
    return random.sample(pool, min(len(pool), 40))


def copying(sentences, pieces, random, rate=0.06):
    """Sentences to be written again, of which some pieces are hidden or others in the source."""
    rows, targets, case = [], [], casing(random)
    for sentence in sentences:
        target = pieces.all(map(case, sentence.words[:LONGEST]))
        source = [
            piece if random.random() > rate else pieces.extra(0) if random.random() < 0.5 else random.randrange(10, pieces.count)
            for piece in target
        ]
        rows.append(source + [EOS])
        targets.append(target + [EOS])
    return written(rows, targets, random, pieces)


def restoring(sentences, pieces, random, share=0.15, mean=3):
    """Span corruption: sources with gaps, targets that fill them."""
    rows, targets = [], []
    for sentence in sentences:
        whole = pieces.all(sentence.words)
        hidden, source, target, at, gap = max(1, round(share * len(whole))), [], [], 0, 0
        chance = hidden / mean / max(1, len(whole))
        while at < len(whole):
            if random.random() < chance * 1.2 and gap < EXTRA and hidden > 0:
                size = min(random.randint(1, 2 * mean - 1), hidden, len(whole) - at)
                source.append(pieces.extra(gap))
                target += [pieces.extra(gap), *whole[at : at + size]]
                at, gap, hidden = at + size, gap + 1, hidden - size
            else:
                source.append(whole[at])
                at += 1
        if gap:
            rows.append(source + [EOS])
            targets.append(target + [EOS])
    if not rows:
        return None
    target = padded(targets)
    return Batch(padded(rows), target=target, learned=target != PAD)


def written(rows, targets, random, pieces, skipped=None, others=512):
    """A batch whose softmax is over the pieces it has, the first gaps, which span corruption writes, and some others; places in
    `skipped` are read but not learned."""
    source, target = padded(rows), padded(targets)
    learned = target != PAD
    for at, places in enumerate(skipped or []):
        learned[at, list(places)] = False
    extra = torch.tensor([random.randrange(2, pieces.count) for _ in range(others)] + [pieces.extra(gap) for gap in range(GAPS)])
    legal = torch.unique(torch.cat([source.flatten(), target.flatten(), extra]))
    return Batch(source, target=target, learned=learned, legal=legal)
