/** Checks that hold for all rules, so that a new one cannot forget a part. */
import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { causes, statementValues } from '../../src/diagnosis/rules.ts'
import { wordParameters } from '../../src/templates/words.generated.ts'

const filesIn = (folder: string, ending: string) =>
  readdirSync(folder)
    .map((file) => file.replace(ending, ''))
    .toSorted()

it('names the file of each rule after its cause', () => {
  expect(filesIn('src/diagnosis/rules', '.ts')).toEqual(causes.toSorted())
})

it('has a test for each rule', () => {
  expect(filesIn('test/diagnosis/rules', '.test.ts')).toEqual(causes.toSorted())
})

it('lists each cause once', () => {
  expect(new Set(causes).size).toBe(causes.length)
})

it('gives the word of each statement the values that it names', () => {
  const words: Readonly<Record<string, readonly string[]>> = wordParameters.causes
  const unknown = Object.entries(statementValues).flatMap(([code, values]) =>
    (words[`statement.${code}`] ?? ['missing word'])
      .filter((name) => !values.includes(name))
      .map((name) => `${code}: ${name}`),
  )
  expect(unknown).toEqual([])
})
