/** `exp tune`: finds the best settings for a model on this machine by a race, and keeps nothing unless asked to. */
import type { LeftOut } from '../../setup/tune-space.ts'
import { z } from 'zod'
import { forShell } from '../../errors/quote.ts'
import { oneLine } from '../../format/plain-text.ts'
import { resultsData } from '../../library/published-data.ts'
import { findRoot } from '../../notebook/project.ts'
import type { Published } from '../../notebook/publish-report.ts'
import { readTemplates } from '../../notebook/template-files.ts'
import { raceTexts } from '../../report/report.ts'
import { checkCommand, type TunedCheck } from '../../report/tuned-check.ts'
import { readVariation } from '../../setup/read-options.ts'
import { measureNew, nameToSave } from '../compare/measure-new.ts'
import type { ExitCode } from '../exit-code.ts'
import { choicesOf, readSetupContext, setupOptions } from '../init/choices-of-options.ts'
import { newFile } from '../init/new-file.ts'
import { readPromptsFile } from '../init/prompts-file.ts'
import { paint, type Io } from '../io.ts'
import { terminalLocale } from '../language.ts'
import { keepLines, printJson } from '../safe-output.ts'
import { indented, readTerminalWords, type TerminalWords } from '../terminal-words.ts'
import { spaceOnThisMachine } from './space-here.ts'

const schema = setupOptions.omit({ users: true, rounds: true }).extend({
  users: z.number().default(4),
  maximize: z.string(),
  budget: z.string(),
  ignoreBelow: z.string().optional(),
  save: z.string().optional(),
  yes: z.boolean().default(false),
  json: z.boolean().default(false),
})

export async function tune(
  model: string | undefined,
  rawOptions: object,
  io: Io,
): Promise<ExitCode> {
  const options = schema.parse(rawOptions)
  const { maximize, budget, ignoreBelow, users } = options
  const project = findRoot(io.cwd)
  const name = nameToSave(options.save, 'tune', project)
  const context = await readSetupContext(project, io)
  const file =
    options.prompts === undefined ? undefined : await readPromptsFile(options.prompts, io)
  const chosen = choicesOf(
    model === undefined ? [] : [model],
    // Users start one after another: if all sent their first request at once, the queue would count as the server's
    // latency.
    { ...(users > 1 ? { ramp: 'auto' } : {}), ...options, users: [users], rounds: 1 },
    { prompts: file?.prompts ?? { kind: 'tasks' }, atLeast: 10, atMost: '1m' },
    context,
  )
  const race = { maximize, budget, ...(ignoreBelow === undefined ? {} : { ignoreBelow }) }
  const isNamed = options.vary.length > 0
  const space = isNamed ? undefined : await spaceOnThisMachine(chosen, budget, file, context)
  const leftOut = indented(leftOutLines(space?.leftOut ?? [], readTerminalWords(io)))
  const variations = space?.settings.map(({ setting, values }) =>
    readVariation(`${setting}=${values.join(',')}`),
  )
  const choices = { ...chosen, race, variations: variations ?? chosen.variations }
  const experimentFile = newFile(name, choices, file, context.words, false)
  io.stderr.write(leftOut)
  const load = {
    users,
    ...(chosen.ramp === undefined ? {} : { ramp: chosen.ramp }),
    ...{ duration: chosen.duration, prompts: options.prompts },
  }
  const print = (published: Published) => {
    printRace(published, { ...options, load }, io)
  }
  return measureNew(
    { newFile: experimentFile, prompts: file, needsTwoConfigs: false, print },
    options,
    project,
    io,
  )
}

interface PrintOptions {
  readonly json: boolean
  readonly save?: string | undefined
  /** The load of the race, as options of `exp compare`. */
  readonly load: Readonly<Record<string, string | number | undefined>>
}

/** With `--save`, title and answer follow as after any run. */
function printRace(
  { experiment, analysis, answer }: Published,
  { json, save, load }: PrintOptions,
  io: Io,
): void {
  const locale = terminalLocale(io)
  const { tuning } = analysis
  if (json || tuning === undefined) {
    printJson(io.stdout, resultsData(experiment, analysis))
    return
  }
  const words = readTerminalWords(io)
  const { bold } = paint(io.stdout, io.env)
  const texts = raceTexts({ experiment, analysis, locale, templates: readTemplates(locale) })
  const answered =
    save === undefined ? [bold(oneLine(experiment.title)), ...answer.map(oneLine)] : []
  const others = (texts?.others ?? []).map(({ config, outcome }) =>
    words.text('tune.configOutcome', { config, outcome }),
  )
  const listed = others.length === 0 ? '' : `${words.text('tune.others')}\n${indented(others)}`
  io.stdout.write([...answered, listed].join('\n'))
  // Lines to paste stay whole.
  for (const { title, lines } of texts?.settings ?? [])
    io.stdout.write(keepLines(`\n${title}:\n${indented(lines)}`))
  if (texts?.check === undefined) return
  io.stdout.write(`\n${words.text('tune.check')}:\n`)
  const command =
    save === undefined
      ? compareCommand(texts.check, load)
      : checkCommand(texts.check, experiment.file)
  io.stdout.write(keepLines(indented([command])))
}

/** The command that measures the default settings and the reader's own server with the load of the race. */
function compareCommand({ before, after }: TunedCheck, load: PrintOptions['load']): string {
  const options = Object.entries(load).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, forShell(String(value))],
  )
  return ['exp', 'compare', forShell(before), forShell(after), ...options].join(' ')
}

/** One line for each setting that does not race, with the reason. */
function leftOutLines(leftOut: readonly LeftOut[], words: TerminalWords): readonly string[] {
  return leftOut.map((each) => {
    const { setting } = each
    if (each.why === 'budget')
      return words.text('tune.leftOut.budget', {
        setting,
        values: each.values.join(','),
        combinations: each.combinations,
      })
    return words.text('tune.leftOut', { setting, reason: reasonText(each, words) })
  })
}

function reasonText(
  each: Exclude<LeftOut, { readonly why: 'budget' }>,
  words: TerminalWords,
): string {
  switch (each.why) {
    case 'unknownVersion':
    case 'oldVersion':
      return words.text(`tune.leftOut.${each.why}`, { since: each.since })
    case 'shortPrompts':
      return words.text('tune.leftOut.shortPrompts', { tokens: each.tokens, batch: each.batch })
    case 'longPrompts':
      return words.text('tune.leftOut.longPrompts', { tokens: each.tokens })
    default:
      return words.text(`tune.leftOut.${each.why}`)
  }
}
