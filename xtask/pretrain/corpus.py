"""The sentences that `prepare` wrote, and drawing batches of them by the number of a step."""

import pickle
import random
import sys

from swap import Sentence


class Corpus:
    """All sentences, their lengths in pieces, and the labels of nouns."""

    def __init__(self, state, pieces):
        path = state / "corpus.pkl"
        if not path.exists():
            raise SystemExit(f"{path} is missing: run prepare first")
        self.sentences = [
            Sentence([sys.intern(word) for word in words], spans, doubtful)
            for words, spans, doubtful in pickle.loads(path.read_bytes())
        ]
        self.nouns = pickle.loads((state / "nouns.pkl").read_bytes())
        self.lengths = [pieces.count_of(sentence.words) for sentence in self.sentences]

    def batch(self, draw, size, longest=90, named=0.0):
        """Numbers of sentences of like lengths, with about `size` pieces together where a sentence counts `longest` at most; of
        those without a name the share `named` is left out."""
        drawn = [draw.randrange(len(self.sentences)) for _ in range(384)]
        drawn = [at for at in drawn if self.sentences[at].spans or draw.random() >= named]
        drawn.sort(key=self.lengths.__getitem__)
        first = draw.randrange(len(drawn))
        chosen, most = [], 0
        for at in drawn[first:] + drawn[:first][::-1]:
            most = max(most, min(longest, self.lengths[at]))
            if chosen and most * (len(chosen) + 1) > size:
                break
            chosen.append(at)
        return chosen


def seeded(step, what):
    """The random numbers of a step: the same in every run, wherever it was stopped."""
    return random.Random(f"{what} {step}")
