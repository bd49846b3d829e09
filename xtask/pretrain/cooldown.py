"""Makes a finished model of a state: some more steps, whose rate falls to nothing.

    cooldown.py OUT [--state DIR] [--from FILE] [--steps N]

OUT gets a Hugging Face folder. Stopped (SIGTERM, a file `stop` in OUT) and run again it goes on; the state it came from stays.
"""

import argparse
import time
from pathlib import Path

import torch

from export import export, said_of_texts
from place import folder
from train import LOG_STEPS, RATE, SAVE_SECONDS, Log, Training, arguments


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, metavar="OUT", help="folder of the model")
    arguments(parser)
    parser.add_argument("--from", dest="source", type=Path, metavar="FILE", help="the state; the newest of the shape unless told")
    parser.add_argument("--steps", type=int, default=2000)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    state = options.state or folder(None)
    # What is missing is told before the long part.
    said_of_texts(state)
    options.out.mkdir(parents=True, exist_ok=True)
    training = Training(state, options.shape, options.larger)
    source, own = options.source or state / f"{options.shape}.pt", options.out / "cooldown.pt"
    training.load(own if own.exists() else source)
    begin = options.out / "begin"
    if not begin.exists():
        begin.write_text(str(training.step), encoding="utf-8")
    first = int(begin.read_text(encoding="utf-8"))
    print(f"cooling from step {first}, now at {training.step}, to {first + options.steps}", flush=True)

    log, saved, stop = Log(), time.time(), options.out / "stop"
    while training.step < first + options.steps and not training.ended and not stop.exists():
        rate = RATE * max(0.01, 1 - (training.step - first) / options.steps)
        log.add(*training.once(rate))
        if training.step % LOG_STEPS == 0:
            log.line(training.step, rate)
        if time.time() - saved > SAVE_SECONDS:
            training.save(own)
            saved = time.time()
    training.save(own)
    if training.step < first + options.steps:
        print(f"saved at step {training.step}", flush=True)
        return
    export(training.student.t5, state, options.out, f"{first} steps at a flat rate and {options.steps} steps whose rate falls to nothing")
    for path in (own, own.with_name(own.name + ".before"), begin):
        path.unlink(missing_ok=True)
    print(f"wrote {options.out}", flush=True)


if __name__ == "__main__":
    main()
