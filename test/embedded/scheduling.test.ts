import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  endlessText,
  engineForTests,
  generated,
  lastLine,
  model,
  parseAs,
  refused,
  textOf,
  until,
  type FinalLine,
  type RunningEngine,
} from './running-engine.ts'

const one = engineForTests({ OLLAMA_NUM_PARALLEL: '1', OLLAMA_MAX_QUEUE: '2' })
const four = engineForTests({ OLLAMA_NUM_PARALLEL: '4', OLLAMA_NUM_THREADS: '8' })

async function generate(
  engine: RunningEngine,
  prompt: string,
  options: Readonly<Record<string, unknown>> = {},
  more: Readonly<Record<string, unknown>> = {},
): Promise<FinalLine> {
  const body = { model, prompt, options: { temperature: 0, num_predict: 24, ...options }, ...more }
  const { status, text } = await engine.post('/api/generate', body)
  expect({ status, text }).toMatchObject({ status: 200 })
  return lastLine(text)
}

/** Nanoseconds of the total that no part accounts for, mainly the wait for a slot. */
const unaccountedNs = (line: FinalLine): number =>
  line.total_duration - line.load_duration - line.prompt_eval_duration - line.eval_duration

/** A stall of the machine can distort one measurement, so these tests may be repeated. */
const retryOnStall = { retry: 5 }

/** Options for an answer that takes long enough to observe waiting. */
const long = { format: textOf(60), options: { temperature: 0 } }

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Log lines that report a load. */
const loadLines = async (engine: RunningEngine): Promise<readonly string[]> =>
  (await engine.writtenLines()).filter((line) => line.includes('msg="starting llama-server"'))

/** Counts generate requests that ended because their connection was closed. */
const countCancelled = (engine: RunningEngine): number =>
  engine.lines.filter((line) => /\| 499 \|.*generate/.test(line)).length

/** Counts finished answers. */
const countFinished = (lines: readonly string[]): number =>
  lines.filter((line) => line.startsWith('slot release: ')).length

/** Starts a streaming request; resolves when the answer has begun. */
const stream = (body: object, signal = new AbortController().signal): Promise<Response> =>
  fetch(`${one().process.url}/api/generate`, {
    method: 'POST',
    body: JSON.stringify(body),
    signal,
  })

/** A prompt with a prefix that no other test uses. */
const uniquePrompt = (name: string): string => `${name} ${String(Math.random())} `

describe('slots', () => {
  it(
    'lets a request wait while all slots are busy; only the total includes the wait',
    retryOnStall,
    async () => {
      await generate(one(), uniquePrompt('warm-up'))
      const lines = await Promise.all(
        ['a', 'b', 'c'].map((name) => generate(one(), uniquePrompt(name), {}, long)),
      )
      const waits = lines.map(unaccountedNs).sort((left, right) => left - right)
      const service = Math.min(
        ...lines.map((line) => line.prompt_eval_duration + line.eval_duration),
      )
      expect(waits[0]).toBeLessThan(service)
      expect(waits[1]).toBeGreaterThan(service * 0.5)
      expect(waits[2]).toBeGreaterThan(waits[1] ?? 0)
      expect(Math.max(...lines.map((line) => line.load_duration))).toBeLessThan(service)
    },
  )

  it('serves one request per slot at the same time, in shared batches', retryOnStall, async () => {
    await Promise.all([1, 2, 3, 4].map(() => generate(four(), uniquePrompt('warm-up'))))
    const names = ['a', 'b', 'c', 'd']
    const lines = await Promise.all(
      names.map((name) => generate(four(), uniquePrompt(name), {}, long)),
    )
    for (const line of lines) expect(unaccountedNs(line)).toBeLessThan(line.eval_duration)
    const text = (await four().writtenLines()).join('\n')
    for (const slot of [0, 1, 2, 3]) expect(text).toContain(`slot release: id ${String(slot)} `)
  })

  it('gives the same answer alone and beside other requests', async () => {
    const prompt = 'Other requests do not change this answer. '
    const body = { model, prompt, stream: false, options: { temperature: 0, num_predict: 24 } }
    const alone = await four().post('/api/generate', body)
    const [beside] = await Promise.all([
      four().post('/api/generate', body),
      generate(four(), uniquePrompt('other')),
      generate(four(), uniquePrompt('another')),
    ])
    expect(parseAs(generated, beside.text).response).toBe(parseAs(generated, alone.text).response)
  })
})

describe('the prompt cache', () => {
  it('evaluates only tokens that are not cached, and counts all', retryOnStall, async () => {
    const prompt = uniquePrompt('cached') + '资源秒发'.repeat(60)
    const cold = await generate(one(), prompt)
    const warm = await generate(one(), prompt)
    expect(warm.prompt_eval_count).toBe(cold.prompt_eval_count)
    expect(warm.prompt_eval_cached_count).toBe(warm.prompt_eval_count - 1)
    expect(cold.prompt_eval_cached_count).toBeLessThan(20)
    expect(warm.prompt_eval_duration).toBeLessThan(cold.prompt_eval_duration / 2)
  })

  it('does not change the answer', async () => {
    const body = {
      model,
      prompt: 'The prompt cache does not change this answer. ',
      stream: false,
      options: { temperature: 0 },
    }
    const texts = [
      await one().post('/api/generate', body),
      await one().post('/api/generate', body),
    ].map(({ text }) => parseAs(generated, text).response)
    expect(texts[1]).toBe(texts[0])
  })

  it("uses the slot that holds the prompt's beginning", async () => {
    const prompt = uniquePrompt('which') + '点击头像进群'.repeat(20)
    await generate(four(), prompt)
    await generate(four(), uniquePrompt('elsewhere'))
    const line = await generate(four(), prompt)
    expect(line.prompt_eval_cached_count).toBe(line.prompt_eval_count - 1)
  })
})

describe('loading', () => {
  it('logs the effective settings', async () => {
    await generate(four(), 'x')
    expect((await loadLines(four())).at(-1)).toMatch(/ -c 16384 -np 4 -t \d+ -b 512 -ub 512 /)
    expect(four().lines.join('\n')).toMatch(/^system_info: n_threads = \d+ /m)
    expect(four().lines.join('\n')).toMatch(/msg="llama-server started in [\d.]+ seconds"/)
  })

  it('ignores variables that Ollama does not read', () => {
    const config = four().lines.find((line) => line.includes('msg="server config"'))
    expect(config).toContain('OLLAMA_NUM_PARALLEL:4')
    expect(config).not.toContain('OLLAMA_NUM_THREADS')
  })

  it(
    'reloads the model for a changed load-time option, but not for its default, and reports the load duration',
    retryOnStall,
    async () => {
      await generate(one(), 'x')
      const before = (await loadLines(one())).length
      const same = await generate(one(), 'x', { num_ctx: 4096, seed: 3, num_batch: 512 })
      expect(await loadLines(one())).toHaveLength(before)
      const changed = await generate(one(), 'x', { num_ctx: 2048, num_thread: 1 })
      const after = await loadLines(one())
      expect(after).toHaveLength(before + 1)
      expect(after.at(-1)).toContain(' -c 2048 -np 1 -t 1 ')
      expect(changed.load_duration).toBeGreaterThan(same.load_duration * 3)
      expect((await one().client.ps()).models[0]).toMatchObject({ context_length: 2048 })
    },
  )

  it('waits for running requests before a reload', retryOnStall, async () => {
    await generate(one(), 'x')
    const before = countFinished(await one().writtenLines())
    const response = await stream({ model, prompt: uniquePrompt('long'), format: textOf(400) })
    const [text, second] = await Promise.all([
      response.text(),
      generate(one(), 'x', { num_ctx: 1024 }),
    ])
    const first = lastLine(text)
    expect(second.load_duration).toBeGreaterThan(first.eval_duration / 2)
    const lines = await one().writtenLines()
    const start = lines.findLastIndex((line) => line.includes('msg="starting llama-server"'))
    expect(lines[start]).toContain(' -c 1024 ')
    expect(countFinished(lines.slice(0, start))).toBe(before + 1)
  })

  it('refuses requests when the queue is full during a load', retryOnStall, async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        one().post('/api/generate', {
          model,
          prompt: 'x',
          options: { num_ctx: 512 + index * 256, num_predict: 1 },
        }),
      ),
    )
    const full = answers.filter(({ status }) => status === 503)
    expect(full.length).toBeGreaterThan(0)
    expect(JSON.parse(full[0]?.text ?? '')).toEqual({
      error: 'server busy, please try again.  maximum pending requests exceeded',
    })
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(6 - full.length)
  })

  it('unloads the model when its keep-alive time is over', async () => {
    await generate(one(), 'x')
    expect((await one().client.ps()).models).toHaveLength(1)
    await generate(one(), 'x', {}, { keep_alive: '300ms' })
    await until(async () => (await one().client.ps()).models.length === 0)
    const before = (await loadLines(one())).length
    await generate(one(), 'x', {}, { keep_alive: 0 })
    expect(await loadLines(one())).toHaveLength(before + 1)
    await until(async () => (await one().client.ps()).models.length === 0)
  })

  it('keeps two models loaded at the same time', async () => {
    await one().post('/api/generate', { model })
    await one().post('/api/generate', { model: 'qwen3:0.6b' })
    const names = (await one().client.ps()).models.map(({ name }) => name)
    expect(names.sort()).toEqual([model, 'qwen3:0.6b'])
  })
})

describe('closing the connection', () => {
  const endless = { model, prompt: 'tell', format: endlessText }

  it('cancels the generation', async () => {
    const cancellation = new AbortController()
    await stream(endless, cancellation.signal)
    cancellation.abort()
    // The only slot is free again: otherwise this would wait for minutes.
    expect((await generate(one(), 'x', { num_predict: 1 })).eval_count).toBe(1)
  })

  it('cancels a load', async () => {
    const cancellation = new AbortController()
    const options = { num_ctx: 8192 }
    const answer = one().post('/api/generate', { ...endless, options }, cancellation.signal)
    await until(() => one().lines.some((line) => line.includes(' -c 8192 ')))
    cancellation.abort()
    await expect(answer).rejects.toThrow()
    expect((await generate(one(), 'x', { num_predict: 1 })).load_duration).toBeGreaterThan(5e6)
  })

  it('cancels the wait for a slot', retryOnStall, async () => {
    await generate(one(), 'x', { num_predict: 1 })
    const holder = new AbortController()
    const waiter = new AbortController()
    const held = one().post('/api/generate', endless, holder.signal)
    const waiting = one().post('/api/generate', { ...endless, stream: false }, waiter.signal)
    const before = countCancelled(one())
    await pause(100)
    waiter.abort()
    await expect(waiting).rejects.toThrow()
    await expect.poll(() => countCancelled(one()), { timeout: 10_000 }).toBe(before + 1)
    holder.abort()
    await expect(held).rejects.toThrow()
    expect((await generate(one(), 'x', { num_predict: 1 })).eval_count).toBe(1)
  })
})

describe('long prompts', () => {
  const options = { num_ctx: 512, num_predict: 1 }
  const prompt = '漫'.repeat(800)

  it('are truncated to about half of the context, with a warning', async () => {
    const line = await generate(one(), prompt, options, { raw: true })
    expect(line.prompt_eval_count).toBe(512 - Math.floor((512 - 5) / 2))
    expect((await one().writtenLines()).join('\n')).toMatch(
      /level=WARN .*msg="truncating input prompt" limit=259 prompt=801 keep=5 new=259/,
    )
  })

  it('are refused if they must not be truncated', async () => {
    const kept = await one().post('/api/generate', {
      model,
      prompt,
      raw: true,
      options,
      truncate: false,
    })
    expect(kept.status).toBe(400)
    const { error } = parseAs(refused, kept.text)
    expect(JSON.parse(error)).toMatchObject({
      error: { type: 'exceed_context_size_error', n_prompt_tokens: 801, n_ctx: 512 },
    })
    const unshifted = await one().post('/api/generate', {
      model,
      prompt,
      raw: true,
      options,
      shift: false,
    })
    expect(unshifted.status).toBe(400)
    expect(unshifted.text).toContain(
      'the prompt is longer than the context length currently available',
    )
  })

  it('lose their oldest messages in a chat', async () => {
    const messages = Array.from({ length: 9 }, (_, index) => ({
      role: 'user',
      content: `${String(index)} ${'漫'.repeat(100)}`,
    }))
    const { text } = await one().post('/api/chat', {
      model,
      messages,
      options,
      _debug_render_only: true,
    })
    const rendered = parseAs(
      z.object({ _debug_info: z.object({ rendered_template: z.string() }) }),
      text,
    )._debug_info.rendered_template
    expect(rendered).not.toContain('user\n0 ')
    expect(rendered).toContain('user\n8 ')
  })

  it('continue beyond a full context by dropping the older half, and stop there without shift', async () => {
    const long = { num_ctx: 256, num_predict: 400, temperature: 0 }
    const format = { type: 'array', items: { type: 'integer', minimum: 1000000000 }, minItems: 100 }
    const shifted = await generate(one(), 'x', long, { format })
    expect(shifted.eval_count).toBe(400)
    const stopped = await generate(one(), 'x', long, { format, shift: false })
    expect(stopped.done_reason).toBe('length')
    expect(stopped.prompt_eval_count + stopped.eval_count).toBeLessThanOrEqual(257)
  })
})
