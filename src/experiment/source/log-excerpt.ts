/** Reads excerpts of server logs, which recorded configs name. */
import { quoted } from '../../errors/quote.ts'
import { jsonDigest } from '../../json/json.ts'
import { logFactIds, ServerLog } from '../../ollama/server-log.ts'
import type { Draft } from '../draft.ts'
import type { Facts, LogExcerpt } from '../experiment.ts'
import type { Problem, ProblemDetails } from '../problem.ts'

/** The text of a file, or the reason why it cannot be read although it exists; undefined if it does not exist. */
type ReadFile = (
  path: string,
) => { readonly text: string } | { readonly failure: string } | undefined

/** In UTF-16 code units. */
const maxLogLength = 1024 * 1024

/** Of a file, on any system. */
export const absolutePath = /^(?:[/\\~]|[a-z]:)/i

/** Reads the log excerpts that configs name: each file once, with a problem at each config that names an unusable one. */
export function readLogs({ source, configs }: Draft, readLog: ReadFile | undefined) {
  const logs = new Map<string, LogExcerpt>()
  const problems: Problem[] = []
  for (const [key, { recorded }] of configs) {
    const path = recorded?.log
    if (path === undefined || logs.has(path)) continue
    const excerpt = readExcerpt(path, readLog)
    if ('digest' in excerpt) logs.set(path, excerpt)
    else
      problems.push(
        source.problem(['configs', key, 'recorded', 'log'], { code: 'log', ...excerpt }),
      )
  }
  return { logs, problems }
}

function readExcerpt(
  path: string,
  readLog: ReadFile | undefined,
): LogExcerpt | Pick<ProblemDetails, 'message' | 'hint'> {
  const hint = 'write the path of a file in this project, relative to this file: `logs/NAME.log`'
  if (absolutePath.test(path)) return { message: `${quoted(path)} is an absolute path`, hint }
  const found = readLog?.(path)
  if (found === undefined) return { message: `the file ${quoted(path)} does not exist`, hint }
  if ('failure' in found)
    return { message: `${quoted(path)} cannot be read: ${found.failure}`, hint }
  if (found.text.length > maxLogLength)
    return {
      message: `${quoted(path)} has ${found.text.length} characters; at most ${maxLogLength} are read`,
      hint: 'keep the lines from the start of the server to the first requests',
    }
  const facts = factsIn(found.text)
  if (Object.keys(facts).length === 0)
    return {
      message: `${quoted(path)} has no line of an Ollama server that shows a fact`,
      hint: 'copy the lines from `server config` to the first requests',
    }
  // the same text for any end of line
  const digest = jsonDigest(found.text.replaceAll('\r\n', '\n'))
  return { path, digest, facts }
}

/** What an excerpt can show about a server; no counts, because lines may be missing. */
const excerptFactIds = [...logFactIds, 'serverVersion', 'contextLength', 'serverWarnings'] as const

function factsIn(excerpt: string): Facts {
  const log = new ServerLog()
  log.readText(excerpt)
  const all = log.facts(true)
  return Object.fromEntries(
    excerptFactIds.flatMap((id) => {
      const value = all[id]
      return value === undefined ? [] : [[id, value]]
    }),
  )
}
