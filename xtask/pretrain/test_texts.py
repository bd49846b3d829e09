"""Small tests of how texts are gathered, and which are left out.

    python -m unittest discover -s xtask/pretrain
"""

import gzip
import tempfile
import unittest
import zipfile
from pathlib import Path

import gather
import texts
import unseen


class Gathering(unittest.TestCase):
    def test_paragraphs_of_books_lose_their_marks(self):
        text = '"Yes--it _was_ he, and not\nthe **other** of the two," she [said](x.md) to him…'.replace('"', "“", 1)
        self.assertEqual(gather.unmarked(text), '"Yes--it was he, and not the other of the two," she said to him...')
        others = ("# The title of a book that is a long one, and of no use", "It is short.", "Dies ist ein Satz einer anderen Sprache, kein englischer.")
        self.assertEqual([gather.unmarked(other) for other in others], [None] * 3)

    def test_words_lose_their_tags(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.zip"
            with zipfile.ZipFile(path, "w") as file:
                file.writestr("a/categories.txt", "x_NN")
                file.writestr("a/b.txt", "So_IN I_PRP 've_VBP a_b_NN ._. \n\n \nYes_UH\n")
            self.assertEqual(list(gather.tagged(path)), ["So I 've a_b .", "Yes"])

    def test_the_same_texts_make_the_same_file(self):
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / name for name in ("a.gz", "b.gz")]
            for path in paths:
                gather.write(path, ["One line of it .", "Another , longer line ."], "From here")
            self.assertEqual(paths[0].read_bytes(), paths[1].read_bytes())
            self.assertEqual(gzip.decompress(paths[0].read_bytes()).decode().count("\n"), 2)
            self.assertEqual(Path(folder, "a.gz.source").read_text(encoding="utf-8"), "From here\n")


class Unseen(unittest.TestCase):
    def test_sentences_of_measured_files_are_known(self):
        words = "EU rejects German call to boycott British lamb , he said".split()
        with tempfile.TemporaryDirectory() as folder:
            columns, tokens = Path(folder) / "a.conll", Path(folder) / "b.jsonl"
            columns.write_text("".join(f"{word} NNP I-NP {'I-ORG' if word == 'EU' else 'O'}\n" for word in words), encoding="utf-8")
            tokens.write_text('{"tokens": ["a", "%s"], "label": "x"}\n' % '", "'.join(words), encoding="utf-8")
            for file in (columns, tokens):
                found = unseen.runs([file])
                self.assertTrue(unseen.is_in(["Today", *words], found), file)
                self.assertTrue(unseen.is_in([word.upper() for word in words], found), file)
                self.assertFalse(unseen.is_in(words[2:8], found), "too short to tell")
                self.assertFalse(unseen.is_in("EU rejects German call to keep British lamb , he said".split(), found), file)

    def test_words_are_those_of_the_sentences_read(self):
        self.assertEqual(unseen.plain(" ".join(texts.words("He said: \"Don't!\""))), ["he", "said", "do", "n", "t"])


if __name__ == "__main__":
    unittest.main()
