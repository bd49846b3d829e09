"""Fine-tunes a model on 140 sentences of CoNLL-2003 by the built program, and prints F1 on testb.

    evaluate.py FISHDIP MODEL DATA [--seeds 1 2 3] [--methods full fish-dip] [--set KEY=VALUE]... [--runs DIR]

FISHDIP is the binary, MODEL a folder, DATA the folder of eng.train and eng.testb. Run folders that are there are not trained again.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "configs/conll03-1pct.toml"
# Keys of FISH-DIP, which are an error beside another method.
OWN = re.compile(r"^(keep|every|hard_samples|criterion) *=.*\n", re.MULTILINE)


def config(options, method):
    """The config's file: without what FISH-DIP alone has, for another method."""
    if method == "fish-dip":
        return CONFIG
    path = options.runs.resolve() / f"{method}.toml"
    path.write_text(OWN.sub("", CONFIG.read_text(encoding="utf-8")), encoding="utf-8")
    return path


def score(options, method, seed):
    """F1 of one run."""
    run = (options.runs / f"{method}-{seed}").resolve()
    done = run.with_suffix(".json")
    if not done.exists():
        values = {"model.path": options.model.resolve(), "data.dir": options.data.resolve(), "method.name": method, "training.seed": seed}
        command = [options.fishdip.resolve(), "train", "--config", config(options, method), "--run", run, "--json"]
        for key, value in values.items():
            command += ["--set", f"{key}={value}"]
        for pair in options.set:
            command += ["--set", pair]
        found = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        if found.returncode:
            sys.exit(f"{method}, seed {seed}: fishdip ended with {found.returncode}")
        done.write_text(found.stdout.splitlines()[-1], encoding="utf-8")
    result = json.loads(done.read_text(encoding="utf-8"))
    # Without `evaluation.before` there is none.
    before = (result["before"] or {"f1": float("nan")})["f1"]
    return before, result["after"]["f1"], result["seconds"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("fishdip", type=Path, metavar="FISHDIP")
    parser.add_argument("model", type=Path, metavar="MODEL")
    parser.add_argument("data", type=Path, metavar="DATA")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--methods", nargs="+", default=["full", "fish-dip"])
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="goes to fishdip")
    parser.add_argument("--runs", type=Path, default=Path("runs/pretrain"), help="where the run folders are kept")
    options = parser.parse_args()
    options.runs.mkdir(parents=True, exist_ok=True)
    for method in options.methods:
        rows = []
        for seed in options.seeds:
            rows.append(score(options, method, seed))
            print(f"{method} seed {seed}: F1 {rows[-1][0]:.3f} before, {rows[-1][1]:.3f} after, {rows[-1][2]:.0f} s", flush=True)
        print(f"{method}: F1 {statistics.mean(after for _, after, _ in rows):.3f}", flush=True)


if __name__ == "__main__":
    main()
