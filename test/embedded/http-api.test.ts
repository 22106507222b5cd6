import { request } from 'node:http'
import { z } from 'zod'
import { describe, expect, it } from 'vitest'
import {
  engineForTests,
  generated,
  lastLine,
  model,
  parseLines,
  parseAs,
  type Answer,
} from './running-engine.ts'

const running = engineForTests()
const messages = [{ role: 'user', content: 'hello' }]

describe('routes', () => {
  it.each([
    ['GET', '/', 200, 'Ollama is running'],
    ['HEAD', '/', 200, ''],
    ['HEAD', '/api/version', 200, ''],
    ['HEAD', '/api/tags', 200, ''],
    ['GET', '/api/nothing', 404, '404 page not found'],
    ['GET', '/constructor', 404, '404 page not found'],
    ['GET', '/api/chat', 405, '405 method not allowed'],
    ['POST', '/api/ps', 405, '405 method not allowed'],
  ])('%s %s is answered with %i', async (method, path, status, body) => {
    const response = await fetch(running().process.url + path, { method })
    expect(response.status).toBe(status)
    expect(await response.text()).toBe(body)
  })

  it("logs each request in the format of Ollama's web framework", async () => {
    await fetch(`${running().process.url}/api/version?x=1`)
    await expect
      .poll(() => running().lines.at(-1), { timeout: 30_000 })
      .toMatch(
        /^\[GIN\] \d{4}\/\d\d\/\d\d - \d\d:\d\d:\d\d \| 200 \| +[\d.]+(?:µs|ms) \| +127\.0\.0\.1 \| GET {6}"\/api\/version"$/,
      )
  })

  it('refuses web pages of other origins and foreign host names', async () => {
    expect((await ask({ origin: 'https://example.com' })).status).toBe(403)
    expect((await ask({ host: 'example.com' })).status).toBe(403)
    expect((await ask({ origin: 'http://localhost:3000' })).status).toBe(200)
    expect((await ask({ host: 'printer.local:11434' })).status).toBe(200)
  })
})

describe('errors', () => {
  it.each([
    ['an empty body', '/api/chat', '', 400, 'missing request body'],
    [
      'a body that is not JSON',
      '/api/generate',
      'x',
      400,
      "invalid character 'x' looking for beginning of value",
    ],
    ['an incomplete JSON body', '/api/generate', '{"model":', 400, 'unexpected EOF'],
    [
      'a wrong type',
      '/api/generate',
      { model: 5 },
      400,
      'json: cannot unmarshal number into Go struct field GenerateRequest.model of type string',
    ],
    ['an unknown model', '/api/generate', { model: 'nope' }, 404, "model 'nope' not found"],
    ['no model', '/api/chat', {}, 404, "model '' not found"],
    ['an unknown model to show', '/api/show', { model: 'nope' }, 404, "model 'nope' not found"],
    ['no model to show', '/api/show', {}, 400, 'model is required'],
    [
      'thinking',
      '/api/chat',
      { model, messages, think: true },
      400,
      `"${model}" does not support thinking`,
    ],
    [
      'thinking, somewhat',
      '/api/generate',
      { model, think: 'low' },
      400,
      `"${model}" does not support thinking`,
    ],
    [
      'tools',
      '/api/chat',
      { model, messages, tools: [{}] },
      400,
      `registry.ollama.ai/library/${model} does not support tools`,
    ],
    [
      'a suffix',
      '/api/generate',
      { model, prompt: 'x', suffix: 'y' },
      400,
      `registry.ollama.ai/library/${model} does not support insert`,
    ],
    [
      'raw with a system text',
      '/api/generate',
      { model, prompt: 'x', raw: true, system: 'y' },
      400,
      'raw mode does not support template, system, or context',
    ],
    [
      'too many logprobs',
      '/api/chat',
      { model, messages, top_logprobs: 21 },
      400,
      'top_logprobs must be between 0 and 20',
    ],
    [
      'an option of the wrong type',
      '/api/chat',
      { model, messages, options: { num_ctx: '4096' } },
      500,
      'option "num_ctx" must be of type integer',
    ],
    [
      'a stop that is not a list',
      '/api/chat',
      { model, messages, options: { stop: 'x' } },
      500,
      'option "stop" must be of type array',
    ],
    [
      'an unknown format',
      '/api/chat',
      { model, messages, format: 'xml' },
      500,
      String.raw`invalid format: "\"xml\""; expected "json" or a valid JSON Schema object`,
    ],
    [
      'an invalid schema',
      '/api/chat',
      { model, messages, format: { type: 'colour' } },
      400,
      'failed to initialize the grammar of the format: type "colour" is unknown',
    ],
    [
      'a schema that is too large',
      '/api/chat',
      { model, messages, format: { type: 'string', minLength: 1e6 } },
      400,
      'failed to parse grammar',
    ],
    [
      'a keep_alive that is not a duration',
      '/api/chat',
      { model, messages, keep_alive: 'long' },
      400,
      'time: invalid duration "long"',
    ],
  ])('%s', async (_case, route, body, status, error) => {
    const answer = await running().post(route, body)
    expect(answer.status).toBe(status)
    expect(JSON.parse(answer.text)).toEqual({ error })
  })
})

describe('answers', () => {
  it('streams lines by default, with the figures in the last one', async () => {
    const { text } = await running().post('/api/generate', {
      model,
      prompt: 'x',
      options: { num_predict: 4, temperature: 0 },
    })
    const lines = parseLines(text)
    expect(lines.slice(0, -1)).toEqual(
      lines.slice(0, -1).map(() => ({
        model,
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown,
        response: expect.any(String) as unknown,
        done: false,
      })),
    )
    const { total_duration, load_duration, prompt_eval_duration, eval_duration } = lastLine(text)
    expect(load_duration + prompt_eval_duration + eval_duration).toBeLessThanOrEqual(total_duration)
  })

  it('omits figures that are zero', async () => {
    const { text } = await running().post('/api/generate', {
      model,
      prompt: 'once',
      stream: false,
      options: { num_predict: 1 },
    })
    expect(JSON.parse(text)).not.toHaveProperty('eval_duration')
    expect(JSON.parse(text)).toMatchObject({ eval_count: 1, done_reason: 'length' })
  })

  it('repeats the model name as written, and finds it without a tag and ignoring case', async () => {
    const { text, status } = await running().post('/api/chat', {
      model: 'EXP-embedded',
      messages: [],
    })
    expect(status).toBe(200)
    expect(JSON.parse(text)).toMatchObject({ model: 'EXP-embedded', done_reason: 'load' })
  })

  it('returns the rendered prompt without generating', async () => {
    const { text } = await running().post('/api/chat', {
      model,
      messages: [{ role: 'System', content: 'be brief' }, ...messages],
      _debug_render_only: true,
    })
    expect(JSON.parse(text)).toMatchObject({
      _debug_info: {
        rendered_template:
          '<|im_start|>system\nbe brief<|im_end|>\n<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n',
      },
    })
  })

  it('gives the same answer for the same seed and another answer for another seed', async () => {
    const answerOf = async (seed: number): Promise<unknown> => {
      const { text } = await running().post('/api/chat', {
        model,
        messages,
        stream: false,
        options: { seed, num_predict: 16 },
      })
      return parseAs(z.object({ message: z.unknown() }), text).message
    }
    const [first, again, other] = [await answerOf(7), await answerOf(7), await answerOf(8)]
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
  })

  it('ends at a stop sequence and leaves it out of the answer', async () => {
    const ask = async (stop: string[]): Promise<z.infer<typeof generated>> => {
      const { text } = await running().post('/api/generate', {
        model,
        prompt: 'hello',
        raw: true,
        stream: false,
        options: { temperature: 0, num_predict: 20, stop },
      })
      return parseAs(generated, text)
    }
    const free = await ask([])
    const stop = free.response.slice(4, 6)
    expect(await ask([stop])).toMatchObject({
      response: free.response.slice(0, free.response.indexOf(stop)),
      done_reason: 'stop',
    })
  })

  it('logs a warning for unknown options only', async () => {
    await running().post('/api/chat', {
      model,
      messages,
      options: { mirostat: 1, num_predict: 1, typical_p: 1 },
    })
    const lines = await running().writtenLines()
    const warnings = lines.filter((line) => line.includes('invalid option provided'))
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toMatch(/level=WARN .*msg="invalid option provided" option=mirostat$/)
  })
})

/** Sends a request with headers that `fetch` forbids. */
function ask(headers: Readonly<Record<string, string>>): Promise<Answer> {
  const { hostname, port } = new URL(running().process.url)
  return new Promise((resolve, reject) => {
    const call = request({ hostname, port, path: '/api/version', headers }, (response) => {
      response.resume().on('end', () => resolve({ status: response.statusCode ?? 0, text: '' }))
    })
    call.on('error', reject).end()
  })
}
