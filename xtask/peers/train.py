"""The original training program in PyTorch, one measurement in a process of its own; prints one JSON line.

    train.py MODEL WHAT [KEY=VALUE]...

MODEL is a folder, made with random weights if it is absent (its name must end in t5-small or t5-base). WHAT is `model` (make it
and stop), `step` (dense gradients times a 0/1 mask, clipped, dense Adafactor), `full` (AdamW on everything), `lora` and `ia3` of Python PEFT, `prefix`
and `houlsby` of AdapterHub's `adapters` (AdamW on what they add alone) or `refresh` (losses of all candidates at twice the batch, one backward pass for
each of the hardest, squares, the k largest). Keys: batch, source, target, density, candidates, hard, repetitions, threads.
"""

import json
import os
import resource
import sys
import time

import torch
from transformers import Adafactor, T5Config, T5ForConditionalGeneration, logging

SIZES = {
    "t5-small": {"d_model": 512, "d_ff": 2048, "num_layers": 6, "num_heads": 8},
    "t5-base": {"d_model": 768, "d_ff": 3072, "num_layers": 12, "num_heads": 12},
}


def load(folder):
    if not os.path.exists(os.path.join(folder, "config.json")):
        torch.manual_seed(0)
        size = next(size for name, size in SIZES.items() if folder.rstrip("/").endswith(name))
        config = T5Config(vocab_size=32128, d_kv=64, decoder_start_token_id=0, **size)
        T5ForConditionalGeneration(config).save_pretrained(folder)
    return T5ForConditionalGeneration.from_pretrained(folder)


def random_batch(rows, source, target):
    ids = lambda length: torch.cat([torch.randint(2, 32000, (rows, length - 1)), torch.ones(rows, 1, dtype=torch.long)], 1)
    source = ids(source)
    return {"input_ids": source, "attention_mask": torch.ones_like(source), "labels": ids(target)}


def mask_by_fisher(model, candidates, keys):
    model.train()
    losses = []
    with torch.no_grad():
        for start in range(0, len(candidates["labels"]), 2 * keys["batch"]):
            part = {name: rows[start : start + 2 * keys["batch"]] for name, rows in candidates.items()}
            scores = model(**part).logits
            each = torch.nn.functional.cross_entropy(scores.flatten(0, 1), part["labels"].flatten(), reduction="none")
            losses.append(each.view(len(scores), -1).mean(1))
    hardest = torch.topk(torch.cat(losses), keys["hard"]).indices.tolist()
    fisher = {name: torch.zeros_like(weight) for name, weight in model.named_parameters()}
    for sample in hardest:
        model(**{name: rows[sample : sample + 1] for name, rows in candidates.items()}).loss.backward()
        for name, weight in model.named_parameters():
            fisher[name] += weight.grad.square()
        model.zero_grad()
    flat = torch.cat([squares.flatten() for squares in fisher.values()])
    chosen = torch.zeros_like(flat)
    chosen[torch.topk(flat, int(keys["density"] * len(flat))).indices] = 1
    masks, start = {}, 0
    for name, squares in fisher.items():
        masks[name] = chosen[start : start + squares.numel()].view_as(squares)
        start += squares.numel()
    return masks


def with_addition(model, what):
    """The model with what a method adds, the rest of it frozen; settings are fishdip's defaults, which are those of the libraries for T5."""
    if what in ("lora", "ia3"):
        from peft import IA3Config, LoraConfig, get_peft_model

        lora = dict(r=8, lora_alpha=8, lora_dropout=0.0, target_modules=["q", "v"])
        ia3 = dict(target_modules=["k", "v", "wo"], feedforward_modules=["wo"])
        config = LoraConfig(task_type="SEQ_2_SEQ_LM", **lora) if what == "lora" else IA3Config(task_type="SEQ_2_SEQ_LM", **ia3)
        return get_peft_model(model, config)
    import adapters

    prefix = dict(prefix_length=30, bottleneck_size=512, dropout=0.0)
    houlsby = dict(reduction_factor=16, non_linearity="swish", dropout=0.0)
    adapters.init(model)
    model.add_adapter("default", config=adapters.PrefixTuningConfig(**prefix) if what == "prefix" else adapters.DoubleSeqBnConfig(**houlsby))
    model.train_adapter("default")
    return model


def trained_of(model):
    return [weight for weight in model.parameters() if weight.requires_grad]


def steps(model, what, keys):
    """Yields after each step."""
    masks, trained = None, trained_of(model)
    if what == "step":
        density = keys["density"]
        masks = {name: (torch.rand_like(weight) < density).float() for name, weight in model.named_parameters()}
        optimizer = Adafactor(trained, lr=1e-2, scale_parameter=True, relative_step=False, warmup_init=False)
    else:
        optimizer = torch.optim.AdamW(trained, lr=1e-4, weight_decay=0.0)
    batch = random_batch(keys["batch"], keys["source"], keys["target"])
    model.train()
    while True:
        # The original's leaves the keys and values for decoding turned on, which training has no use for.
        model(**batch, use_cache=what == "step").loss.backward()
        if masks is not None:
            for name, weight in model.named_parameters():
                weight.grad *= masks[name]
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        yield


def main(folder, what, *pairs):
    keys = {"batch": 8, "source": 128, "target": 128, "density": 0.01, "candidates": 64, "hard": 8, "repetitions": 3, "threads": 2}
    for pair in pairs:
        key, value = pair.split("=")
        keys[key] = type(keys[key])(value)
    torch.set_num_threads(keys["threads"])
    logging.set_verbosity_error()
    model = load(folder)
    if what == "model":
        return
    torch.manual_seed(1)
    if what in ("lora", "ia3", "prefix", "houlsby"):
        model = with_addition(model, what)
    if what == "refresh":
        candidates = random_batch(keys["candidates"], keys["source"], keys["target"])
        work = iter(lambda: mask_by_fisher(model, candidates, keys) and None, 0)
    else:
        work = steps(model, what, keys)
    # The first one allocates what the others use again.
    seconds = []
    for repetition in range(keys["repetitions"] + (what != "refresh")):
        start = time.perf_counter()
        next(work)
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    entries = sum(weight.numel() for weight in trained_of(model))
    print(json.dumps({"what": what, "seconds": seconds[-keys["repetitions"] :], "peak_mib": peak, "entries": entries}))


main(*sys.argv[1:])
