/** The race of a new experiment: the default settings of one server, and the settings that race against them. */
import { ExpError } from '../errors/exp-error.ts'
import { quoted } from '../errors/quote.ts'
import type { WrittenConfig, WrittenExperiment } from '../experiment/schema/written-experiment.ts'
import type { Choices, NewRace, Variation } from './choices.ts'

type WrittenTune = NonNullable<WrittenExperiment['tune']>

export interface NewTuning {
  readonly base: WrittenConfig
  readonly tune: Omit<WrittenTune, 'maximize'> & { readonly maximize: string }
}

/** The key of the config that has the default settings. */
export const defaultKey = 'default'

/** @throws ExpError `invalid-input` for choices that cannot race */
export function newTuning(choices: Choices, { maximize, budget, ignoreBelow }: NewRace): NewTuning {
  const { models, servers, variations, users, env } = choices
  const [server, ...otherServers] = servers
  if (server === undefined || otherServers.length > 0 || models.length !== 1 || users.length !== 1)
    throw new ExpError(
      'invalid-input',
      'a race finds the settings for one model on one server with one number of users',
      'Name one of each; `exp compare` compares several.',
    )
  const other = variations.find(({ kind }) => kind === 'version' || kind === 'load')
  if (other !== undefined)
    throw new ExpError(
      'invalid-input',
      `${quoted(other.setting)} cannot race: settings are variables of the server or request options`,
      `Compare it: \`exp compare MODEL --vary ${other.setting}=…\`.`,
    )
  const [variables, options] = [levels(variations, 'variable'), levels(variations, 'option')]
  return {
    base: server.apply(Object.keys(env).length === 0 ? {} : { env }),
    tune: {
      base: defaultKey,
      space: {
        ...(Object.keys(variables).length === 0 ? {} : { env: variables }),
        ...(Object.keys(options).length === 0 ? {} : { options }),
      },
      maximize,
      budget,
      ...(ignoreBelow === undefined ? {} : { ignoreBelow }),
    },
  }
}

function levels(variations: readonly Variation[], kind: Variation['kind']) {
  return Object.fromEntries(
    variations
      .filter((variation) => variation.kind === kind)
      .map(({ setting, written }) => [setting, [...written]]),
  )
}
