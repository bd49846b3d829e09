"""Which sentences are in files that a model will be measured on."""

import json
import re

# So many words in a row do not come together by chance.
RUN = 9
TAG = re.compile(r"O|[BIESUL]-\S+")


def runs(paths):
    """The runs of words in some files: columns with a tag behind each word, JSON, or plain text."""
    found = set()
    for path in paths:
        with open(path, encoding="utf-8", errors="replace") as file:
            words = [word for line in file for word in plain(" ".join(said(line)))]
        found.update(tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1))
    return found


def is_in(sentence, measured):
    """Whether a run of the words of a sentence is among those that `runs` found; of a short sentence it cannot be told."""
    words = plain(" ".join(sentence))
    return any(tuple(words[at : at + RUN]) in measured for at in range(len(words) - RUN + 1))


def plain(text):
    """Words without case and punctuation."""
    return re.findall(r"[^\W_]+", text.lower())


def said(line):
    """The texts in a line, without what annotates them."""
    cells = line.split()
    if len(cells) > 1 and TAG.fullmatch(cells[-1]):
        return cells[:1]
    if line.lstrip()[:1] in "[{":
        try:
            return list(strings(json.loads(line)))
        except json.JSONDecodeError:
            pass
    return [line]


def strings(value):
    """The strings in a JSON value, in order; a key is none."""
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(part)
