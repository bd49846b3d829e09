"""The SentencePiece tokenizer: learning it, and the pieces of words."""

import io
import random

import sentencepiece

from place import write_bytes

MARKS = ("[", "]", "|", "=")
PAD, EOS, UNKNOWN, EXTRA = 0, 1, 2, 100
# Words that the marking task says, which should be few pieces.
SAID = "mark person location organization miscellaneous country city company nationality event date : ,".split()
# Sentences that are drawn for learning.
SENTENCES = 250_000


def learn(state, sentences, lists, pieces, nouns):
    """Learns unigram pieces of the corpus, of names and of labels into `spiece.model`."""
    draw = random.Random(1)
    text = [" ".join(words) for words in sentences]
    draw.shuffle(text)
    text = text[:SENTENCES]
    names = list(lists.first) + list(lists.last)[:20_000] + lists.cities + lists.countries + lists.surnames
    names += [" ".join(labels) for labels in set(nouns.values())]
    draw.shuffle(names)
    text += [" ".join(names[at : at + 8]) for at in range(0, len(names), 8)] + [" ".join(SAID)] * 500
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(text), model_writer=model, model_type="unigram", vocab_size=pieces, pad_id=PAD, eos_id=EOS,
        unk_id=UNKNOWN, bos_id=-1, user_defined_symbols=["▁" + mark for mark in MARKS], character_coverage=0.9999,
        normalization_rule_name="nmt_nfkc", num_threads=1, max_sentence_length=2000, minloglevel=1,
    )  # fmt: skip
    write_bytes(state / "spiece.model", model.getvalue())
    print(f"{pieces} pieces learned on {len(text)} lines", flush=True)


class Pieces:
    """The pieces of words, each looked up once."""

    def __init__(self, path):
        self.model = sentencepiece.SentencePieceProcessor(model_file=str(path))
        self.count = self.model.get_piece_size()
        self.seen = {}

    def of(self, word):
        """The ids of a word with a space before it."""
        found = self.seen.get(word)
        if found is None:
            found = self.model.encode(word) or [UNKNOWN]
            if len(self.seen) < 600_000:
                self.seen[word] = found
        return found

    def all(self, words):
        """The ids of all words."""
        return [piece for word in words for piece in self.of(word)]

    def count_of(self, words):
        """How many pieces the words are."""
        return sum(len(self.of(word)) for word in words)

    def extra(self, number):
        """The id of `<extra_id_NUMBER>`."""
        return self.count + EXTRA - 1 - number

    def rows(self):
        """Rows of the embedding: pieces and extra ids, up to a multiple of 32."""
        return -(-(self.count + EXTRA) // 32) * 32
