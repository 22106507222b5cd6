/** A report in at most ten lines of Markdown, to paste into a chat or a comment: question, answer, verdicts, file. */
import { escapeMarkdown } from '../markdown/markdown.ts'
import { measuredText } from './difference-rows.ts'
import type { Lock, LockedClaim } from './lock.ts'
import { reasonLines, type Reasons } from './no-verdict.ts'
import { overviewLine, overviewOf } from './overview.ts'
import { verdictIcon, type NotebookWords } from './template-files.ts'

const maxLines = 10
const maxAnswers = 3

/**
 * The lines, without line ends. The first one is the title, the others are items of a list.
 * @param known the known reasons why hypotheses have no verdict
 */
export function chatLines(lock: Lock, known: Reasons, words: NotebookWords): readonly string[] {
  const overview = overviewOf(lock)
  const { title, question, version, date, state, ...line } = overviewLine(overview, words)
  const answers = lock.standIn ? [line.answer] : overview.answer.slice(0, maxAnswers)
  const about = [version, date, state].filter((text) => text !== '').join(words.text('join.note'))
  const lead = [question, ...answers].filter((text) => text !== '')
  const reasons = reasonLines(lock, known, words)
  const last = reasons.length === 0 ? [] : [reasons.join(words.text('join.list'))]
  // The title and the file take two of the lines.
  const verdicts = verdictLines(lock, words, maxLines - 2 - lead.length - last.length)
  const items = [...lead, ...verdicts, ...last].map((text) => `- ${escapeMarkdown(text)}`)
  const head = `**${escapeMarkdown(title)}** (${escapeMarkdown(about)})`
  return [head, ...items, `- \`reports/${lock.experiment}/README.md\``]
}

/** A line for each hypothesis. With more than `max` hypotheses, the last line lists the rest without statements. */
function verdictLines(lock: Lock, words: NotebookWords, max: number): readonly string[] {
  const claims = Object.entries(lock.claims)
  const icon = ({ verdict }: LockedClaim) => verdictIcon(lock.standIn ? 'none' : verdict, words)
  const whole = claims.length <= max ? claims : claims.slice(0, max - 1)
  const rest = claims.slice(whole.length).map(([id, claim]) => `${id} ${icon(claim)}`)
  return [
    ...whole.map(([id, claim]) => {
      const { statement, target, measured } = claim
      const values = { id, statement, target, verdict: icon(claim) }
      return measured === undefined || lock.standIn
        ? words.text('chat.claim', values)
        : words.text('chat.claimMeasured', {
            ...values,
            measured: measuredText(claim, measured, words),
          })
    }),
    ...(rest.length === 0 ? [] : [rest.join(words.text('join.list'))]),
  ]
}
