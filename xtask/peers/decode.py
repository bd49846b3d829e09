"""Greedy generation in PyTorch `transformers`, one measurement in a process of its own; prints one JSON line.

    decode.py MODEL greedy [KEY=VALUE]...          random sources; seconds a piece
    decode.py MODEL FILE [KEY=VALUE]...            the sources of a JSONL file, like lengths together; seconds a source

Keys: batch, source, target (pieces), repetitions, threads, limit (the most pieces of an output for a FILE).
"""

import json
import resource
import sys
import time

import torch
from transformers import AutoTokenizer, T5ForConditionalGeneration, logging


def greedy(model, keys):
    """Seconds a piece, the first repetition left out: it allocates what the others use again."""
    shape = (keys["batch"], keys["source"] - 1)
    ids = torch.cat([torch.randint(2, model.config.vocab_size, shape), torch.ones(keys["batch"], 1, dtype=torch.long)], 1)
    inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    seconds = []
    for _ in range(keys["repetitions"] + 1):
        start = time.perf_counter()
        out = model.generate(**inputs, do_sample=False, num_beams=1, max_new_tokens=keys["target"])
        seconds.append((time.perf_counter() - start) / ((out.shape[1] - 1) * keys["batch"]))
    return seconds[1:]


def sources(model, folder, file, keys):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    with open(file) as lines:
        texts = [json.loads(line)["source"] for line in lines]
    seconds = []
    for _ in range(keys["repetitions"]):
        start = time.perf_counter()
        rows = sorted(tokenizer(texts)["input_ids"], key=len)
        for first in range(0, len(rows), keys["batch"]):
            inputs = tokenizer.pad({"input_ids": rows[first : first + keys["batch"]]}, return_tensors="pt")
            out = model.generate(**inputs, do_sample=False, num_beams=1, max_new_tokens=keys["limit"])
            tokenizer.batch_decode(out, skip_special_tokens=True)
        seconds.append((time.perf_counter() - start) / len(texts))
    return seconds


def main(folder, what, *pairs):
    keys = {"batch": 8, "source": 128, "target": 64, "repetitions": 3, "threads": 2, "limit": 256}
    for pair in pairs:
        key, value = pair.split("=")
        keys[key] = int(value)
    torch.set_num_threads(keys["threads"])
    logging.set_verbosity_error()
    torch.manual_seed(1)
    model = T5ForConditionalGeneration.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.inference_mode():
        seconds = greedy(model, keys) if what == "greedy" else sources(model, folder, what, keys)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"what": what, "seconds": seconds, "peak_mib": peak}))


main(*sys.argv[1:])
