/** Records of a plausible trial, for tests to vary. */
import type { RequestRecord, TrialEnd, TrialHeader } from '../../src/results/record.ts'

export const digestOf = (letter: string): string => `sha256:${letter.repeat(64)}`

export function headerOf(changes: Partial<TrialHeader> = {}): TrialHeader {
  return {
    type: 'trial',
    formatVersion: 1,
    run: '20250808T142103Z-3f9a',
    config: 'native',
    round: 1,
    position: 1,
    measurementDigest: digestOf('a'),
    startedAt: '2025-08-08T22:21:03.000+08:00',
    tool: { name: 'exp', version: '0.1.0', node: '20.20.2' },
    host: { id: 'machine-1' },
    target: { asked: 'process', actual: 'process', standIn: false },
    model: 'qwen3:0.6b',
    dataset: { name: 'comments', digest: digestOf('d'), samples: 2 },
    settings: { env: { OLLAMA_NUM_PARALLEL: '4' }, options: { temperature: 0, num_ctx: 4096 } },
    workload: { api: 'chat', load: { kind: 'closed-duration', users: 2 } },
    rounds: 3,
    seed: 7,
    ...changes,
  }
}

export function requestOf(index: number, changes: Partial<RequestRecord> = {}): RequestRecord {
  const sentMs = index * 50
  return {
    type: 'request',
    index,
    sample: `c${index % 2}`,
    user: index % 2,
    phase: 'measured',
    sentMs,
    firstByteMs: sentMs + 30,
    firstContentMs: sentMs + 31,
    endMs: sentMs + 100,
    outcome: 'ok',
    httpStatus: 200,
    promptTokens: 107,
    outputTokens: 14,
    serverTotalMs: 97,
    loadMs: 2,
    promptEvalMs: 20,
    evalMs: 70,
    doneReason: 'stop',
    scores: { 类别准确性: index % 2 },
    promptDigest: `p${index % 2}`,
    ...changes,
  }
}

export function endOf(changes: Partial<TrialEnd> = {}): TrialEnd {
  return {
    type: 'end',
    endedAt: '2025-08-08T22:21:33.000+08:00',
    outcome: 'ended',
    counts: { sent: 10, ok: 10, failed: 0, cancelled: 0 },
    ...changes,
  }
}
