"""Makes all that training reads: sentences with silver spans, the nouns in them, and the tokenizer.

    prepare.py --texts FILE... [--unseen FILE...] [--state DIR]

What `SOURCE.txt` says of the texts is written here: of each what lies beside it in FILE.source, its number of sentences and its hash.
"""

import argparse
import hashlib
import pickle
import random
from collections import Counter
from pathlib import Path

import finder
import gazetteer
import lines
import texts
import tokenizer
import unseen
from place import folder, write_bytes
from swap import Sentence, swapped
from wordnet import WordNet

# Sentences of one text, of which those of a small text are there up to four times, three with other names.
MOST, VARIANTS = 200_000, 4
GLOSSES, LINES = 50_000, 30_000


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", nargs="+", required=True, metavar="FILE", help="text, a sentence or paragraph a line; .gz or not")
    parser.add_argument("--unseen", nargs="+", default=[], metavar="FILE", help="files to be measured on: sentences that are in them are left out")
    parser.add_argument("--state", type=folder, help="where all is kept")
    parser.add_argument("--pieces", type=int, default=12_000, help="pieces of the tokenizer")
    options = parser.parse_args()
    state = options.state or folder(None)
    draw = random.Random(0)

    wordnet = WordNet()
    lists = gazetteer.load(wordnet)
    measured = unseen.runs(options.unseen)
    documents, told = [], []
    for path in map(Path, options.texts):
        found = list(texts.sentences(path))
        kept = [words for words in found if not unseen.is_in(words, measured)]
        told.append(source(path, len(kept)))
        draw.shuffle(kept)
        documents.append(kept)
        print(f"{path}: {len(kept)} sentences, {len(found) - len(kept)} left out", flush=True)
    if options.unseen:
        told.append(f"Left out: sentences with {unseen.RUN} words in a row that are in {', '.join(sorted(Path(f).name for f in options.unseen))}.")
    known = finder.Finder(lists, spelling(documents))
    maker = gazetteer.Maker(lists)

    corpus = []
    for found in documents:
        times = max(1, min(VARIANTS, MOST // max(1, len(found))))
        for words in found[: MOST // times]:
            shouted = sum(word.isupper() for word in words) > 0.5 * len(words)
            sentence = Sentence(words, [], [(0, len(words))]) if shouted else Sentence(words, *known.find(words))
            named = any(labels[-1] in ("person", "location", "organization", "miscellaneous") for _, _, labels in sentence.spans)
            if times == 1:
                corpus.append(swapped(sentence, maker, draw) if draw.random() < 0.6 else sentence)
                continue
            corpus.append(sentence)
            # Without names a second copy would be the first.
            for _ in range(times - 1 if named or sentence.doubtful else 0):
                corpus.append(swapped(sentence, maker, draw))
    glosses = [texts.words(f"{word} : {gloss}") for word, gloss in wordnet.glosses()]
    glosses = [words[: texts.LONGEST] for words in glosses if len(words) >= 6]
    corpus += [Sentence(words, *known.find(words)) for words in draw.sample(glosses, min(GLOSSES, len(glosses)))]
    corpus += [lines.line(maker, draw) for _ in range(LINES)]
    draw.shuffle(corpus)

    nouns = concepts(wordnet, corpus)
    write_bytes(state / "corpus.pkl", pickle.dumps([(s.words, s.spans, s.doubtful) for s in corpus], protocol=5))
    write_bytes(state / "nouns.pkl", pickle.dumps(nouns, protocol=5))
    write_bytes(state / "texts.txt", "".join(f"{line}\n" for line in told).encode())
    total = sum(len(sentence.words) for sentence in corpus)
    print(f"{len(corpus)} sentences, {total} words, {len(nouns)} nouns", flush=True)
    tokenizer.learn(state, (s.words for s in corpus), lists, options.pieces, nouns)


def source(path, count):
    """What is told of a text: where it comes from, as far as that lies beside it."""
    beside = path.with_name(path.name + ".source")
    origin = beside.read_text(encoding="utf-8").strip() if beside.exists() else "Of an origin that was not told."
    hashed = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"- {origin} {path.name}, {count} sentences, SHA-256 {hashed}."


def spelling(documents):
    """How often words are written in lower case, and how often with a capital behind another word."""
    lower, upper = Counter(), Counter()
    for found in documents:
        for words in found:
            for at, word in enumerate(words):
                if word.islower():
                    lower[word] += 1
                elif at and word[:1].isupper() and words[at - 1] not in '.?!:"':
                    upper[word] += 1
    return lower, upper


def concepts(wordnet, corpus):
    """The labels of each noun, and of each pair of words that is one, which the corpus has; in lower case."""
    found = {}
    for sentence in corpus:
        small = [word for word in sentence.words if word.islower() and word.isalpha()]
        for word in small:
            if word not in found:
                noun = wordnet.single(word)
                found[word] = tuple(wordnet.concepts(noun)) if noun and len(word) > 2 and wordnet.mostly_noun(noun) else ()
        for pair in zip(sentence.words, sentence.words[1:]):
            pair = " ".join(pair)
            if pair not in found and pair.islower() and pair.replace(" ", "").isalpha() and pair in wordnet.first:
                found[pair] = tuple(wordnet.concepts(pair)) if wordnet.mostly_noun(pair) else ()
    return {noun: labels for noun, labels in found.items() if labels}


if __name__ == "__main__":
    main()
