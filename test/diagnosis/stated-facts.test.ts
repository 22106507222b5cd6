/** Causes of a difference between a document, which states facts about its server, and a measured config. */
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../src/diagnosis/diagnose.ts'
import type { Facts, LogExcerpt, RecordedFigure } from '../../src/experiment/experiment.ts'
import { experimentOf, measuredConfig, recordedConfig } from '../report/support/analysis.ts'
import { analysisOf } from '../analysis/simulated-analysis.ts'
import { healthyFacts, onCpu, trials, type Side } from './support/pairs.ts'

interface Document {
  readonly facts?: Facts
  readonly log?: Facts
  readonly figures?: readonly RecordedFigure[]
  readonly env?: Readonly<Record<string, string>>
}

const excerpt = (facts: Facts): LogExcerpt => ({ path: 'old.log', digest: 'sha256:0', facts })

/** Diagnoses a document, by default five times as slow as a measured config on a GPU. */
function diagnosisOf({ facts, log, figures, env = {} }: Document, side: Side = {}) {
  const experiment = experimentOf(
    [
      measuredConfig('measured', side.config),
      recordedConfig('old', {
        from: 'measured',
        env,
        figures: figures ?? [
          { metric: 'latencyMean', value: 5000 },
          { metric: 'users', value: 3 },
        ],
        ...(facts === undefined ? {} : { facts: { written: {}, values: facts } }),
        ...(log === undefined ? {} : { log: excerpt(log) }),
      }),
    ],
    { baseline: 'measured' },
  )
  const stored = { measured: trials('measured', side, 'process', 6) }
  return diagnose(experiment, analysisOf(experiment, stored))
}

function findingOf(cause: string, document: Document, side?: Side) {
  const [explanation] = diagnosisOf(document, side).explanations
  return explanation?.findings.find((each) => each.cause === cause)
}

function codesOf(cause: string, document: Document, side?: Side) {
  const { evidence, reservations } = findingOf(cause, document, side)!
  return {
    evidence: evidence.map(({ code }) => code),
    caveats: reservations.map(({ code }) => code),
  }
}

const noLayers = { layersOffloaded: 0, layersTotal: 29 }

describe('facts of a document', () => {
  it('name the missing GPU by its layers: likely, because nobody measured it', () => {
    const document = { facts: noLayers }
    expect(findingOf('cpu-only', document)).toMatchObject({ certainty: 'likely', configs: ['old'] })
    // its share of the difference is not known
    expect(findingOf('cpu-only', document)).not.toHaveProperty('rank')
    expect(codesOf('cpu-only', document)).toEqual({
      evidence: ['device.layers', 'device.gpu', 'device.layers', 'device.vram'],
      caveats: ['facts-stated'],
    })
  })

  it.each([
    ['a compute device', { computeDevice: 'CPU' }, 'device.gpu'],
    ['memory of the GPU', { vramBytes: 0 }, 'device.no-vram'],
  ])('name the missing GPU by %s', (_, facts, code) =>
    expect(codesOf('cpu-only', { facts }).evidence[0]).toBe(code),
  )

  it('name the missing GPU by the column PROCESSOR of `ollama ps`', () => {
    const figures = [
      { metric: 'latencyMean', value: 5000 },
      { metric: 'gpuShare', value: 0 },
    ]
    expect(findingOf('cpu-only', { figures })?.certainty).toBe('likely')
  })

  it('name a partial offload by layers, or by the memory that is on the GPU', () => {
    const layers = { layersOffloaded: 20, layersTotal: 29 }
    const memory = { vramBytes: 5_100_000_000, loadedSizeBytes: 6_200_000_000 }
    for (const facts of [layers, memory])
      expect(findingOf('partial-offload', { facts })).toMatchObject({ certainty: 'likely' })
    const unknown = diagnosisOf({ facts: { vramBytes: 5_100_000_000 } }).explanations[0]!
    expect(unknown.unchecked).toContainEqual(expect.objectContaining({ cause: 'partial-offload' }))
    expect(unknown.ruledOut).toContainEqual(expect.objectContaining({ cause: 'cpu-only' }))
  })

  it('prove nothing about a measured config that is slower', () => {
    const figures = [{ metric: 'latencyMean', value: 20 }]
    const facts = { computeDevice: 'CUDA', layersOffloaded: 29, layersTotal: 29 }
    expect(findingOf('cpu-only', { facts, figures }, { facts: onCpu })).toMatchObject({
      certainty: 'likely',
      configs: ['measured'],
    })
  })

  it.each([
    ['quantization', { quantization: 'Q8_0' }, 'likely'],
    ['version', { serverVersion: '0.9.6' }, 'possible'],
    ['context', { contextLength: 8192 }, 'possible'],
    ['model', { modelDigest: 'b'.repeat(12) }, 'likely'],
  ] as const)('name another %s', (cause, facts, certainty) => {
    expect(findingOf(cause, { facts })).toMatchObject({ certainty, configs: ['old'] })
    expect(codesOf(cause, { facts })).toMatchObject({
      evidence: ['differs.stated'],
      caveats: ['differs.effect-unknown', 'facts-stated'],
    })
  })

  it('rule out what is the same, also for the first digits of a digest', () => {
    const { quantization, serverVersion, contextLength } = healthyFacts
    const modelDigest = healthyFacts.modelDigest.slice(0, 12)
    const facts = { quantization, serverVersion, contextLength, modelDigest }
    const [explanation] = diagnosisOf({ facts }).explanations
    expect(explanation?.ruledOut.map(({ cause }) => cause)).toEqual(
      expect.arrayContaining(['quantization', 'version', 'context', 'model']),
    )
  })

  it('do not name a context that the file sets differently', () => {
    const config = { options: { num_ctx: 8192 } }
    expect(findingOf('context', { facts: { contextLength: 4096 } }, { config })).toBeUndefined()
  })

  it('are facts to record if the document lacks them', () => {
    const missing = (document: Document) =>
      diagnosisOf(document).factsToRecord.map(({ fact }) => fact)
    expect(missing({})).toEqual(expect.arrayContaining(['computeDevice', 'quantization']))
    expect(missing({ facts: { computeDevice: 'CPU', quantization: 'Q8_0' } })).not.toEqual(
      expect.arrayContaining(['quantization']),
    )
  })

  it('leave a cause possible while the difference is below 1.5x', () => {
    const [{ figures }] = [{ figures: [{ metric: 'latencyMean', value: 290 }] }]
    const [explanation] = diagnosisOf({ facts: noLayers, figures }).explanations
    expect(explanation?.ratio).toBeLessThan(1.5)
    expect(explanation?.findings.every(({ certainty }) => certainty === 'possible')).toBe(true)
  })
})

describe('a log excerpt of a document', () => {
  it('shows how many slots there were', () => {
    const document = { log: { slots: 1 } }
    expect(findingOf('slots', document)).toMatchObject({ certainty: 'possible', configs: ['old'] })
    expect(codesOf('slots', document)).toEqual({
      evidence: ['slots.stated'],
      caveats: ['slots.not-measured', 'facts-stated'],
    })
  })

  it('is not needed for slots that the document sets', () => {
    const document = { env: { OLLAMA_NUM_PARALLEL: '1' } }
    expect(codesOf('slots', document)).toEqual({
      evidence: ['slots.declared'],
      caveats: ['slots.not-measured'],
    })
    expect(findingOf('slots', {})).toBeUndefined()
  })

  it('takes precedence over what the document states, and its lines are quoted as a log', () => {
    const document = { facts: { computeDevice: 'GPU' }, log: { computeDevice: 'CPU' } }
    expect(codesOf('cpu-only', document).evidence[0]).toBe('device.cpu')
  })

  it('shows that a setting of the document is not in effect', () => {
    const { settings } = diagnosisOf({
      env: { OLLAMA_NUM_PARALLEL: '4' },
      log: { slots: 1, serverWarnings: '["no-parallel-requests"]' },
    })
    const found = settings.find(({ cause }) => cause === 'not-applied')
    expect(found).toMatchObject({ certainty: 'likely', configs: ['old'] })
    expect(found?.reservations.map(({ code }) => code)).toContain('facts-stated')
  })
})
