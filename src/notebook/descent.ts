/** Which experiment followed from which, as a tree: each stands below the one whose cause it tests. */
import type { Overview } from './overview.ts'

export interface Descendant {
  readonly overview: Overview
  /** 0 for one that follows from none of the others. */
  readonly depth: number
}

/** In the order given, children after their parent. What follows from itself, over however many steps, is told once. */
export function byDescent(overviews: readonly Overview[]): readonly Descendant[] {
  const told = new Set<Overview>()
  const from = (overview: Overview, depth: number): readonly Descendant[] => {
    if (told.has(overview)) return []
    told.add(overview)
    const children = overviews.filter(({ follows }) => follows?.experiment === overview.id)
    return [{ overview, depth }, ...children.flatMap((child) => from(child, depth + 1))]
  }
  const ids = new Set(overviews.map(({ id }) => id))
  const roots = overviews.filter(
    ({ follows }) => follows === undefined || !ids.has(follows.experiment),
  )
  // Those that follow from each other in a circle have no root among them.
  return [...roots, ...overviews].flatMap((overview) => from(overview, 0))
}
