/**
 * k6, whose HTTP client reads an answer whole: it states the duration of a request, from the first byte sent to the last
 * byte received, without the time of connecting. It does not know when the first token arrived.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Contender, Load } from './contender.ts'

/** A point of k6's JSON output. */
interface Point {
  readonly type: string
  readonly metric: string
  readonly data: {
    readonly value: number
    readonly tags: { readonly id: string; readonly status: string }
  }
}

export function k6(program: string): Contender {
  return {
    name: 'k6',
    isPeer: true,
    command: (load) => {
      const script = join(load.folder, 'script.js')
      writeFileSync(script, scriptOf(load))
      const quiet = ['--quiet', '--summary-mode=disabled', '--no-usage-report', '--address', '']
      return [program, 'run', ...quiet, '--out', `json=${pointsFile(load)}`, script]
    },
    stated: (load) => ({
      requests: readFileSync(pointsFile(load), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Point)
        .filter(({ type, metric }) => type === 'Point' && metric === 'http_req_duration')
        .map(({ data: { value, tags } }) => {
          if (tags.status !== '200') throw new Error(`k6: a request ended with ${tags.status}`)
          return { id: Number(tags.id), latencyMs: value }
        }),
    }),
  }
}

function pointsFile({ folder }: Load): string {
  return join(folder, 'points.jsonl')
}

function scriptOf({ url, users, rounds }: Load): string {
  return `import http from 'k6/http'
import exec from 'k6/execution'

export const options = {
  discardResponseBodies: true,
  scenarios: { load: { executor: 'per-vu-iterations', vus: ${users}, iterations: ${rounds} } },
}

export default function () {
  const id = exec.scenario.iterationInTest
  const body = { model: 'm', messages: [{ role: 'user', content: '#' + id }], stream: true }
  http.post('${url}/api/chat', JSON.stringify(body), { tags: { id: String(id) } })
}
`
}
