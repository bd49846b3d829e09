"""Checks the JSON that `train --json` printed: newcomer.py RESULT SECONDS"""

import json
import sys

path, seconds = sys.argv[1], int(sys.argv[2])
with open(path, encoding="utf-8") as file:
    lines = file.read().splitlines()
if not lines:
    sys.exit("newcomer: train printed nothing on standard output")
result = json.loads(lines[-1])
before, after = result["before"]["f1"], result["after"]["f1"]
print(f"newcomer: F1 {before:.3f} before, {after:.3f} after, {seconds} s")

faults = []
if not after >= 0.80:
    faults.append(f"F1 after training is {after:.3f}, which is below 0.80")
if not before < 0.05:
    faults.append(f"F1 before training is {before:.3f}, which is not below 0.05")
if not seconds < 300:
    faults.append(f"it took {seconds} s, which is not below 300")
if len(lines) != 1:
    faults.append(f"{len(lines)} lines on standard output instead of one")
sys.exit("\n".join(f"newcomer: {fault}" for fault in faults) or 0)
