import { fileSize } from '../format/number.ts'
import { openNotebook } from '../notebook/notebook.ts'
import { findRoot } from '../notebook/project.ts'
import { confirmOrRefuse } from './confirm.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { indented, readTerminalWords } from './terminal-words.ts'
import { wrapped } from './wrap.ts'

export interface PruneOptions {
  /** The number of newest versions that keep all their results. */
  readonly keep: number
  readonly yes?: boolean
}

/** Shrinks the results of older versions to the figures of their trials, after printing what will be removed. */
export async function prune(name: string, options: PruneOptions, io: Io): Promise<ExitCode> {
  const words = readTerminalWords(io)
  const notebook = openNotebook({ root: findRoot(io.cwd) })
  const plan = await notebook.planPrune(notebook.experiment(name), options.keep)
  const { experiment, kept, pruned, files } = plan
  const versions = kept.join(', ')
  if (files.size === 0) {
    io.stdout.write(`${words.text('prune.nothing', { experiment, versions })}\n`)
    return exitCodes.done
  }
  const sizes = { before: fileSize(plan.bytesBefore), after: fileSize(plan.bytesAfter) }
  const lines = [
    ...pruned.map((each) => words.text('prune.version', { ...each })),
    words.text('prune.size', sizes),
    words.text('prune.what'),
    words.text('prune.git'),
  ]
  const head = `${words.text('prune.kept', { experiment, versions })}\n`
  io.stderr.write(wrapped(head + indented(lines), io.stderr))
  if (options.yes !== true)
    await confirmOrRefuse(
      words.text('prune.ask'),
      'Nothing was pruned. `--yes` prunes without a question.',
      io,
    )
  await plan.write()
  io.stdout.write(`${words.text('prune.done', { experiment, ...sizes })}\n`)
  return exitCodes.done
}
