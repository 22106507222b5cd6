import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { formatProblems } from '../../src/experiment/format-problem.ts'
import { parseExperiment } from '../../src/experiment/parse-experiment.ts'
import { problemCodes } from '../../src/experiment/problem.ts'

const folder = path.join(import.meta.dirname, '../invalid')
const cases = readdirSync(folder).sort()

function parseCase(name: string) {
  const file = readdirSync(path.join(folder, name)).find((entry) =>
    entry.endsWith('experiment.yaml'),
  )!
  return parseExperiment({
    file,
    text: readFileSync(path.join(folder, name, file), 'utf8'),
    readLog(relative) {
      const place = path.join(folder, name, relative)
      return existsSync(place) ? { file: relative, text: readFileSync(place, 'utf8') } : undefined
    },
    readImage(relative) {
      const place = path.join(folder, name, relative)
      return existsSync(place) ? { bytes: readFileSync(place) } : undefined
    },
    readDataset(relative) {
      const place = path.join(folder, name, relative)
      if (!existsSync(place)) return undefined
      if (statSync(place).isDirectory()) return { failure: 'it is a folder' }
      return { file: relative, text: readFileSync(place, 'utf8') }
    },
  })
}

describe('invalid experiments', () => {
  it.each(cases)('explains the problems of %s', async (name) => {
    const { experiment, problems, texts } = parseCase(name)
    const printed = formatProblems(problems, texts)
    await expect(printed).toMatchFileSnapshot(path.join(folder, name, 'expected.txt'))
    expect(experiment === undefined).toBe(problems.some(({ severity }) => severity === 'error'))
  })

  it('has a case for every problem code, and every problem has a hint', () => {
    const problems = cases.flatMap((name) => parseCase(name).problems)
    expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(problemCodes))
    expect(problems.filter(({ hint }) => hint === undefined)).toEqual([])
  })
})
