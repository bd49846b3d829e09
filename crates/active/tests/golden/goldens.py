"""What other programs make of small inputs, for the tests of fishdip-active.

    python -m venv venv
    venv/bin/pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 small-text==1.4.1
    venv/bin/python goldens.py

writes goldens.json beside this file. Numbers are rounded so that float32 and JSON hold them alike.
"""

import itertools
import json
import pathlib
import platform

import numpy as np
import scipy
import sklearn
from scipy.spatial.distance import cdist
from scipy.stats import entropy
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import auc, cohen_kappa_score, pairwise_distances, pairwise_distances_argmin
import small_text
from small_text.query_strategies import BreakingTies, LeastConfidence, PredictionEntropy
from small_text.query_strategies.coresets import greedy_coreset
from small_text.stopping_criteria import KappaAverage, OverallUncertainty

rng = np.random.default_rng(20231206)


def f32(x, digits=3):
    return np.round(x, digits).astype(np.float32)


def listed(x):
    return [round(float(v), 6) for v in np.asarray(x).ravel()]


def distributions(*shape):
    """Probabilities in thousandths that add up to exactly 1 on paper."""
    p = np.floor(rng.dirichlet(np.full(shape[-1], 0.7), size=shape[:-1]) * 1000)
    p[..., 0] += 1000 - p.sum(axis=-1)
    return (p / 1000).astype(np.float32)


def uncertainty():
    p = distributions(60, 4)

    class Classifier:
        def predict_proba(self, dataset):
            return dataset.astype(np.float64)

    def chosen(strategy):
        rows = np.arange(len(p))
        found = strategy.query(Classifier(), p, rows, np.array([], dtype=int), np.array([]), n=12)
        return sorted(int(row) for row in found)

    return {
        "classes": 4,
        "probabilities": listed(p),
        "n": 12,
        "entropy": chosen(PredictionEntropy()),
        "least-confident": chosen(LeastConfidence()),
        "margin": chosen(BreakingTies()),
        "overall_uncertainty": float(np.mean(entropy(p.astype(np.float64), axis=1)) / np.log(4)),
        "stops_below": [t for t in (0.2, 0.4, 0.6, 0.8, 0.95)
                        if OverallUncertainty(4, threshold=t).stop(proba=p, indices_stopping=np.arange(len(p)))],
    }


def dropout():
    p = distributions(7, 40, 3).astype(np.float64)
    total = entropy(p.mean(axis=0), axis=1)
    mean = entropy(p, axis=2).mean(axis=0)
    order = lambda score: [int(i) for i in np.argsort(-score, kind="stable")[:10]]
    return {
        "passes": 7,
        "classes": 3,
        "probabilities": listed(p),
        "n": 10,
        "mc-dropout": order(total),
        "mc-mean-entropy": order(mean),
        "bald": order(total - mean),
    }


def core_set():
    x = f32(rng.normal(size=(150, 12)) * rng.uniform(0.5, 2, size=(150, 1)))
    labelled, unlabelled = x[130:], x[:130]
    found = greedy_coreset(x, np.arange(130), np.arange(130, 150), 20, distance_metric="euclidean")
    # The same by scikit-learn's distances alone.
    nearest = pairwise_distances(unlabelled, labelled).min(axis=1)
    own = []
    for _ in range(20):
        own.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, pairwise_distances(unlabelled, unlabelled[own[-1:]])[:, 0])
    assert [int(i) for i in found] == own
    # Without labels: from the one nearest to the mean.
    start = [int(pairwise_distances_argmin(unlabelled.mean(axis=0, keepdims=True), unlabelled)[0])]
    nearest = pairwise_distances(unlabelled, unlabelled[start])[:, 0]
    while len(start) < 20:
        start.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, pairwise_distances(unlabelled, unlabelled[start[-1:]])[:, 0])
    distance = cdist(unlabelled.astype(np.float64), unlabelled.astype(np.float64)).mean(axis=1)
    return {
        "dimensions": 12,
        "vectors": listed(unlabelled),
        "labelled": listed(labelled),
        "n": 20,
        "core-set": own,
        "start": start,
        "representation-distance": [int(i) for i in np.argsort(-distance, kind="stable")[:20]],
    }


def dal():
    """The paper's loop with the whole pool looked at in every step, so that no draw is left in it."""
    x = f32(rng.normal(size=(110, 6)) + np.where(np.arange(110) % 3 == 0, 1.5, 0)[:, None])
    unlabelled, labelled = x[:90], x[90:]
    fit = lambda a, y: LogisticRegression(solver="lbfgs", max_iter=10_000, tol=1e-10).fit(a, y)
    rows, chosen = np.full(90, True), []
    model = fit(x, np.r_[np.ones(90), np.zeros(20)])
    coefficients = listed(np.r_[model.coef_[0], model.intercept_])
    while len(chosen) < 25:
        model = fit(x, np.r_[rows.astype(float), np.zeros(20)])
        scores = np.where(rows, model.decision_function(unlabelled), -np.inf)
        step = min(2, 25 - len(chosen))
        new = np.argsort(-scores, kind="stable")[:step]
        chosen += [int(i) for i in new]
        rows[new] = False
    return {"dimensions": 6, "vectors": listed(unlabelled), "labelled": listed(labelled), "n": 25,
            "coefficients": coefficients, "dal": chosen}


def k_means():
    x, _ = make_blobs(90, n_features=5, centers=9, cluster_std=0.4, center_box=(-30, 30), random_state=4)
    x = f32(x)
    fitted = KMeans(9, n_init=50, random_state=0).fit(x)
    return {"dimensions": 5, "vectors": listed(x), "n": 9,
            "k-means": sorted(int(i) for i in pairwise_distances_argmin(fitted.cluster_centers_, x))}


def badge():
    p, h = distributions(12, 3), f32(rng.normal(size=(12, 4)))
    error = p.astype(np.float64) - np.eye(3)[p.argmax(axis=1)]
    gradients = np.einsum("nc,nd->ncd", error, h.astype(np.float64)).reshape(12, -1)
    first = int(np.linalg.norm(gradients, axis=1).argmax())
    squares = np.square(gradients - gradients[first]).sum(axis=1)
    return {"classes": 3, "dimensions": 4, "probabilities": listed(p), "vectors": listed(h),
            "first": first, "second": listed(squares / squares.sum())}


def kappa():
    rounds = [rng.integers(0, 3, 50)]
    for changed in (20, 10, 5, 3, 1, 0, 1, 0):
        following = rounds[-1].copy()
        following[rng.choice(50, changed, replace=False)] = rng.integers(0, 3, changed)
        rounds.append(following)
    criterion = KappaAverage(3, window_size=3, kappa=0.97)
    return {"rounds": [[int(v) for v in r] for r in rounds],
            "kappas": [float(cohen_kappa_score(a, b)) for a, b in itertools.pairwise(rounds)],
            "stops": [bool(criterion.stop(predictions=r)) for r in rounds]}


def curves():
    labels, scores = [100, 150, 200, 300, 500], [0.42, 0.51, 0.49, 0.66, 0.71]
    strategy, random = np.array([0.71, 0.68, 0.74, 0.70, 0.69]), np.array([0.66, 0.67, 0.69, 0.68, 0.66])
    # All 5^5 samples with replacement of the five paired differences.
    means = [np.mean(s) for s in itertools.product(strategy - random, repeat=5)]
    return {"labels": labels, "scores": scores, "area": float(auc(labels, scores) / 400),
            "strategy": listed(strategy), "random": listed(random),
            "mean": float(np.mean(strategy - random)), "deviation": float(np.std(strategy - random, ddof=1)),
            "interval": [float(v) for v in np.percentile(means, [2.5, 97.5])]}


def dynamics():
    p = np.round(rng.uniform(0.05, 0.95, size=(6, 30)), 3)
    right = rng.uniform(size=(6, 30)) < p
    right[:, 0], right[:, 1] = False, True
    events = []
    for bits in right.T:
        count, learnt = 0, False
        for bit in bits:
            if learnt and not bit:
                count += 1
            learnt = bool(bit)
        events.append(count if bits.any() else 1000)
    classes = rng.integers(0, 3, 30)
    share = np.bincount(classes)[classes] / 30
    return {"probabilities": p.tolist(), "right": right.tolist(), "events": events,
            "confidence": p.mean(axis=0).tolist(), "variability": p.std(axis=0).tolist(),
            "correctness": right.sum(axis=0).tolist(), "classes": classes.tolist(),
            "pvi": (np.log2(p[-1]) - np.log2(share)).tolist()}


def cka():
    """By n x n matrices, as in the paper's code."""
    x = f32(rng.normal(size=(25, 6)) + 3)
    y = f32(x[:, :4] @ rng.normal(size=(4, 5)) + 0.5 * rng.normal(size=(25, 5)))
    h = np.eye(25) - np.ones((25, 25)) / 25

    def gaussian(a):
        squares = cdist(a, a, "sqeuclidean")
        return np.exp(-0.5 * squares / np.median(squares[squares != 0]))

    def similarity(kernel):
        a, b = (h @ kernel(m.astype(np.float64)) @ h for m in (x, y))
        return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum()))

    return {"rows": 25, "x": listed(x), "y": listed(y),
            "linear": similarity(lambda a: a @ a.T), "rbf": similarity(gaussian)}


def smoothness():
    """Wavelets of scikit-learn's trees, with the corrections that the crate's documentation tells of."""
    trees, depth = 2, 4
    # Between equally good cuts scikit-learn draws. These are the first numbers for which there are none.
    for attempt in itertools.count():
        draw = np.random.default_rng(attempt)
        x = f32(draw.normal(size=(200, 7)))
        classes = (x[:, 0] + 0.5 * x[:, 1] ** 2 + 0.6 * draw.normal(size=200) > 0.4).astype(int) + (x[:, 2] > 1)
        scaled = x.astype(np.float64)
        scaled = ((scaled - scaled.min(axis=0)) / (scaled.max(axis=0) - scaled.min(axis=0))).astype(np.float32)
        y = np.eye(3)[classes]
        fit = lambda seed: RandomForestRegressor(
            trees, max_depth=depth, max_features=1.0, bootstrap=False, random_state=seed).fit(scaled, y)
        forest = fit(0)
        cuts = [tuple(tree.tree_.threshold) for seed in range(12) for tree in fit(seed).estimators_]
        if len(set(cuts)) == 1:
            break
    norms, values, paths = [], [], []
    for estimator in forest.estimators_:
        tree = estimator.tree_
        means = tree.value[:, :, 0]
        boxes, parents = {0: np.tile([0.0, 1.0], (7, 1))}, {0: np.zeros(3)}
        for node in range(tree.node_count):
            value = means[node] - parents[node]
            values.append(value)
            norms.append(np.linalg.norm(value) * np.sqrt(np.prod(boxes[node][:, 1] - boxes[node][:, 0])))
            for child, side in ((tree.children_left[node], 1), (tree.children_right[node], 0)):
                if child >= 0:
                    boxes[child], parents[child] = boxes[node].copy(), means[node]
                    boxes[child][tree.feature[node], side] = tree.threshold[node]
        paths.append(estimator.decision_path(scaled).toarray())
    norms, values, paths = np.array(norms), np.array(values), np.hstack(paths)
    order = np.argsort(-np.round(norms, 12), kind="stable")
    counts, errors = [], []
    for m in range(2, min(1000, len(norms) + 1), 10):
        prediction = paths[:, order[:m]] @ values[order[:m]] / trees
        error = np.square(y - prediction).sum() / len(y)
        assert error > 1e-6
        counts.append(m)
        errors.append(error)
    slope = np.polyfit(np.log(counts), np.log(errors), 1)[0]
    return {"dimensions": 7, "trees": trees, "depth": depth, "vectors": listed(x), "classes": [int(c) for c in classes],
            "errors": [float(e) for e in errors], "index": float(abs(slope))}


goldens = {
    "versions": {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__,
                 "scikit-learn": sklearn.__version__, "small-text": small_text.__version__},
    "uncertainty": uncertainty(), "dropout": dropout(), "core_set": core_set(), "dal": dal(),
    "k_means": k_means(), "badge": badge(), "kappa": kappa(), "curves": curves(), "dynamics": dynamics(),
    "cka": cka(), "smoothness": smoothness(),
}
path = pathlib.Path(__file__).with_name("goldens.json")
path.write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in goldens.items()) + "\n}\n")
