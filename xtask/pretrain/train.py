"""Trains the student at a flat rate for as long as it is left running, and saves its state every ten minutes.

    train.py [--state DIR] [--shape nano|large] [--steps N] [--threads N]

A file `stop` in the state's folder ends it after the step it is in. Run again it goes on where it was: what step N learns from
depends on N alone. `cooldown.py` makes a model of any state.
"""

import argparse
import os
import signal
import time
from collections import defaultdict

import torch

import tasks
from corpus import Corpus, seeded
from place import folder
from student import SHAPES, Student, describe, optimizer, set_rate
from teacher import SIZE, States
from tokenizer import Pieces

RATE, WARM_UP, CLIP = 8e-3, 500, 1.0
# Pieces of a batch that is read, and of the sentences of one that is written, and the share of those without a name left out there.
READ, WRITTEN, NAMED = 2200, 800, 0.6
# How much each loss counts, and how often each writing task is drawn.
TAGS, READING, WRITING = 0.25, 1.0, 1.0
TASKS = {"mark": 0.70, "restore": 0.18, "copy": 0.12}
SAVE_SECONDS, LOG_STEPS = 600, 50


class Training:
    """Everything that a step needs."""

    def __init__(self, state, shape, larger=1):
        self.state, self.shape, self.larger = state, shape, larger
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.pieces = Pieces(state / "spiece.model")
        self.corpus = Corpus(state, self.pieces)
        self.teacher = States(state, self.corpus)
        torch.manual_seed(0)
        self.student = Student(SHAPES[shape], self.pieces.rows(), SIZE)
        self.step = 0
        self.optimizer = None
        self.ended = False
        signal.signal(signal.SIGTERM, self.end)

    def end(self, *_):
        """Makes the step under way the last."""
        self.ended = True

    def begin(self):
        """Random weights, but for the embedding."""
        self.student.start_from(*self.teacher.embeddings(), self.pieces)
        self.student.to(self.device)
        self.optimizer = optimizer(self.student, RATE)

    def load(self, path):
        """The weights, moments and step of a state."""
        found = torch.load(path, map_location="cpu", weights_only=True)
        if found["shape"] != self.shape:
            raise SystemExit(f"{path} is of the shape {found['shape']}, not {self.shape}")
        self.student.load_state_dict(found["student"])
        self.student.to(self.device)
        self.optimizer = optimizer(self.student, RATE)
        self.optimizer.load_state_dict(found["optimizer"])
        self.step = found["step"]

    def save(self, path):
        """Writes the state under another name first, and keeps the one before."""
        new = path.with_name(path.name + ".new")
        content = {"step": self.step, "shape": self.shape, "student": self.student.state_dict(), "optimizer": self.optimizer.state_dict()}
        torch.save(content, new)
        if path.exists():
            os.replace(path, path.with_name(path.name + ".before"))
        os.replace(new, path)

    def once(self, rate):
        """A step: reading and one writing task. Gives the losses and how many pieces they took."""
        draw = seeded(self.step, "train")
        set_rate(self.optimizer.param_groups, rate)
        losses, count = {}, 0
        for _ in range(self.larger):
            numbers = self.corpus.batch(draw, READ)
            batch = tasks.reading([self.corpus.sentences[at] for at in numbers], self.corpus.nouns, self.pieces, draw)
            states = self.teacher.of(numbers)
            with self.autocast():
                losses["read"], losses["tag"] = self.student.reading_loss(self.moved(batch), states.to(self.device))
            ((READING * losses["read"] + TAGS * losses["tag"]) / self.larger).backward()
            count += batch.pieces()
            task = draw.choices(list(TASKS), TASKS.values())[0]
            batch = self.written(task, [self.corpus.sentences[at] for at in self.corpus.batch(draw, WRITTEN, 60, NAMED)], draw)
            if batch is not None:
                with self.autocast():
                    losses[task] = self.student.writing_loss(self.moved(batch))
                (WRITING * losses[task] / self.larger).backward()
                count += batch.pieces()
        torch.nn.utils.clip_grad_norm_(self.student.parameters(), CLIP)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        return {name: loss.item() for name, loss in losses.items()}, count

    def written(self, task, sentences, draw):
        """A batch of a writing task."""
        if task == "mark":
            return tasks.marking(sentences, self.corpus.nouns, self.pieces, draw)
        return (tasks.copying if task == "copy" else tasks.restoring)(sentences, self.pieces, draw)

    def autocast(self):
        """bf16 for the products."""
        return torch.autocast(self.device, dtype=torch.bfloat16)

    def moved(self, batch):
        """The batch on the device."""
        for name, value in vars(batch).items():
            if isinstance(value, torch.Tensor):
                setattr(batch, name, value.to(self.device))
        return batch

    def stopped(self):
        """Whether someone asked for an end, by a file or by SIGTERM."""
        return self.ended or (self.state / "stop").exists()


class Log:
    """Prints the mean losses since the last line, and the speed."""

    def __init__(self):
        self.sums, self.counts, self.pieces, self.since = defaultdict(float), defaultdict(int), 0, time.time()

    def add(self, losses, pieces):
        """Counts a step."""
        for name, loss in losses.items():
            self.sums[name] += loss
            self.counts[name] += 1
        self.pieces += pieces

    def line(self, step, rate):
        """One line; counting starts anew."""
        means = " ".join(f"{name} {self.sums[name] / self.counts[name]:.4f}" for name in sorted(self.sums))
        speed = self.pieces / (time.time() - self.since)
        print(f"{time.strftime('%H:%M:%S')} step {step} {means} rate {rate:.1e} {speed:.0f} pieces/s", flush=True)
        self.__init__()


def arguments(parser):
    """What every command that trains takes."""
    parser.add_argument("--state", type=folder, help="where all is kept")
    parser.add_argument("--shape", choices=sorted(SHAPES), default="nano")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--larger", type=int, default=1, help="this many batches a step")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments(parser)
    parser.add_argument("--steps", type=int, help="ends after this step")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    state = options.state or folder(None)
    training = Training(state, options.shape, options.larger)
    path = state / f"{options.shape}.pt"
    # A kill between the two names that a save gives leaves the one before alone.
    found = next((file for file in (path, path.with_name(path.name + ".before")) if file.exists()), None)
    if found:
        training.load(found)
    else:
        training.begin()
    print(f"{training.student.count()} parameters, {describe(SHAPES[options.shape])}, from step {training.step}", flush=True)
    log, saved = Log(), time.time()
    while not training.stopped() and training.step != options.steps:
        rate = RATE * min(1, (training.step + 1) / WARM_UP)
        log.add(*training.once(rate))
        if training.step % LOG_STEPS == 0:
            log.line(training.step, rate)
        if time.time() - saved > SAVE_SECONDS:
            training.save(path)
            saved = time.time()
    training.save(path)
    print(f"saved at step {training.step}", flush=True)


if __name__ == "__main__":
    main()
