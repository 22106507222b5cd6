/** Reads excerpts of server logs, which recorded configs name. */
import { beyond, limits } from '../../errors/limits.ts'
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

/** Matches an absolute path of any operating system. */
export const absolutePath = /^(?:[/\\~]|[a-z]:)/i

/**
 * Reads the log excerpts that configs name: each file once, with a problem at each config that names an unusable one.
 */
export function readLogs({ source, configs }: Draft, readLog: ReadFile | undefined) {
  const logs = new Map<string, LogExcerpt>()
  const unusable = new Map<string, ReadExcerpt>()
  const problems: Problem[] = []
  const budget: Budget = { characters: 0 }
  for (const [key, { recorded }] of configs) {
    const path = recorded?.log
    if (path === undefined || logs.has(path)) continue
    const read = unusable.get(path) ?? readExcerpt(path, readLog, budget)
    const { excerpt, problem } = read
    if (excerpt === undefined) unusable.set(path, read)
    else logs.set(path, excerpt)
    if (problem !== undefined)
      problems.push(
        source.problem(['configs', key, 'recorded', 'log'], { code: 'log', ...problem }),
      )
  }
  return { logs, problems }
}

/** The total size that was read so far. Counted over all paths, because several paths can lead to one file. */
interface Budget {
  characters: number
}

interface ReadExcerpt {
  readonly excerpt?: LogExcerpt
  readonly problem?: Pick<ProblemDetails, 'message' | 'hint' | 'severity'>
}

function readExcerpt(path: string, readLog: ReadFile | undefined, budget: Budget): ReadExcerpt {
  const refused = (message: string, hint: string): ReadExcerpt => ({ problem: { message, hint } })
  const pathHint =
    'write the path of a file in this project, relative to this file: `logs/NAME.log`'
  if (absolutePath.test(path)) return refused(`${quoted(path)} is an absolute path`, pathHint)
  // The problem is stated at the log that exceeds the limit.
  if (budget.characters > limits.serverLogs.max) return {}
  const found = readLog?.(path)
  if (found === undefined) return refused(`the file ${quoted(path)} does not exist`, pathHint)
  if ('failure' in found)
    return refused(`${quoted(path)} cannot be read: ${found.failure}`, pathHint)
  const limit = limits.serverLog
  if (found.text.length > limit.max)
    return refused(`${quoted(path)} has ${beyond(limit, found.text.length)}`, limit.remedy)
  budget.characters += found.text.length
  const { serverLogs } = limits
  if (budget.characters > serverLogs.max)
    return refused(
      `the logs of this experiment together have ${beyond(serverLogs, budget.characters)}`,
      serverLogs.remedy,
    )
  const log = new ServerLog()
  log.readText(found.text)
  const facts = factsOf(log)
  if (Object.keys(facts).length === 0)
    return refused(
      `${quoted(path)} has no line of an Ollama server that shows a fact`,
      'copy the lines from `server config` to the first requests',
    )
  if (log.models > 1)
    return refused(
      `${quoted(path)} shows ${log.models} models, but not which of them the figures are about`,
      'keep only the lines about that model, from the line that starts its runner',
    )
  // the same text for any end of line
  const digest = jsonDigest(found.text.replaceAll('\r\n', '\n'))
  const excerpt = { path, digest, facts }
  if (log.servers < 2) return { excerpt }
  const message = `${quoted(path)} shows ${log.servers} starts of a server; only the lines after the last one are used`
  const hint = 'keep only the lines of the server that the figures are about'
  return { excerpt, problem: { severity: 'warning', message, hint } }
}

/** What an excerpt can show about a server; no counts, because lines may be missing. */
const excerptFactIds = [...logFactIds, 'serverVersion', 'contextLength', 'serverWarnings'] as const

function factsOf(log: ServerLog): Facts {
  const all = log.facts(true)
  return Object.fromEntries(
    excerptFactIds.flatMap((id) => {
      const value = all[id]
      return value === undefined ? [] : [[id, value]]
    }),
  )
}
