/** What the bench of timings prints of a row. */
import type { Line } from '../line.ts'
import type { TimingRow } from '../timing.ts'
import { medianOf, type Figures } from './figures.ts'

type All = readonly Figures[]

export function timingLines({ streams, mode, figures }: TimingRow): readonly Line[] {
  const row = `${streams} streams, ${mode === 'busy' ? 'spread, beside two busy processes' : mode}`
  const named = (name: string) =>
    [...figures].find(([contender]) => contender.name === name)?.[1] ?? []
  const own = named('exp')
  const contenders = [...figures].filter(([{ name }]) => name !== 'bare')
  const toBare = contenders
    .filter(([{ isPeer }]) => !isPeer)
    .flatMap(([{ name }, all]) => bareLines(row, name, all, named('bare')))
  const toPeers = contenders
    .filter(([{ isPeer }]) => isPeer)
    .map(([{ name }, all]) => peerLine(row, own, name, all))
  return [...(mode === 'busy' ? estimateLines(row, own) : toBare), ...toPeers]
}

function bareLines(row: string, who: string, all: All, bare: All): readonly Line[] {
  return (['meanMs', 'p99Ms', 'firstRoundP99Ms'] as const).map((error) => {
    const [own, least] = [medianOf(all, error), medianOf(bare, error)]
    const estimate =
      error === 'firstRoundP99Ms'
        ? ''
        : `; estimated ${medianOf(all, error === 'meanMs' ? 'estimatedMeanMs' : 'estimatedP99Ms').toFixed(2)} ms`
    const cpu = `CPU per token ${medianOf(all, 'cpuUs').toFixed(1)} µs, ${medianOf(bare, 'cpuUs').toFixed(1)} µs`
    return {
      what: `${row}, ${error} of the error of ${who}: to 1.5 × bare reader + 0.3 ms`,
      ratio: own / (1.5 * least + 0.3),
      aim: { atMost: 1 },
      figures: `${own.toFixed(2)} ms, ${least.toFixed(2)} ms${estimate}; ${cpu}`,
    }
  })
}

/** Both the mean and P99 of the error are to be below the peer's. */
function peerLine(row: string, own: All, who: string, peer: All): Line {
  const pairs = (['meanMs', 'p99Ms', 'firstRoundP99Ms'] as const).map((error) => ({
    error,
    ownMs: medianOf(own, error),
    peerMs: medianOf(peer, error),
  }))
  const compared = pairs.filter(({ error }) => error !== 'firstRoundP99Ms')
  return {
    what: `${row}, mean and P99 of the error of exp: to those of ${who}, the larger of the two ratios`,
    ratio: Math.max(...compared.map(({ ownMs, peerMs }) => ownMs / peerMs)),
    aim: { atMost: 1 },
    figures: pairs
      .map(({ error, ownMs, peerMs }) => `${error} ${ownMs.toFixed(2)} ms, ${peerMs.toFixed(2)} ms`)
      .join('; '),
  }
}

/**
 * On a busy machine: how near the estimates of the own errors are to the errors, and whether `clientBound` then warns.
 */
function estimateLines(row: string, all: All): readonly Line[] {
  const figure = (name: keyof Figures) => medianOf(all, name)
  const near = (['mean', 'p99'] as const).map((statistic) => {
    const error = figure(`${statistic}Ms`)
    const estimate = figure(statistic === 'mean' ? 'estimatedMeanMs' : 'estimatedP99Ms')
    return {
      what: `${row}, ${statistic} of the error as estimated: to the true one`,
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
      what: `${row}, P99 of the error of TTFT as estimated: to 5% of P99 TTFT, above which clientBound warns`,
      ratio: errorMs / limitMs,
      aim: { atLeast: 1 },
      figures: `${errorMs.toFixed(2)} ms, ${limitMs.toFixed(2)} ms`,
    },
  ]
}
