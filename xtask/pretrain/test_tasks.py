"""Small tests of what sentences become; none needs a model, WordNet or a package with lists.

    python -m unittest discover -s xtask/pretrain
"""

import random
import unittest

import tasks
import texts
from swap import Sentence, swapped

SENTENCE = Sentence("Mr. Ames flew to Oslo with two dogs .".split(), [(1, 2, ("person",)), (4, 5, ("city", "location"))], [])
NOUNS = {"dogs": ("animal", "mammal", "canine")}


class Letters:
    """Pieces that are letters: enough to see what is written."""

    count = 300

    def of(self, word):
        return [ord(letter) for letter in "_" + word]

    def all(self, words):
        return [piece for word in words for piece in self.of(word)]

    def extra(self, number):
        return 400 - number


class Maker:
    """Gives one name for each wide label."""

    def draw(self, _random, wide, _words):
        return {"person": (["Jo", "Poe"], ("person",)), "location": (["Rome"], ("city", "location"))}[wide]


def shown(row):
    """The text of a row of letters, without its end and its pads."""
    return "".join(chr(piece) for piece in row.tolist() if piece > 1).replace("_", " ").strip()


class Tasks(unittest.TestCase):
    def test_words_are_apart_as_in_corpora(self):
        self.assertEqual(texts.words("Mr. Ames, he said, didn't go."), "Mr. Ames , he said , did n't go .".split())
        self.assertEqual(texts.words("It cost $1,200.50."), "It cost $ 1,200.50 .".split())

    def test_a_name_gives_way_to_one_of_its_kind_and_the_spans_move(self):
        found = swapped(SENTENCE, Maker(), random.Random(0), rate=1)
        self.assertEqual(found.words, "Mr. Jo Poe flew to Rome with two dogs .".split())
        self.assertEqual(found.spans, [(1, 3, ("person",)), (5, 6, ("city", "location"))])

    def test_without_a_rate_nothing_changes(self):
        self.assertEqual(swapped(SENTENCE, Maker(), random.Random(0), rate=0), SENTENCE)

    def test_tags_are_those_of_spans_and_nouns(self):
        # person first, location first, and the class "animal" (the second) behind 0, eight of names and two of dates and numbers.
        self.assertEqual(tasks.word_tags(SENTENCE, NOUNS), [0, 1, 0, 0, 3, 0, 0, 12, 0])
        doubtful = Sentence(SENTENCE.words, [], [(1, 2)])
        self.assertEqual(tasks.word_tags(doubtful, {})[1], tasks.IGNORED)

    def test_what_is_marked_is_what_was_asked_for(self):
        marked = 0
        for seed in range(40):
            batch = tasks.marking([SENTENCE], NOUNS, Letters(), random.Random(seed))
            source, target = shown(batch.source[0]), shown(batch.target[0])
            plain = " ".join(word for word in target.split() if word not in "[]|")
            if source.startswith("mark "):
                asked = source.split(" : ")[0].removeprefix("mark ").split(" , ")
                for part in target.split(" [ ")[1:]:
                    label = part.split(" | ")[1].split(" ]")[0]
                    self.assertIn(label, asked)
                    marked += 1
            else:
                self.assertEqual(plain.lower(), "mr. ames person flew to oslo location with two dogs .")
        self.assertGreater(marked, 10)

    def test_a_doubtful_name_is_not_learned(self):
        sentence = Sentence("we saw Blorg there".split(), [(3, 4, ("time",))], [(2, 3)])
        for seed in range(30):
            batch = tasks.marking([sentence], {}, Letters(), random.Random(seed), plain=1.0)
            places = (~batch.learned[0] & (batch.target[0] != 0)).nonzero().flatten().tolist()
            self.assertEqual(places, [len(" we saw")])

    def test_the_softmax_has_what_is_written_and_the_gaps(self):
        batch = tasks.marking([SENTENCE], NOUNS, Letters(), random.Random(3))
        legal = set(batch.legal.tolist())
        self.assertLessEqual(set(batch.target.flatten().tolist()) | {Letters().extra(0)}, legal)
        self.assertEqual(batch.legal.tolist(), sorted(legal))

    def test_gaps_are_filled_by_the_target(self):
        for seed in range(20):
            batch = tasks.restoring([SENTENCE], Letters(), random.Random(seed))
            if batch is None:
                continue
            gaps, filled = {}, batch.target[0].tolist()[:-1]
            for piece in filled:
                if piece > 300:
                    gaps[piece] = current = []
                else:
                    current.append(piece)
            whole = [part for piece in batch.source[0].tolist()[:-1] for part in gaps.get(piece, [piece])]
            self.assertEqual(whole, Letters().all(SENTENCE.words))


if __name__ == "__main__":
    unittest.main()
