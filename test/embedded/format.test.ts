import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { integerRange } from '../../src/embedded/integer-range-grammar.ts'
import { grammarOfSchema } from '../../src/embedded/json-schema-grammar.ts'
import { engineForTests, generated, model, parseAs } from './running-engine.ts'

const running = engineForTests()

/** Answers of the model under a schema, one for each of many seeds. */
async function answersUnder(format: object): Promise<readonly unknown[]> {
  const ask = async (seed: number): Promise<unknown> => {
    const body = { model, prompt: `${String(seed)} x`, raw: true, stream: false, format }
    const { text, status } = await running().post('/api/generate', {
      ...body,
      options: { seed, num_predict: 600 },
    })
    expect({ status, text }).toMatchObject({ status: 200 })
    const { response, done_reason } = parseAs(generated, text)
    expect({ done_reason, response }).toMatchObject({ done_reason: 'stop' })
    return JSON.parse(response)
  }
  const answers: unknown[] = []
  for (let seed = 1; seed <= 6; seed++) answers.push(await ask(seed))
  return answers
}

describe('the format of a request', () => {
  it('makes the answer one JSON object if it is `json`', async () => {
    const { text } = await running().post('/api/generate', {
      model,
      prompt: 'x',
      stream: false,
      format: 'json',
      options: { temperature: 0, num_predict: 600 },
    })
    expect(JSON.parse(parseAs(generated, text).response)).toBeTypeOf('object')
  })

  const choice = z.enum(['引流', '广告', '正常'])
  const cases: readonly (readonly [string, z.ZodType])[] = [
    ['the object of an experiment', z.object({ score: z.int().min(0).max(100), category: choice })],
    [
      'optional members',
      z.strictObject({ a: z.boolean().optional(), b: z.null(), c: z.string().optional() }),
    ],
    [
      'only optional members',
      z.strictObject({ a: z.boolean().optional(), b: z.int().min(1).max(9).optional() }),
    ],
    ['lists of a length', z.array(z.int().min(-5).max(120)).min(2).max(4)],
    ['places in a list', z.tuple([z.boolean(), choice])],
    ['alternatives', z.union([z.literal('漫"画\\'), z.literal(7), z.object({ x: z.boolean() })])],
    ['texts of a length', z.string().min(3).max(5)],
    ['a table', z.record(z.string(), z.boolean())],
  ]
  it.each(cases)('enforces a schema with %s', async (_name, schema) => {
    for (const answer of await answersUnder(z.toJSONSchema(schema, { io: 'input' })))
      expect(schema.safeParse(answer).error).toBeUndefined()
  })

  it('enforces dates', async () => {
    const format = { type: 'string', format: 'date-time' }
    for (const answer of await answersUnder(format))
      expect(answer).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/)
  })

  it('enforces a recursive schema and a schema made by allOf', async () => {
    const format = {
      $defs: {
        node: {
          type: 'object',
          properties: { next: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/node' }] } },
          required: ['next'],
        },
      },
      allOf: [
        { $ref: '#/$defs/node' },
        { properties: { name: { const: 'x' } }, required: ['name'] },
      ],
      type: 'object',
    }
    const node: z.ZodType = z.object({ next: z.lazy(() => node.nullable()) })
    for (const answer of await answersUnder(format)) {
      expect(node.safeParse(answer).error).toBeUndefined()
      expect(answer).toMatchObject({ name: 'x' })
    }
  })

  it.each([
    [{ type: 'string', pattern: '^a$' }, 'pattern'],
    [{ $ref: '#/$defs/none' }, 'points to nothing'],
    [{ $ref: 'https://example.com' }, 'points outside the schema'],
    [{ type: 'integer', minimum: 5, maximum: 4 }, 'no whole number'],
    [{ type: 'object', properties: { x: 5 } }, 'is not a schema'],
  ])('refuses %j', (schema, why) => {
    expect(() => grammarOfSchema(schema)).toThrow(why)
  })
})

describe('integerRange', () => {
  /** The grammar uses only syntax that regular expressions share. */
  const matcher = (expression: string): RegExp =>
    new RegExp(`^(?:${expression.replaceAll(/[" ]/g, '')})$`)
  const end = fc.integer({ min: -12_000, max: 12_000 })

  it('matches the numbers of the range and no others', () => {
    fc.assert(
      fc.property(end, end, end, (one, other, number) => {
        const [least, most] = [Math.min(one, other), Math.max(one, other)]
        const range = matcher(integerRange(least, most) ?? 'never')
        expect(range.test(String(number))).toBe(least <= number && number <= most)
        for (const edge of [least, most]) expect(range.test(String(edge))).toBe(true)
        for (const outside of [least - 1, most + 1]) expect(range.test(String(outside))).toBe(false)
        expect(range.test(`0${String(Math.abs(number))}`)).toBe(false)
      }),
    )
  })

  it('allows one end of the range to be open', () => {
    fc.assert(
      fc.property(end, end, (limit, number) => {
        expect(matcher(integerRange(limit, undefined) ?? '').test(String(number))).toBe(
          number >= limit,
        )
        expect(matcher(integerRange(undefined, limit) ?? '').test(String(number))).toBe(
          number <= limit,
        )
      }),
    )
  })
})
