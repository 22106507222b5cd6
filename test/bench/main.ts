/**
 * `npm run bench [NAME…]` runs the named benches, or all of them. Each compares our code to a simpler program in the
 * same run, and prints the ratio with its aim. A missed aim is not a failure: people judge the numbers.
 */
import type { Figures } from './timing.ts'

type Aim =
  | { readonly atLeast: number }
  | { readonly atMost: number }
  | { readonly between: readonly [number, number] }

interface Line {
  readonly what: string
  readonly ratio: number
  readonly aim: Aim
  /** The figures behind the ratio. */
  readonly figures: string
}

const benches: Readonly<Record<string, () => Promise<readonly Line[]>>> = {
  load: async () => {
    const { name, run } = await import('./load.ts')
    return (await run()).flatMap(({ tokens, rates, toBare, toOfficial }) => {
      const each = Object.entries(rates).map(([who, rate]) => `${who} ${rate.toFixed(0)}`)
      const figures = `requests/s: ${each.join(', ')}`
      const what = `${name}, ${tokens === 1 ? '1 token' : `${tokens} tokens`} per stream`
      return [
        { what: `${what}: to a bare undici loop`, ratio: toBare, aim: { atLeast: 0.8 }, figures },
        {
          what: `${what}: to the official client`,
          ratio: toOfficial,
          aim: { atLeast: tokens === 1 ? 5 : 3 },
          figures,
        },
      ]
    })
  },
  timing: async () => {
    const { run, medianOf } = await import('./timing.ts')
    return (await run()).flatMap(({ streams, mode, figures }) => {
      if (mode === 'busy') return estimateLines(streams, figures.get('exp') ?? [], medianOf)
      const { bare = [], ...contenders } = Object.fromEntries(figures)
      return Object.entries(contenders).flatMap(([who, all]) =>
        (['meanMs', 'p99Ms', 'firstRoundP99Ms'] as const).map((error) => {
          const [own, least] = [medianOf(all, error), medianOf(bare, error)]
          const estimate =
            error === 'firstRoundP99Ms'
              ? ''
              : `; estimated ${medianOf(all, error === 'meanMs' ? 'estimatedMeanMs' : 'estimatedP99Ms').toFixed(2)} ms`
          const cpu = `CPU per token ${medianOf(all, 'cpuUs').toFixed(1)} µs, ${medianOf(bare, 'cpuUs').toFixed(1)} µs`
          return {
            what: `${streams} streams, ${mode}, ${error} of the error of ${who}: to 1.5 × bare reader + 0.3 ms`,
            ratio: own / (1.5 * least + 0.3),
            aim: { atMost: 1 },
            figures: `${own.toFixed(2)} ms, ${least.toFixed(2)} ms${estimate}; ${cpu}`,
          }
        }),
      )
    })
  },
  start: async () => {
    const { name, run } = await import('./start.ts')
    const { ratio, programMs, nodeMs } = await run()
    const figures = `${programMs.toFixed(0)} ms, ${nodeMs.toFixed(0)} ms`
    return [{ what: name, ratio, aim: { atMost: 1.5 }, figures }]
  },
  decode: async () => {
    const { name, run } = await import('./decode.ts')
    const { ratio, parseMs, decodeMs, peakMemoryBytes } = await run()
    const peak = `peak ${(peakMemoryBytes / 2 ** 20).toFixed(0)} MiB`
    const figures = `${decodeMs.toFixed(0)} ms, ${parseMs.toFixed(0)} ms, ${peak}`
    return [{ what: `${name}: to a loop of JSON.parse`, ratio, aim: { atMost: 2.5 }, figures }]
  },
  charts: async () => {
    const { run } = await import('./charts.ts')
    return (await run()).map(({ what, ratio, maxRatio, withMs, withoutMs }) => {
      const figures = `${withMs.toFixed(0)} ms, ${withoutMs.toFixed(0)} ms`
      return { what: `${what}: to the same without`, ratio, aim: { atMost: maxRatio }, figures }
    })
  },
  check: async () => {
    const { run } = await import('./check.ts')
    return (await run()).map(({ what, ratio, maxRatio, parseMs, notebookMs, peakMemoryBytes }) => {
      const peak = `peak ${(peakMemoryBytes / 2 ** 20).toFixed(0)} MiB`
      const figures = `${notebookMs.toFixed(0)} ms, ${parseMs.toFixed(0)} ms, ${peak}`
      return { what: `${what}: to a loop of JSON.parse`, ratio, aim: { atMost: maxRatio }, figures }
    })
  },
}

/**
 * On a busy machine: how near the estimates of the own errors are to the errors, and whether `clientBound` then warns.
 */
function estimateLines(
  streams: number,
  all: readonly Figures[],
  medianOf: (all: readonly Figures[], name: keyof Figures) => number,
): readonly Line[] {
  const figure = (name: keyof Figures) => medianOf(all, name)
  const what = `${streams} streams, spread, beside two busy processes`
  const near = (['mean', 'p99'] as const).map((statistic) => {
    const error = figure(`${statistic}Ms`)
    const estimate = figure(statistic === 'mean' ? 'estimatedMeanMs' : 'estimatedP99Ms')
    return {
      what: `${what}, ${statistic} of the error as estimated: to the true one`,
      ratio: estimate / error,
      aim: { between: [0.5, 2] as const },
      figures: `${estimate.toFixed(2)} ms, ${error.toFixed(2)} ms`,
    }
  })
  const limitMs = 0.05 * figure('firstTokenP99Ms')
  const errorMs = figure('estimatedFirstTokenP99Ms')
  return [
    ...near,
    {
      what: `${what}, P99 of the error of TTFT as estimated: to 5% of P99 TTFT, above which clientBound warns`,
      ratio: errorMs / limitMs,
      aim: { atLeast: 1 },
      figures: `${errorMs.toFixed(2)} ms, ${limitMs.toFixed(2)} ms`,
    },
  ]
}

const names = process.argv.slice(2)
for (const name of names.length > 0 ? names : Object.keys(benches)) {
  const bench = benches[name]
  if (bench === undefined) {
    console.error(`no bench \`${name}\`; choose from: ${Object.keys(benches).join(', ')}`)
    process.exitCode = 2
    continue
  }
  console.error(`running ${name} …`)
  for (const line of await bench()) print(line)
}

function judged(ratio: number, aim: Aim): { isMet: boolean; aimed: string } {
  if ('atLeast' in aim) return { isMet: ratio >= aim.atLeast, aimed: `at least ${aim.atLeast}` }
  if ('atMost' in aim) return { isMet: ratio <= aim.atMost, aimed: `at most ${aim.atMost}` }
  const [least, most] = aim.between
  return { isMet: ratio >= least && ratio <= most, aimed: `${least} to ${most}` }
}

function print({ what, ratio, aim, figures }: Line): void {
  const { isMet, aimed } = judged(ratio, aim)
  console.log(`${isMet ? 'met   ' : 'missed'} ${ratio.toFixed(2)} (aim: ${aimed})  ${what}`)
  console.log(`              ${figures}`)
}
