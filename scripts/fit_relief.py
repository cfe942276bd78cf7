"""Fit the constants of the statistical relief to ten areas of real land.

    python -m scripts.fit_relief            writes tests/reference/masking_fits.csv; of "none" left out, it is LAW of geo/relief.py
    python -m tests.validation.relief       then writes how well it holds, and prints TENTH

Run it in the repository's root; it takes a quarter of an hour. The land and what is seen of it: `tests/reference/masking.py`.

What is fitted. σ = exp(a + b ln(S + 10 m) - c G) by its value at S = 140 m and G = 0, its exponent b and its c. The share of each area
that is seen over the relief, mean over places and seeds, is computed at 27 points about the best; the logarithm of its ratio to the
truth is made a quadratic of the three in between, for each area, rule of siting and height. The fit has the least mean square of these
logarithms, over areas, rules and heights. Once with all areas; once without each region, for what is said of areas it does not know.

The exponent is not let below 1, that of self-affine land, nor c above 0.9, twice that of the cells alone (see below): the best lies
there, with all areas and without each region, and ten areas are too few to go on.

What is not fitted: the noise (H = 0.6, 1/k₀ = 20 km), the 10 m. Beside the fit the script prints the regression of the measured
standard deviation within cells on S and G, which says how far b and c are those of the land itself.
"""

import csv
import itertools
import math
import time

import numpy as np

from closedsky.geo.relief import Law
from tests.reference.masking import FITS, REGIONS, Reals, areas, seen_over_relief, shape

SEEDS = range(1, 5)
MIDDLE_M = 150.0
"""S + 10 m at which σ is fitted."""
DESIGN = ((1.0, 1.15, 1.3), (0.3, 0.6, 0.9), tuple(math.log(sigma_m) for sigma_m in (95.0, 125.0, 165.0)))
STEPS = (13, 13, 23)


def law_of(b: float, c: float, log_sigma: float) -> Law:
    """The law with σ = exp(log_sigma) m at S + 10 m = 150 m and G = 0."""
    return Law(log_sigma - b * math.log(MIDDLE_M), b, c)


def errors(law: Law, seeds: range) -> Reals:
    """Logarithm of the share seen over relief to the truth: areas × rules of siting × heights."""
    found = [seen_over_relief(area, law, seeds).mean(axis=0) / area.truth for area in areas()]
    return np.log(np.array(found))


def quadratic(points: Reals) -> Reals:
    """Terms of a quadratic in three variables, at points (points, 3)."""
    centred = points - np.array([one[1] for one in DESIGN])
    pairs = [centred[:, i] * centred[:, j] for i in range(3) for j in range(i, 3)]
    return np.stack([np.ones(len(points)), *centred.T, *pairs], axis=1)


def surface() -> tuple[Reals, Reals]:
    """Points about the design, and the errors there by the quadratic: (points, 3), points × areas × rules × heights."""
    points = np.array(list(itertools.product(*DESIGN)))
    start, found = time.time(), []
    for point in points:
        found.append(errors(law_of(*point), SEEDS))
        print(f"  {len(found)} of {len(points)}, {time.time() - start:.0f} s", flush=True)
    values = np.array(found)
    terms, *_ = np.linalg.lstsq(quadratic(points), values.reshape(len(points), -1), rcond=None)
    off = quadratic(points) @ terms - values.reshape(len(points), -1)
    print(f"the quadratic is off by {off.std():.3f}")
    fine = np.array(list(itertools.product(*(np.linspace(one[0], one[-1], n) for one, n in zip(DESIGN, STEPS, strict=True)))))
    return fine, (quadratic(fine) @ terms).reshape(len(fine), *values.shape[1:])


def regression(left_out: str) -> Reals:
    """Of the logarithm of the measured standard deviation within cells on 1, ln(S + 10 m) and -G, all areas weighing the same."""
    rows, values = [], []
    for area in areas():
        if REGIONS[area.name] != left_out:
            spread, skewness = shape(area.coarse)
            land = area.within_m > 0.0
            terms = np.stack([np.ones(land.sum()), np.log(spread[land] + 10.0), -skewness[land]], axis=1)
            rows.append(terms / math.sqrt(land.sum()))
            values.append(np.log(area.within_m[land]) / math.sqrt(land.sum()))
    return np.asarray(np.linalg.lstsq(np.concatenate(rows), np.concatenate(values), rcond=None)[0])


def main() -> None:
    """Fit, with all areas and without each region, and write."""
    points, found = surface()
    laws = {}
    for region in ("none", *dict.fromkeys(REGIONS.values())):
        kept = [i for i, name in enumerate(REGIONS) if REGIONS[name] != region]
        best = points[np.argmin((found[:, kept] ** 2).mean(axis=(1, 2, 3)))]
        laws[region] = Law(*(round(float(figure), 3) for figure in law_of(*best)))
        print(f"left out: {region}. {laws[region]}; the cells alone:", np.round(regression(region), 2).tolist())
    with FITS.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["left_out", "a", "b", "c"])
        writer.writerows([region, *law] for region, law in laws.items())


if __name__ == "__main__":
    main()
