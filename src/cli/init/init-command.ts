import { z } from 'zod'
import { assertNewFile, writeFiles, writeNewFile } from '../../files/write-files.ts'
import type { Choices } from '../../setup/choices.ts'
import { readPlacedModel } from '../../setup/read-options.ts'
import { projectFiles } from '../../setup/project-files.ts'
import { exitCodes, type ExitCode } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { counted, readTerminalWords, writtenLines, type TerminalWords } from '../terminal-words.ts'
import {
  choicesOf,
  setupOptions,
  type SetupOptions,
  experimentName,
  readSetupContext,
} from './choices-of-options.ts'
import { newFile } from './new-file.ts'
import { readPromptsFile } from './prompts-file.ts'
import { askForChoices } from './questions.ts'

const schema = setupOptions.extend({
  model: z.array(z.string()).default([]),
  ci: z.union([z.literal(true), z.enum(['reports', 'fleet'])]).optional(),
})

/** What an experiment compares by default: the first question of many users. */
const example: Pick<SetupOptions, 'vary' | 'on'> & { readonly model: readonly string[] } = {
  vary: ['OLLAMA_NUM_PARALLEL=1,4'],
  on: ['native'],
  model: ['qwen3:0.6b'],
}

/**
 * Writes an experiment file, and the other files that a project needs. Unless the arguments say what to compare, asks
 * for it on a terminal. Never overwrites an experiment.
 */
export async function init(nameOrFile: string, rawOptions: object, io: Io): Promise<ExitCode> {
  const options = schema.parse(rawOptions)
  const name = experimentName(nameOrFile)
  const words = readTerminalWords(io)
  const file = `experiments/${name}.yaml`
  assertNewFile(io.cwd, file)
  const prompts =
    options.prompts === undefined ? undefined : await readPromptsFile(options.prompts, io)
  const context = await readSetupContext(io.cwd, io)
  const hasLevels = (options.users?.length ?? 0) > 1 || options.capacity !== undefined
  const isChosen =
    hasLevels ||
    options.mix !== undefined ||
    options.vary.length > 0 ||
    options.on.length > 0 ||
    options.model.length > 0
  const asked = isChosen || io.ask === undefined ? {} : await askForChoices(io.ask, context, words)
  const isExample = !isChosen && io.ask === undefined
  const chosen = { ...options, ...(isExample ? example : {}), ...asked, copySettings: !isExample }
  const { installed, running } = context.ollama
  const namesServer =
    chosen.on.length > 0 || chosen.model.some((each) => readPlacedModel(each).server !== undefined)
  const isForOtherMachine = !namesServer && installed === undefined && running === undefined
  const choices: Choices = choicesOf(
    chosen.model,
    isForOtherMachine ? { ...chosen, on: ['native'] } : chosen,
    { prompts: prompts?.prompts ?? { kind: 'example' }, atLeast: 20, atMost: '5m' },
    context,
  )
  const { text } = newFile(name, choices, prompts, context.words, true)
  await writeNewFile(io.cwd, file, text)
  const otherFiles = new Map(projectFiles(io.cwd, options.ci === true ? 'reports' : options.ci))
  if (prompts !== undefined) otherFiles.set(prompts.copy, prompts.bytes)
  const written = await writeFiles(io.cwd, otherFiles)
  io.stdout.write(`${words.text('file.wrote', { file })}\n`)
  for (const line of writtenLines(written, words)) io.stdout.write(`${line}\n`)
  io.stderr.write(`${defaultsText(choices, words)}\n`)
  io.stderr.write(`${words.text('file.nextEdit', { file })}\n`)
  return exitCodes.done
}

/** Says which defaults the file has, because no question asked for them. */
function defaultsText(
  { users, capacity, duration, atLeast, rounds, prompts, locale }: Choices,
  words: TerminalWords,
): string {
  return words.text('init.defaults', {
    load: words.text('plan.closedDurationAtLeast', {
      users:
        capacity === undefined
          ? usersText(users, words)
          : words.text('count.user.search', { highest: capacity }),
      duration,
      requests: counted('request', atLeast, words),
    }),
    rounds: counted('round', rounds, words),
    prompts:
      prompts.kind === 'file'
        ? words.text('init.promptsFile', { file: prompts.file })
        : words.text('init.examplePrompts'),
    locale,
  })
}

function usersText(users: Choices['users'], words: TerminalWords): string {
  const [one = 1, ...more] = users
  return more.length === 0
    ? counted('user', one, words)
    : words.text('count.user.levels', { levels: users.join(', ') })
}
