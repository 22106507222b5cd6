import { z } from 'zod'
import type { HypothesisResult } from '../analysis/analysis.ts'
import { oneLine, columns } from '../format/plain-text.ts'
import { chatLines } from '../notebook/chat-text.ts'
import { measuredText } from '../notebook/difference-rows.ts'
import type { Lock, LockedClaim } from '../notebook/lock.ts'
import { reasonLines } from '../notebook/no-verdict.ts'
import { lockedAnalysis } from '../notebook/locked-analysis.ts'
import { openNotebook, type Notebook } from '../notebook/notebook.ts'
import { overviewLine, overviewOf } from '../notebook/overview.ts'
import { frozenName } from '../notebook/report-folder.ts'
import { findRoot } from '../notebook/project.ts'
import { Renderer } from '../notebook/renderer.ts'
import type { NotebookWords } from '../notebook/template-files.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { paint, type Io } from './io.ts'
import { terminalLocale } from './language.ts'
import { keepLines, printJson, type Output } from './safe-output.ts'
import { claimsDrawing, latencyDrawing, type ShownClaim } from './show-drawing.ts'
import { counted, readTerminalWords, type TerminalWords } from './terminal-words.ts'

const schema = z.object({ json: z.boolean().default(false), md: z.boolean().default(false) })

/** Prints one experiment: its question, answer, versions, and the results that its report uses. */
export async function show(name: string, rawOptions: object, io: Io): Promise<ExitCode> {
  const { json, md } = schema.parse(rawOptions)
  const notebook = openNotebook({ root: findRoot(io.cwd) })
  // JSON and Markdown stay in the language of the report unless `--lang` names another.
  const locale = json ? undefined : md ? io.lang : terminalLocale(io)
  const [newest, ...earlier] = notebook.versions(name, locale)
  if (newest === undefined) return exitCodes.done
  const overview = overviewOf(newest)
  if (json) {
    printJson(io.stdout, { ...overview, configs: newest.configs })
    return exitCodes.done
  }
  const reasons = await notebook.verdictReasons(newest)
  const notebookWords = notebook.words(newest.locale)
  if (md) {
    io.stdout.write(keepLines(`${chatLines(newest, reasons, notebookWords).join('\n')}\n`))
    return exitCodes.done
  }
  const words = readTerminalWords(io)
  const judged = Object.entries(overview.verdicts).filter(([, verdict]) => verdict !== 'none')
  const line = overviewLine({ ...overview, verdicts: Object.fromEntries(judged) }, notebookWords)
  const { title, question, answer, date, state, verdicts, follows } = line
  const { bold } = paint(io.stdout, io.env)
  const configs = Object.entries(newest.configs).map(([key, config]) => [
    `  ${key}`,
    config.label,
    words.text(`show.${config.state}`),
    config.run ?? '',
    counted('trial', Object.keys(config.results).length, words),
  ])
  const answers = overview.standIn ? [answer] : overview.answer
  const folder = `reports/${overview.id}`
  const report = { version: newest.version, date, state, file: `${folder}/${reportOf(newest)}` }
  const lines = [
    bold(oneLine(title)),
    ...[
      question,
      ...answers,
      verdicts,
      ...reasonLines(newest, reasons, notebookWords),
      follows === '' ? '' : `← ${follows}`,
    ]
      .filter((text) => text !== '')
      .map(oneLine),
    '',
    ...columns(configs),
    ...(await drawings(notebook, newest, io.stdout, words)),
    '',
    words.text('show.report', report),
    ...earlier.map((lock) => {
      const { version } = lock
      const file = `${folder}/${frozenName(reportOf(lock), version)}`
      return words.text('show.earlier', { version, file })
    }),
  ]
  io.stdout.write(`${lines.join('\n')}\n`)
  return exitCodes.done
}

/** The drawings of the version's hypotheses and latency, each after an empty line. */
async function drawings(
  notebook: Notebook,
  lock: Lock,
  { columns: width }: Output,
  words: TerminalWords,
): Promise<readonly string[]> {
  const renderer = new Renderer(notebook.root, undefined)
  const analysis = (await lockedAnalysis(notebook.root, renderer, lock))?.(lock.locale)
  if (analysis === undefined) return []
  const notebookWords = notebook.words(lock.locale)
  const metricWords = renderer.metricWords(lock.locale)
  const claims = analysis.standIn ? [] : analysis.hypotheses
  const shown = claims.flatMap((result) => {
    const claim = lock.claims[result.hypothesis.id]
    return claim === undefined ? [] : [shownClaim(result, claim, notebookWords)]
  })
  const blocks = [
    claimsDrawing(shown, words, width),
    latencyDrawing(analysis, (id) => metricWords.labelOf(id), width),
  ]
  return blocks.filter((lines) => lines.length > 0).flatMap((lines) => ['', ...lines])
}

function shownClaim(
  result: HypothesisResult,
  claim: LockedClaim,
  words: NotebookWords,
): ShownClaim {
  const { measured, interval } = result
  const text = (value: number) => measuredText(claim, value, words)
  const value = measured === undefined ? '' : text(measured)
  const ends = interval && ` (${text(interval.low)}, ${text(interval.high)})`
  return { result, measured: value, withInterval: value + (ends ?? '') }
}

/** The file name of the report in the language of the lock's texts, or else of the first report. */
function reportOf({ locale, files }: Lock): string {
  const name = `README.${locale}.md`
  return name in files ? name : 'README.md'
}
