/**
 * `npm run bench [NAME…]` runs the named benches, or all of them. Each compares our code to a simpler program in the
 * same run, and prints the ratio with its aim. A missed aim is not a failure: people judge the numbers.
 */
import type { Aim, Line } from './line.ts'

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
    const { run } = await import('./timing.ts')
    const { timingLines } = await import('./timing/timing-lines.ts')
    return (await run()).flatMap(timingLines)
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
