/** The units of amounts: how people and tools spell them, and their factors to the units of metrics. */
import type { Unit } from '../../metrics/metric.ts'

/** For each unit, the normal forms that are converted to it, with their factors. */
const factors: Readonly<Record<Unit, Readonly<Record<string, number>>>> = {
  '1/s': {
    ...{ '/s': 1, '1/s': 1, 'req/s': 1, '/min': 1 / 60, 'req/min': 1 / 60, '/h': 1 / 3600 },
    ...{ 'req/h': 1 / 3600, 'kreq/s': 1000 },
  },
  'tokens/s': { 'token/s': 1, 'ktoken/s': 1000, 'token/min': 1 / 60 },
  ms: { ms: 1, s: 1000, min: 60_000, h: 3_600_000, us: 1e-3, ns: 1e-6 },
  'ms/token': {
    ...{ 'ms/token': 1, 's/token': 1000, 'us/token': 1e-3, 'ns/token': 1e-6 },
    // vLLM and GuideLLM print the time per token as a plain duration
    ...{ ms: 1, s: 1000, us: 1e-3, ns: 1e-6 },
  },
  tokens: { token: 1, '': 1 },
  '%': { '%': 1 },
  count: { '': 1, user: 1 },
  GB: {
    ...{ GB: 1, MB: 1e-3, kB: 1e-6, B: 1e-9, TB: 1000 },
    ...{ GiB: 2 ** 30 / 1e9, MiB: 2 ** 20 / 1e9, KiB: 2 ** 10 / 1e9, TiB: 2 ** 40 / 1e9 },
  },
  'J/token': { 'J/token': 1, 'mJ/token': 1e-3, 'kJ/token': 1000, 'Wh/token': 3600 },
}

/**
 * Other spellings of the words that units consist of, in lower case. ApacheBench prints `45.2 [#/sec] (mean)`: hence
 * `[#` and `sec]`. Kubernetes writes `Gi` for GiB.
 */
const spellings: Readonly<Record<string, readonly string[]>> = {
  ns: ['nsec', 'nanosecond', 'nanoseconds', '纳秒'],
  us: ['µs', 'μs', 'usec', 'microsecond', 'microseconds', '微秒'],
  ms: ['msec', 'msecs', 'millis', 'millisecond', 'milliseconds', '毫秒'],
  s: ['sec', 'secs', 'second', 'seconds', 'sec]', '秒', '秒钟'],
  min: ['m', 'mins', 'minute', 'minutes', '分', '分钟'],
  h: ['hr', 'hrs', 'hour', 'hours', '时', '小时'],
  token: ['t', 'tok', 'toks', 'tokens', 'token(s)', '词元'],
  ktoken: ['kt', 'ktok', 'ktokens'],
  req: ['r', 'reqs', 'request', 'requests', 'query', 'queries', '[#', '请求', '次'],
  kreq: ['k', 'kreqs', 'krequests'],
  'req/s': ['rps', 'qps'],
  'req/min': ['rpm'],
  'token/s': ['tps'],
  user: ['users', '用户', '个用户'],
  '%': ['percent'],
  pp: ['points', 'percentage points', '百分点', '个百分点'],
  x: ['×', 'times', '倍'],
  B: ['b', 'byte', 'bytes'],
  kB: ['kb', 'kbyte', 'kbytes', 'kilobyte', 'kilobytes'],
  MB: ['mb', 'mbyte', 'mbytes', 'megabyte', 'megabytes'],
  GB: ['gb', 'g', 'gbyte', 'gbytes', 'gigabyte', 'gigabytes'],
  TB: ['tb', 'terabyte', 'terabytes'],
  KiB: ['kib', 'ki', 'kibibyte', 'kibibytes'],
  MiB: ['mib', 'mi', 'mebibyte', 'mebibytes'],
  GiB: ['gib', 'gi', 'gibibyte', 'gibibytes'],
  TiB: ['tib', 'ti', 'tebibyte', 'tebibytes'],
  J: ['j', 'joule', 'joules'],
  mJ: ['mj', 'millijoule', 'millijoules'],
  kJ: ['kj', 'kilojoule', 'kilojoules'],
  Wh: ['wh', 'watt-hour', 'watt-hours'],
}

const synonyms: ReadonlyMap<string, string> = new Map(
  Object.entries(spellings).flatMap(([word, others]) =>
    others.map((other) => [other, word] as const),
  ),
)

/**
 * The normal form of a unit: `token/s` for `tokens per second`. An amount per request is the amount itself, because
 * figures are means over requests.
 */
export function normalUnit(written: string): string {
  const words = written
    .replace(/(?:^|\s+)per\s+|\s*每\s*/i, '/')
    .replace(/\s+\(mean\)$/i, '')
    .replace(/\/\s*output\s+(?=tok)/i, '/')
    .replaceAll(/\s*\/\s*|(?<=^k)\s+/gi, (joint) => joint.trim())
    .split('/')
    // `4 M` are millions, not minutes
    .map((word) => (word === 'M' ? word : word.toLowerCase()))
  return words
    .map((word) => synonyms.get(word) ?? word)
    .join('/')
    .replace(/(?<=.)\/req$/, '')
}

/** The factor from a unit in normal form to a metric's unit; undefined if the two measure different things. */
export function factorBetween(normal: string, unit: Unit): number | undefined {
  return Object.hasOwn(factors[unit], normal) ? factors[unit][normal] : undefined
}

/** The units, in normal form, in which an amount of a metric can be written. */
export function unitsFor(unit: Unit): readonly string[] {
  return Object.keys(factors[unit]).filter((each) => each !== '')
}

const durationUnits = ['h', 'min', 's', 'ms', 'us', 'ns'].map((unit) =>
  [unit, ...(spellings[unit] ?? [])].filter((word) => /^\p{L}+$/u.test(word)).join('|'),
)
/** Durations in several units, from the largest to the smallest: Go prints `1m32.5s` and `1h2m3s`. */
const durationForm = new RegExp(
  `^${durationUnits.map((words) => String.raw`(?:\d+(?:\.\d+)? ?(?:${words}))?`).join(' ?')}$`,
)
const durationParts = /(\d+(?:\.\d+)?) ?([^\d\s.]+)/g

/** In milliseconds; undefined if the text is not a duration in at least two units. */
export function severalUnits(written: string): number | undefined {
  const spaced = written.replaceAll(/\s+/g, ' ')
  if (!durationForm.test(spaced)) return undefined
  const parts = [...spaced.matchAll(durationParts)]
  if (parts.length < 2) return undefined
  const total = parts.reduce(
    (sum, [, amount, unit = '']) => sum + Number(amount) * (factors.ms[normalUnit(unit)] ?? NaN),
    0,
  )
  return withoutRoundingError(total)
}

/** Removes the binary rounding error of a product such as 45.4 * 1000. */
export function withoutRoundingError(value: number): number {
  return Number(value.toPrecision(15))
}
