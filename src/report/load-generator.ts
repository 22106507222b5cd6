/** Texts about servers on other machines than the load generator. */
import type { ConfigAnalysis } from '../analysis/analysis.ts'
import { fixed } from '../format/number.ts'
import type { Context } from './context.ts'

/** A text for each other machine with servers of the configs; empty if all servers ran beside the load generator. */
export function loadGeneratorTexts(
  measured: readonly ConfigAnalysis[],
  { words, labels }: Context,
): readonly string[] {
  const hosts = measured.flatMap(({ trials }) =>
    trials.flatMap(({ header }) => header.serverHost ?? []),
  )
  const machines = new Map(hosts.map(({ name, via }) => [`${via} ${name}`, { name, via }]))
  return [...machines.values()].map(({ name, via }) => {
    const there = measured.flatMap(({ config, trials }) => {
      const onMachine = trials.filter(
        ({ header: { serverHost: host } }) => host?.name === name && host.via === via,
      )
      return onMachine.length === 0 ? [] : [{ config, trials: onMachine }]
    })
    const times = there.flatMap(({ trials }) =>
      trials.flatMap(({ evidence }) =>
        evidence.flatMap(({ facts: { roundTripMs: time } }) =>
          typeof time === 'number' ? [time] : [],
        ),
      ),
    )
    return words.text(`elsewhere.${via}`, {
      machine: name,
      configs: there.map(({ config }) => labels.full(config.key)).join(words.text('join.list')),
      roundTrip:
        times.length === 0
          ? ''
          : words.text('elsewhere.roundTrip', {
              low: fixed(Math.min(...times), 2),
              high: fixed(Math.max(...times), 2),
              trials: times.length,
            }),
    })
  })
}
