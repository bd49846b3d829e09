"""Times greedy k-centre of scikit-learn and small-text on the numbers of core_set.rs.

    python -m venv venv
    venv/bin/pip install numpy==2.4.6 scikit-learn==1.9.1 small-text==1.4.1
    venv/bin/python core_set.py [spread|clusters]

Prints seconds and the first ten chosen, which must be those that the Rust benchmark prints. small-text computes all
distances anew for each choice, so it is timed for two choices, and the seconds for all follow from these, which
favours it, as each choice costs it more than the one before.
"""

import resource
import sys
import time

import numpy as np
from sklearn.metrics import pairwise_distances, pairwise_distances_argmin_min
from sklearn.metrics.pairwise import euclidean_distances
from small_text.query_strategies.coresets import greedy_coreset

ROWS, LABELLED, DIMENSIONS, CHOSEN = 100_000, 1000, 512, 100


def noise(rows):
    x = (rows[:, None] * DIMENSIONS + np.arange(DIMENSIONS)).astype(np.uint32) * np.uint32(0x9E3779B1)
    x = (x ^ (x >> 15)) * np.uint32(0x85EBCA6B)
    x = (x ^ (x >> 13)) * np.uint32(0xC2B2AE35)
    return ((x ^ (x >> 16)) >> 8).astype(np.float32) / np.float32(8388608) - np.float32(1)


def vectors(kind):
    rows = np.arange(ROWS + LABELLED)
    x = np.concatenate([noise(part) for part in np.array_split(rows, 50)])
    if kind == "clusters":
        x += noise(1_000_000 + np.arange(40))[rows % 40] * np.float32(10)
    return x


def loop(unlabelled, nearest, distance):
    chosen = []
    while len(chosen) < CHOSEN:
        chosen.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, distance(unlabelled[chosen[-1:]]))
    return chosen


def scikit_learn(x):
    """pairwise_distances_argmin_min, then pairwise_distances to each one chosen."""
    u, l = x[:ROWS], x[ROWS:]
    nearest = pairwise_distances_argmin_min(u, l)[1]
    return loop(u, nearest, lambda c: pairwise_distances(u, c)[:, 0])


def scikit_learn_with_norms(x):
    """The same by euclidean_distances, which is told the norms of the rows once, so that it need not find them."""
    u, l = x[:ROWS], x[ROWS:]
    norms = np.einsum("nd,nd->n", u, u)[:, None]
    nearest = pairwise_distances_argmin_min(u, l)[1]
    return loop(u, nearest, lambda c: euclidean_distances(u, c, X_norm_squared=norms)[:, 0])


def numpy_alone(x):
    """What a careful user writes: two matrix products and no function of scikit-learn."""
    u, l = x[:ROWS], x[ROWS:]
    norms = np.einsum("nd,nd->n", u, u)
    nearest = np.full(ROWS, np.inf, dtype=np.float32)
    labelled_norms = np.einsum("nd,nd->n", l, l)
    for start in range(0, ROWS, 4096):
        part = slice(start, start + 4096)
        squares = norms[part, None] + labelled_norms - 2 * (u[part] @ l.T)
        nearest[part] = squares.min(axis=1)
    return loop(u, nearest, lambda c: norms + np.vdot(c, c) - 2 * (u @ c[0]))


def main():
    kind = sys.argv[1] if len(sys.argv) > 1 else "spread"
    x = vectors(kind)
    for name, run in [("numpy", numpy_alone), ("scikit-learn", scikit_learn),
                      ("scikit-learn with norms", scikit_learn_with_norms)]:
        start, used = time.perf_counter(), time.process_time()
        chosen = run(x)
        seconds, used = time.perf_counter() - start, time.process_time() - used
        print(f"{kind}: {name}: {seconds:.2f} s, {used:.2f} s of processors, {chosen[:10]}", flush=True)
    start = time.perf_counter()
    chosen = greedy_coreset(x, np.arange(ROWS), np.arange(ROWS, ROWS + LABELLED), 2, distance_metric="euclidean")
    seconds = time.perf_counter() - start
    print(f"{kind}: small-text: {seconds:.2f} s for 2, so {seconds / 2 * CHOSEN:.0f} s for {CHOSEN}, {chosen}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


main()
