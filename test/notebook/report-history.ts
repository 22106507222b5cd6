/**
 * A report folder in a temporary project, and a minimal rendering: tests publish one version after the other into it.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Locale } from '../../src/format/locales.generated.ts'
import { draftOf, type ReportDraft } from '../../src/notebook/draft.ts'
import type { LockContent } from '../../src/notebook/lock-content.ts'
import type { LockedClaim, LockedConfig } from '../../src/notebook/lock.ts'
import { writeFiles, type WrittenFile } from '../../src/files/write-files.ts'
import { readReportFolder } from '../../src/notebook/report-folder.ts'
import type { ReportVersion } from '../../src/report/report-input.ts'
import { wordsOf } from './words.ts'

export const digest = (of: string): string =>
  `sha256:${createHash('sha256').update(of).digest('hex')}`

export function config(changes: Partial<LockedConfig> = {}): LockedConfig {
  return {
    label: '默认',
    measurementDigest: digest('default'),
    state: 'measured',
    run: 'r1',
    settings: {},
    results: { 'r1-default-r1.jsonl': digest('r1') },
    figures: { qps: 6.53 },
    measuredOn: { serverVersion: ['0.11.3'] },
    ...changes,
  }
}

export function claim(changes: Partial<LockedClaim> = {}): LockedClaim {
  return {
    statement: '更快',
    kind: 'value',
    metric: 'latencyP95',
    config: 'default',
    target: '<= 500ms',
    comparator: '<=',
    value: 500,
    verdict: 'supported',
    ...changes,
  }
}

export function content(changes: Partial<LockContent> = {}): LockContent {
  return {
    lockFormat: 1,
    experiment: 'a',
    state: 'closed',
    createdAt: '2025-08-06T15:00:00+08:00',
    title: 'A',
    locale: 'zh-CN',
    rounds: 6,
    standIn: false,
    configs: { default: config() },
    claims: { H1: claim() },
    headline: [],
    dropped: {},
    ...changes,
  }
}

export type Rendering = (locale: Locale, version: ReportVersion) => string

export const plainRendering: Rendering = (locale, version) =>
  [
    `# A (${locale})`,
    '',
    ...version.history.map((entry) => `- ${entry.version}: ${JSON.stringify(entry.changes)}`),
    '## 实验者记录',
    '',
    '<!-- exp:keep remarks -->',
    '',
    '<!-- exp:end remarks -->',
    '',
    `*${version.version} ${version.state} ${JSON.stringify(version.changes)}*`,
    '',
  ].join('\n')

export class ReportHistory {
  readonly root = mkdtempSync(path.join(os.tmpdir(), 'exp-notebook-'))
  locales: readonly [Locale, ...Locale[]] = ['zh-CN']
  render: Rendering = plainRendering

  async draft(now: LockContent): Promise<ReportDraft> {
    return draftOf({
      locales: this.locales,
      contentIn: (lockFormat) => ({ ...now, lockFormat, locale: this.locales[0] }),
      folder: readReportFolder(this.root, 'a'),
      wordsOf,
      render: this.render,
      charts: () => [],
      answer: (_, { version }) => [`A of ${version}.`],
      verdicts: () => [],
      inLocale: (lock) => lock,
    })
  }

  async publish(now: LockContent): Promise<readonly WrittenFile[]> {
    return this.write((await this.draft(now)).files)
  }

  async write(files: ReadonlyMap<string, Buffer>): Promise<readonly WrittenFile[]> {
    return writeFiles(
      this.root,
      new Map([...files].map(([name, bytes]) => [`reports/a/${name}`, bytes])),
    )
  }

  names(): readonly string[] {
    return readdirSync(path.join(this.root, 'reports/a')).sort()
  }

  bytes(name: string): Buffer {
    return readFileSync(path.join(this.root, 'reports/a', name))
  }

  text(name: string): string {
    return this.bytes(name).toString()
  }

  /** Changes a file like a person in an editor. */
  edit(name: string, from: string | RegExp, to: string): void {
    const before = this.text(name)
    const after = before.replace(from, to)
    if (after === before) throw new Error(`nothing to edit in ${name}`)
    writeFileSync(path.join(this.root, 'reports/a', name), after)
  }
}
