/** One probe of a config before anything is measured: does it come up and answer, and how long does a request take? */
import { ExpError } from '../errors/exp-error.ts'
import type { Experiment } from '../experiment/experiment.ts'
import { OllamaClient } from '../ollama/client.ts'
import type { Clock } from './clock.ts'
import type { Probe } from './estimate.ts'
import type { Placement } from './preflight.ts'
import { createRequestFactory } from './request-factory.ts'

export type ProbeResult =
  | { readonly answered: true; readonly probe: Probe }
  | { readonly answered: false; readonly why: string }

/** Starts the config's server, asks it twice, takes it down. Throws only when `signal` is aborted. */
export async function probeConfig(
  { config, driver }: Placement,
  {
    run,
    keep,
    clock,
    signal,
  }: { run: string; keep: Experiment['keep']; clock: Clock; signal: AbortSignal },
): Promise<ProbeResult> {
  const began = clock.monotonic()
  let stopping: number
  let measured: Omit<Probe, 'stopMs'>
  try {
    const target = await driver.start(config, signal)
    try {
      const startMs = clock.monotonic() - began
      const questions = createRequestFactory(
        config,
        target.model,
        { run: `${run}-probe`, round: 0 },
        keep,
      )
      const client = new OllamaClient({
        baseUrl: target.url,
        headers: target.headers,
        proxy: target.proxy,
        now: clock.monotonic,
      })
      try {
        const ask = async (occurrence: number) => {
          const { request } = questions.prepare({ sampleIndex: 0, occurrence, phase: 'warmup' })
          const answer = await client.generate(request, {
            timeoutMs: config.workload.timeoutMs,
            signal,
          })
          if (answer.outcome !== 'ok')
            throw new ExpError(
              'environment',
              `its first request failed: ${answer.error ?? answer.outcome}`,
            )
          return answer.endedAt - answer.sentAt
        }
        measured = { startMs, firstMs: await ask(0), requestMs: await ask(1) }
      } finally {
        await client.close()
      }
    } finally {
      stopping = clock.monotonic()
      await target.stop()
    }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof ExpError) return { answered: false, why: error.message }
    throw error
  }
  return { answered: true, probe: { ...measured, stopMs: clock.monotonic() - stopping } }
}
