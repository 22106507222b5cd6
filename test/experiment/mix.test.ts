import { describe, expect, it } from 'vitest'
import { modelsOf, requestKindsOf } from '../../src/experiment/mix.ts'
import { experimentText, measured, parse, parsed } from './support.ts'

const load = 'prompt: "Judge {{text}}", options: {seed: 1}, load: {users: 3, duration: 30s}'

function mixed(mix: string, others: Readonly<Record<string, string>> = {}) {
  const text = experimentText({ workload: `workload: {mix: ${mix}, ${load}}`, ...others })
  return measured(parsed(text), 'plain')
}

describe('a mix', () => {
  it('gives each item the settings of the config, except for those that it sets itself', () => {
    const mix =
      '[{model: "b:1b", weight: 3}, {name: long, system: Explain., options: {num_predict: 99}}]'
    const kinds = requestKindsOf(mixed(mix))
    expect(kinds.map(({ item, weight }) => [item, weight])).toEqual([
      ['b:1b', 3],
      ['long', 1],
    ])
    const [short, long] = kinds.map((kind) => kind.config)
    expect(short?.model.name).toBe('b:1b')
    expect(short?.options).toEqual({ seed: 1 })
    expect(short?.workload.system).toBeUndefined()
    expect(long?.options).toEqual({ seed: 1, num_predict: 99 })
    expect(long?.workload).toMatchObject({ system: 'Explain.', prompt: 'Judge {{text}}' })
    expect(long?.workload.mix).toBeUndefined()
  })

  it('needs no model of the file if each item has one', () => {
    const models = modelsOf(mixed('[{model: "a:1b"}, {model: "b:1b"}]', { model: '' }))
    expect(models.map(({ name }) => name)).toEqual(['a:1b', 'b:1b'])
    const text = experimentText({
      workload: `workload: {mix: [{model: a}, {name: b}], ${load}}`,
      model: '',
    })
    expect(parse(text).problems.map(({ message }) => message)).toEqual(['`model` is missing'])
  })

  it('reads the datasets of its items', () => {
    const dataset = 'name: long texts\nsamples: [{id: x, text: long}, {id: y, text: longer}]'
    const { experiment } = parse(
      experimentText({
        workload: `workload: {mix: [{name: short}, {name: long, dataset: long.yaml}], ${load}}`,
      }),
      undefined,
      (path) => (path === 'long.yaml' ? { file: path, text: dataset } : undefined),
    )
    const kinds = experiment === undefined ? [] : requestKindsOf(measured(experiment, 'plain'))
    expect(kinds.map((kind) => kind.config.dataset.name)).toEqual(['comments', 'long texts'])
  })
})
