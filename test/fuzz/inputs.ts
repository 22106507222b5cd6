/**
 * The kinds of input that a stranger can commit, each as random damage to a file of a project that passes the check.
 */
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { tarBytes, tarFiles } from '../../src/files/tar.ts'
import type { Lock } from '../../src/notebook/lock.ts'
import { digestOf, lockBytes } from '../../src/notebook/lock.ts'
import { formatVersion } from '../../src/results/record.ts'
import type { Project } from '../notebook/project.ts'
import { furtherExperiments } from './fuzzed-project.ts'
import { mutatedJson, mutatedText } from './mutations.ts'

export const kinds = ['experiment', 'result', 'lock', 'block', 'template', 'pack'] as const
export type Kind = (typeof kinds)[number]

/** A file with the bytes to write into it. */
export interface Input {
  readonly file: string
  readonly content: string | Buffer
}

const folder = 'reports/slots'
const templateFiles = [
  'report.hbs',
  'causes.hbs',
  'group.hbs',
  'words.yaml',
  'metrics.yaml',
] as const

/** @param project has one version of a report, and copies of all templates */
export function inputsOf(kind: Kind, project: Project): fc.Arbitrary<Input> {
  switch (kind) {
    case 'experiment':
      return fc.oneof(
        textIn('experiments/slots.yaml', project),
        ...furtherExperiments.map((text) =>
          mutatedText(text).map((content) => ({ file: 'experiments/slots.yaml', content })),
        ),
      )
    case 'result': {
      const names = project.files(`${folder}/results`)
      return fc.oneof(
        ...names.map((name) => textIn(`${folder}/results/${name}`, project)),
        ...names.map((name) => recordIn(`${folder}/results/${name}`, project)),
      )
    }
    case 'lock': {
      const file = `${folder}/v1.2.lock.json`
      const lock: unknown = JSON.parse(project.text(file))
      const sealed = mutatedJson(lock).map((content) => ({ file, content: sealedText(content) }))
      return fc.oneof(textIn(file, project), { weight: 3, arbitrary: sealed })
    }
    case 'block': {
      const file = `${folder}/README.md`
      const text = project.text(file)
      const [before = '', after = ''] = text.split(
        /(?<=<!-- exp:keep remarks -->\n)[^]*(?=<!-- exp:end)/,
      )
      return fc.oneof(
        {
          weight: 3,
          arbitrary: mutatedText('# a\n\n- **b** `c` <b>d</b>\n').map((body) => ({
            file,
            content: `${before}${body}\n${after}`,
          })),
        },
        textIn(file, project),
      )
    }
    case 'template':
      return fc.oneof(...templateFiles.map((name) => textIn(`templates/en/${name}`, project)))
    case 'pack':
      return packOf(project.bytes(packFile))
  }
}

const packFile = 'slots.exp.tgz'

/** A pack in which one file has another text, which the list of files may name. */
function packOf(pack: Buffer): fc.Arbitrary<Input> {
  const files = tarFiles(gunzipSync(pack), 1000)
  const changed = fc.constantFrom(...files.keys()).chain((name) =>
    fc
      .tuple(mutatedText(files.get(name)?.toString() ?? ''), fc.boolean())
      .map(([text, isListed]) => {
        const all = new Map(files).set(name, Buffer.from(text))
        return isListed && name !== 'pack.json' ? withList(all) : all
      }),
  )
  return fc
    .oneof(
      { weight: 4, arbitrary: changed.map((all) => gzipSync(tarBytes(all), { level: 1 })) },
      mutatedText(pack.toString('latin1')).map((text) => Buffer.from(text, 'latin1')),
      mutatedText(gunzipSync(pack).toString('latin1')).map((text) =>
        gzipSync(Buffer.from(text, 'latin1'), { level: 1 }),
      ),
    )
    .map((content) => ({ file: packFile, content }))
}

function withList(files: ReadonlyMap<string, Buffer>): ReadonlyMap<string, Buffer> {
  const listed = [...files]
    .filter(([name]) => name !== 'pack.json')
    .map(([name, bytes]) => [name, { bytes: bytes.length, digest: digestOf(bytes) }] as const)
  const list = { packFormat: 1, experiment: 'slots', files: Object.fromEntries(listed) }
  return new Map(files).set('pack.json', Buffer.from(JSON.stringify(list)))
}

function textIn(file: string, project: Project): fc.Arbitrary<Input> {
  return mutatedText(project.text(file)).map((content) => ({ file, content }))
}

type StoredRecord = Readonly<Record<string, unknown>>

const quantiles = { meanMs: 1, p50Ms: 1, p90Ms: 2, p95Ms: 3, p99Ms: 4 }
/** Fields of records that only some runs have. */
const furtherFields: Readonly<Record<string, StoredRecord>> = {
  trial: {
    ...{ formatVersion, sequence: 3, start: 1, fileRounds: 2, look: 1, plannedLooks: 2 },
    racePhase: 'race',
  },
  evidence: { model: 'tiny' },
  request: {
    ...{ item: 'long', pauseMs: 100, scheduledMs: 0, longestGapMs: 5, loadMs: 1, cachedTokens: 3 },
    ...{ tokenGaps: [457, 12, 458, 3], scores: { right: 1 }, promptDigest: 'a', answer: '# b' },
  },
  end: {
    stoppedAtRound: 2,
    client: {
      ...{ loopDelayP99Ms: 1, loopDelayIdleP99Ms: 1, cpuMs: 5 },
      timing: {
        ...{ requests: 24, latency: quantiles, firstToken: quantiles },
        calibration: { takenAt: '2025-08-06', factor: 1.2, offsetMs: 0.1 },
      },
    },
  },
}

function withAllFields(record: StoredRecord): StoredRecord {
  return { ...record, ...furtherFields[String(record['type'])] }
}

/** A file of results in which one line has another value. */
function recordIn(file: string, project: Project): fc.Arbitrary<Input> {
  const lines = project.text(file).trimEnd().split('\n')
  return fc.nat(lines.length - 1).chain((at) =>
    mutatedJson(withAllFields(JSON.parse(lines[at] ?? '{}') as StoredRecord)).map((value) => {
      const text = JSON.stringify(value ?? null)
      return {
        file,
        content: `${[...lines.slice(0, at), text, ...lines.slice(at + 1)].join('\n')}\n`,
      }
    }),
  )
}

/** The text of a lock with a valid seal, so that its content is looked at. */
function sealedText(content: unknown): string {
  if (typeof content !== 'object' || content === null) return JSON.stringify(content ?? null)
  try {
    return lockBytes(content as Lock).toString('utf8')
  } catch {
    return '{}' // nested too deeply to be written
  }
}
