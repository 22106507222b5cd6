/** The Pareto front of points with a value and a cost. Pure. */

export interface FrontCandidate {
  /** More is better. */
  readonly value: number
  /** Less is better. */
  readonly cost: number
}

/**
 * The points that no other point beats, by ascending cost. A point beats another if it is better in value or cost, and
 * not worse in either.
 */
export function paretoFront<Point extends FrontCandidate>(
  points: readonly Point[],
): readonly Point[] {
  return points
    .filter((point) => !points.some((other) => beats(other, point)))
    .toSorted((one, other) => one.cost - other.cost)
}

function beats(one: FrontCandidate, other: FrontCandidate): boolean {
  return (
    one.value >= other.value &&
    one.cost <= other.cost &&
    (one.value > other.value || one.cost < other.cost)
  )
}
