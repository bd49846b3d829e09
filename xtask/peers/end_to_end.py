"""The original training program in PyTorch from two column files to scores, in a process of its own; prints one JSON line.

    end_to_end.py MODEL TRAIN EVAL [KEY=VALUE]...

Sentences are written as TANL writes them (`[ Oslo | location ] is cold`). Every `every` steps the losses of all sentences are taken at twice the
batch, the `hard` largest are differentiated one by one, and the `density` share of the parameters with the largest summed squares makes a 0/1 mask;
a step multiplies dense gradients with it, clips them and is one of dense Adafactor, whose learning rate falls in a line to zero. Outputs are free
greedy ones, aligned with their sentence. Kinder than the original to its time: batches are padded to their longest sentence, not to the most pieces,
in training, and like lengths are decoded together. Names of labels are `LABEL=name`.

Keys: steps, batch, every, hard, density, seed, threads, pieces (the most of source and target).
"""

import difflib
import json
import random
import resource
import sys
import time

import torch
from transformers import Adafactor, AutoTokenizer, T5ForConditionalGeneration, logging


def read(path):
    """Words and spans (start, end, label) of a file of columns with IOB1 or IOB2 tags."""
    sentences, words, tags = [], [], []
    with open(path, encoding="utf-8") as lines:
        for line in [*lines, "\n"]:
            cells = line.split()
            if cells and cells[0] != "-DOCSTART-":
                words.append(cells[0])
                tags.append(cells[-1])
            elif words:
                sentences.append((words, spans(tags)))
                words, tags = [], []
    return sentences


def spans(tags):
    found, start, label = [], None, None
    for place, tag in enumerate(tags + ["O"]):
        kind, _, name = tag.partition("-")
        if label is not None and (kind != "I" or name != label):
            found.append((start, place, label))
            label = None
        if label is None and kind in ("B", "I"):
            start, label = place, name
    return found


def target(words, found, names):
    words = list(words)
    for start, end, label in found:
        words[start] = "[ " + words[start]
        words[end - 1] += f" | {names[label]} ]"
    return " ".join(words)


def decode(output, words, labels):
    """The spans of an output, at the words of the sentence that its words are aligned with."""
    plain, marked, begun = [], [], []
    parts = output.replace("[", " [ ").replace("]", " ] ").replace("|", " | ").split()
    place = 0
    while place < len(parts):
        if parts[place] == "[":
            begun.append(len(plain))
        elif parts[place] == "|" and begun:
            end = parts.index("]", place) if "]" in parts[place:] else len(parts)
            label = labels.get(" ".join(parts[place + 1 : end]))
            start = begun.pop()
            if label is not None and start < len(plain):
                marked.append((start, len(plain), label))
            place = end
        elif parts[place] != "]":
            plain.append(parts[place])
        place += 1
    at = {}
    for block in difflib.SequenceMatcher(a=plain, b=words, autojunk=False).get_matching_blocks():
        at.update({block.a + i: block.b + i for i in range(block.size)})
    found = set()
    for start, end, label in marked:
        places = [at[i] for i in range(start, end) if i in at]
        if places:
            found.add((min(places), max(places) + 1, label))
    return found


def choose(model, batches, singles, keys):
    """The mask of the next steps, a tensor of zeros and ones for each weight."""
    losses = []
    with torch.no_grad():
        for batch in batches:
            scores = model(**batch).logits
            each = torch.nn.functional.cross_entropy(scores.transpose(1, 2), batch["labels"], reduction="none")
            losses.append(each.sum(1) / (batch["labels"] != -100).sum(1))
    hardest = torch.topk(torch.cat(losses), keys["hard"]).indices.tolist()
    squares = {name: torch.zeros_like(weight) for name, weight in model.named_parameters()}
    for sample in hardest:
        model(**singles[sample]).loss.backward()
        for name, weight in model.named_parameters():
            squares[name] += weight.grad.square()
        model.zero_grad()
    flat = torch.cat([square.flatten() for square in squares.values()])
    chosen = torch.zeros_like(flat)
    chosen[torch.topk(flat, int(keys["density"] * len(flat))).indices] = 1
    parts = chosen.split([square.numel() for square in squares.values()])
    return {name: part.view_as(squares[name]) for name, part in zip(squares, parts)}


def main(folder, train, evaluated, *pairs):
    keys = {"steps": 400, "batch": 8, "every": 100, "hard": 3, "density": 0.01, "seed": 1, "threads": 2, "pieces": 256}
    names = {}
    for pair in pairs:
        key, value = pair.split("=", 1)
        if key in keys:
            keys[key] = type(keys[key])(value)
        else:
            names[key] = value
    start = time.perf_counter()
    torch.set_num_threads(keys["threads"])
    torch.manual_seed(keys["seed"])
    random.seed(keys["seed"])
    logging.set_verbosity_error()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = T5ForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
    sentences, gold = read(train), read(evaluated)
    texts = [(" ".join(words), target(words, found, names)) for words, found in sentences]

    def batch(rows):
        written = {"padding": True, "truncation": True, "max_length": keys["pieces"], "return_tensors": "pt"}
        source = tokenizer([texts[row][0] for row in rows], **written)
        labels = tokenizer([texts[row][1] for row in rows], **written)["input_ids"]
        labels = labels.masked_fill(labels == tokenizer.pad_token_id, -100)
        return {"input_ids": source["input_ids"], "attention_mask": source["attention_mask"], "labels": labels}

    rows = list(range(len(texts)))
    # Losses of rows of one length each, padded alike.
    longest = max(batch(rows)["labels"].shape[1], 1)
    pad = lambda one: {**one, "labels": torch.nn.functional.pad(one["labels"], (0, longest - one["labels"].shape[1]), value=-100)}
    wide = [pad(batch(rows[first : first + 2 * keys["batch"]])) for first in range(0, len(rows), 2 * keys["batch"])]
    singles = [batch([row]) for row in rows]
    optimizer = Adafactor(model.parameters(), lr=1e-2, scale_parameter=True, relative_step=False, warmup_init=False)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / keys["steps"])
    model.train()
    order, masks = [], None
    for step in range(keys["steps"]):
        if step % keys["every"] == 0:
            masks = choose(model, wide, singles, keys)
        if len(order) < keys["batch"]:
            order += random.sample(rows, len(rows))
        taken, order = order[: keys["batch"]], order[keys["batch"] :]
        model(**batch(taken)).loss.backward()
        for name, weight in model.named_parameters():
            weight.grad *= masks[name]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    trained = time.perf_counter()
    model.eval()
    labels = {name: label for label, name in names.items()}
    counts = [0, 0, 0]
    by_length = sorted(gold, key=lambda one: len(one[0]))
    with torch.inference_mode():
        for first in range(0, len(by_length), 64):
            part = by_length[first : first + 64]
            source = tokenizer([" ".join(words) for words, _ in part], padding=True, return_tensors="pt")
            out = model.generate(
                input_ids=source["input_ids"], attention_mask=source["attention_mask"], max_new_tokens=keys["pieces"],
                do_sample=False, num_beams=1,
            )
            for (words, there), text in zip(part, tokenizer.batch_decode(out, skip_special_tokens=True)):
                found, there = decode(text, words, labels), set(there)
                counts = [a + b for a, b in zip(counts, (len(found & there), len(found), len(there)))]
    right, told, there = counts
    f1 = 2 * right / (told + there) if told + there else 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": [seconds], "training_seconds": trained - start, "score": {"f1": f1}, "peak_mib": peak}))


main(*sys.argv[1:])
