"""A tagger trained from scratch on a few sentences and scored on others, in a process of its own; prints one JSON line.

    tag.py PEER TRAIN EVAL [KEY=VALUE]...

PEER is `crf` (python-crfsuite: a linear chain over words, affixes and shapes of a window of five) or `spacy` (`spacy.blank` with `ner`, its usual
network, nothing pretrained). TRAIN and EVAL are files of columns (the word first, the tag last), folders of `seq.in` and `seq.out`, or SpERT's
JSON. The score is micro F1 of exact spans.

Keys: examples (of TRAIN, drawn as `data.order = "python"` draws them), seed, first (sentences of EVAL; 0: all).
"""

import json
import os
import random
import resource
import sys
import tempfile
import time


def read(path):
    """Pairs of words and IOB2 tags."""
    if os.path.isdir(path):
        opened = lambda name: open(os.path.join(path, name), encoding="utf-8")
        with opened("seq.in") as words, opened("seq.out") as tags:
            pairs = [(w.split(), t.split()) for w, t in zip(words, tags)]
        return [(words, iob2(tags)) for words, tags in pairs if words]
    with open(path, encoding="utf-8") as lines:
        text = lines.read()
    if path.endswith(".json"):
        return [(one["tokens"], tags_of(one)) for one in json.loads(text)]
    separator = "\t" if "\t" in text else None
    sentences, words, tags = [], [], []
    for line in text.split("\n") + [""]:
        cells = line.rstrip("\r").split(separator)
        if not line.strip() or line.startswith("-DOCSTART-"):
            if words:
                sentences.append((words, iob2(tags)))
            words, tags = [], []
        else:
            words.append(cells[0].strip())
            tags.append(cells[-1].strip())
    return sentences


def spans(tags):
    """Spans of IOB1 or IOB2 tags, as (start, end, label)."""
    found, start, label = [], None, None
    for place, tag in enumerate(tags + ["O"]):
        kind, _, name = tag.partition("-")
        if label is not None and (kind != "I" or name != label):
            found.append((start, place, label))
            label = None
        if label is None and kind in ("B", "I"):
            start, label = place, name
    return found


def iob2(tags):
    out = ["O"] * len(tags)
    for start, end, label in spans(tags):
        out[start:end] = ["B-" + label] + ["I-" + label] * (end - start - 1)
    return out


def tags_of(one):
    tags = ["O"] * len(one["tokens"])
    for entity in one["entities"]:
        first, end, label = entity["start"], entity["end"], entity["type"]
        tags[first:end] = ["B-" + label] + ["I-" + label] * (end - first - 1)
    return tags


def shape(word):
    kinds = ["X" if c.isupper() else "x" if c.islower() else "d" if c.isdigit() else c for c in word]
    return "".join(c for i, c in enumerate(kinds) if i < 2 or kinds[i - 1] != c or kinds[i - 2] != c)


def features(words):
    rows = []
    for place in range(len(words)):
        row = ["bias"]
        for offset in (-2, -1, 0, 1, 2):
            if not 0 <= place + offset < len(words):
                row.append(f"{offset}:end")
                continue
            word = words[place + offset]
            row += [f"{offset}:word={word.lower()}", f"{offset}:shape={shape(word)}"]
            if abs(offset) < 2:
                row += [f"{offset}:title={word.istitle()}", f"{offset}:upper={word.isupper()}"]
                row += [f"{offset}:suffix={word[-3:].lower()}"]
        word = words[place]
        row += [f"prefix={word[:n].lower()}" for n in range(1, 5)] + [f"suffix={word[-n:].lower()}" for n in range(1, 5)]
        row += [f"digit={any(c.isdigit() for c in word)}", f"hyphen={'-' in word}"]
        rows.append(row)
    return rows


def crf(train, keys):
    import pycrfsuite

    trainer = pycrfsuite.Trainer(verbose=False)
    for words, tags in train:
        trainer.append(features(words), tags)
    trainer.set_params({"c1": 0.05, "c2": 0.01, "max_iterations": 200, "feature.possible_transitions": True})
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "model")
        trainer.train(file)
        tagger = pycrfsuite.Tagger()
        tagger.open(file)
    return lambda sentences: [spans(tagger.tag(features(words))) for words in sentences]


def spacy_ner(train, keys):
    import spacy
    from spacy.tokens import Doc
    from spacy.training import Example
    from spacy.util import fix_random_seed, minibatch

    fix_random_seed(keys["seed"])
    nlp = spacy.blank("en")
    ner = nlp.add_pipe("ner")
    for label in sorted({label for _, tags in train for _, _, label in spans(tags)}):
        ner.add_label(label)
    doc = lambda words: Doc(nlp.vocab, words=words)
    examples = [Example(doc(words), Doc(nlp.vocab, words=words, ents=tags)) for words, tags in train]
    optimizer = nlp.initialize(lambda: examples)
    draw = random.Random(keys["seed"])
    updates = 0
    # As many as a small set of examples needs, and twenty epochs of a large one.
    while updates < max(800, 20 * len(examples) // 8):
        draw.shuffle(examples)
        for batch in minibatch(examples, size=8):
            nlp.update(batch, drop=0.2, sgd=optimizer)
            updates += 1

    def tag(sentences):
        docs = nlp.pipe([doc(words) for words in sentences], batch_size=256)
        return [[(span.start, span.end, span.label_) for span in found.ents] for found in docs]

    return tag


def main(peer, train, evaluated, *pairs):
    keys = {"examples": 140, "seed": 1, "first": 0}
    for pair in pairs:
        key, value = pair.split("=")
        keys[key] = type(keys[key])(value)
    start = time.perf_counter()
    pool = read(train)
    if keys["examples"] > len(pool):
        sys.exit(f"{train} holds {len(pool)} sentences, not {keys['examples']}")
    random.seed(keys["seed"])
    random.shuffle(pool)
    tag = {"crf": crf, "spacy": spacy_ner}[peer](pool[: keys["examples"]], keys)
    trained = time.perf_counter()
    gold = read(evaluated)
    gold = gold[: keys["first"]] if keys["first"] else gold
    found = tag([words for words, _ in gold])
    pairs = [(set(spans(tags)), set(own)) for (_, tags), own in zip(gold, found)]
    right, told, there = (sum(sizes) for sizes in zip(*((len(g & f), len(f), len(g)) for g, f in pairs)))
    f1 = 2 * right / (told + there) if told + there else 0.0
    seconds = time.perf_counter() - start
    print(json.dumps({
        "peer": peer, "pool": len(pool), "evaluated": len(gold), "score": {"f1": f1},
        "seconds": [seconds], "training_seconds": trained - start,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }))


main(*sys.argv[1:])
