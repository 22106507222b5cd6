/** Shares counted over simulated experiments, the tables that show them, and how far chance may move them. */

/** How often something happened in simulated experiments. */
export interface Share {
  readonly hits: number
  readonly n: number
  /** What `exp` promises about the true share, 0..1. Absent if it promises nothing. */
  readonly promise?: { readonly atMost: number } | { readonly atLeast: number }
}

export interface Row {
  readonly label: string
  /** One for each column; absent where the column does not apply. */
  readonly cells: readonly (Share | undefined)[]
}

export interface Table {
  readonly title: string
  /** What was simulated, and what the rows and columns mean. */
  readonly text: readonly string[]
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
}

/** The size of a simulation, and the seed that determines all of its random numbers. */
export interface Settings {
  readonly experiments: number
  readonly seed: number
}

/** Counts the experiments in which something happened. @param happens called with 0, 1, 2, … */
export function share(n: number, happens: (index: number) => boolean): Share {
  let hits = 0
  for (let index = 0; index < n; index++) if (happens(index)) hits += 1
  return { hits, n }
}

export function atMost(limit: number, counted: Share): Share {
  return { ...counted, promise: { atMost: limit } }
}

export function atLeast(limit: number, counted: Share): Share {
  return { ...counted, promise: { atLeast: limit } }
}

/** True unless chance alone would break the promise by this much only once in 10,000 tables' cells. */
export function isPlausible({ hits, n, promise }: Share): boolean {
  if (promise === undefined) return true
  const [count, limit] =
    'atMost' in promise ? [hits, promise.atMost] : [n - hits, 1 - promise.atLeast]
  return upperTail(count, n, limit) >= 1e-4
}

/** P(X >= `count`) for a binomial X of `n` trials with this probability. */
function upperTail(count: number, n: number, probability: number): number {
  const odds = Math.log(probability / (1 - probability))
  let [term, below] = [n * Math.log1p(-probability), 0]
  for (let k = 0; k < count; k++) {
    below += Math.exp(term)
    term += Math.log((n - k) / (k + 1)) + odds
  }
  return 1 - below
}

/** `4.2 %`; with `‼️` if chance does not explain that a promise is broken. */
function shareText(cell: Share | undefined): string {
  if (cell === undefined) return '—'
  const text = `${((cell.hits / cell.n) * 100).toFixed(1)} %`
  const { promise } = cell
  if (promise === undefined) return text
  const [sign, limit] = 'atMost' in promise ? ['≤', promise.atMost] : ['≥', promise.atLeast]
  return `${text} (${sign} ${(limit * 100).toFixed(0)} %)${isPlausible(cell) ? '' : ' ‼️'}`
}

export function tableText({ title, text, columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [
    `## ${title}`,
    ...text,
    [
      line(['', ...columns]),
      line(['-', ...columns.map(() => '-:')]),
      ...rows.map(({ label, cells }) => line([label, ...cells.map(shareText)])),
    ].join('\n'),
  ].join('\n\n')
}
