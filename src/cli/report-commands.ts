/** The commands that write, check and show reports. The code of a command is loaded when it is called. */
import { Option, type Command } from 'commander'
import type { ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'

/**
 * `exp report`, `exp check` and `exp diff`.
 * @param add adds a command with its summary
 */
export function addReportCommands(
  add: (name: string, summary: string) => Command,
  io: Io,
  setExitCode: (code: ExitCode) => void,
): void {
  add('report [id...]', 'render reports from stored results')
    .option('--all', 'all experiments of the notebook')
    .option('--stdout', 'print the report instead of writing it')
    .option('--templates <directory>', 'render with these templates; requires --stdout')
    .option('--discard-edits', 'overwrite text that people changed outside keep blocks')
    .action(async (ids: string[], options: object) => {
      const { report } = await import('./report-command.ts')
      setExitCode(await report(ids, options, io))
    })
  add('check [id...]', 'for CI: check that the reports match their results; needs no server')
    .option('--all', 'also draw every chart again, not only those whose data changed')
    .option('--gate', 'exit 1 unless every hypothesis marked `gate: true` is supported')
    .addOption(
      new Option('--format <format>', 'output format; `github` for annotations in a pull request')
        .choices(['text', 'github'])
        .default('text'),
    )
    .option('--summary <file>', 'also write verdicts and findings as Markdown for a comment')
    .option('--against <ref>', 'with --summary: also what changed since a branch or commit of git')
    .action(async (ids: string[], options: object) => {
      const { check } = await import('./check/check-command.ts')
      setExitCode(await check(ids, options, io))
    })
  add('diff [id] [from] [to]', 'show the differences between two versions of a report')
    .option(
      '--against <ref>',
      'compare with a branch or commit of git instead, without <id> for every report; print nothing if nothing changed',
    )
    .addOption(
      new Option('--format <format>', 'output format; `md` for a comment on a pull request')
        .choices(['text', 'md'])
        .default('text'),
    )
    .option('--json', 'print JSON')
    .action(
      async (
        id: string | undefined,
        from: string | undefined,
        to: string | undefined,
        options: object,
      ) => {
        const { diff } = await import('./diff-command.ts')
        setExitCode(await diff(id, from, to, options, io))
      },
    )
}

/**
 * The commands that show what a notebook holds.
 * @param add adds a command with its summary
 */
export function addReadingCommands(
  add: (name: string, summary: string) => Command,
  io: Io,
  setExitCode: (code: ExitCode) => void,
): void {
  add(
    'list',
    'list all experiments with their answers; a follow-up is shown below the experiment that it follows',
  )
    .option('--json', 'print JSON')
    .action(async (options: object) => {
      const { list } = await import('./list-command.ts')
      setExitCode(list(options, io))
    })
  add('show <id>', 'show one experiment: question, answer, versions, results')
    .option('--json', 'print JSON')
    .addOption(
      new Option('--md', 'print ten lines of Markdown to paste into a chat').conflicts('json'),
    )
    .action(async (id: string, options: object) => {
      const { show } = await import('./show-command.ts')
      setExitCode(await show(id, options, io))
    })
  add('open [id]', 'show a report in the browser, or the whole notebook').action(
    async (id: string | undefined) => {
      const { openCommand } = await import('./open-command.ts')
      setExitCode(await openCommand(id, io))
    },
  )
  add('export <id>', 'print the figures, trials and requests of a report, or the report as a page')
    .addOption(
      new Option('--format <format>', 'tables as `csv` or `json`, or the report as `html`')
        .choices(['csv', 'json', 'html'])
        .default('csv'),
    )
    .addOption(
      new Option(
        '--table <table>',
        'one table; default: `figures` as CSV, all three as JSON',
      ).choices(['figures', 'trials', 'requests']),
    )
    .option('--out <file>', 'with html: write the page to this file, pictures included')
    .action(async (id: string, options: object) => {
      const { exportReport } = await import('./export-command.ts')
      setExitCode(await exportReport(id, options, io))
    })
  add('site', 'write the notebook as static pages: an index, all reports, and what changed in them')
    .option('--out <folder>', 'where to write them', 'site')
    .option(
      '--source <url>',
      'where readers find the files of this project, for links: `https://github.com/OWNER/NAME/blob/main`',
    )
    .action(async (options: object) => {
      const { site } = await import('./site-command.ts')
      setExitCode(await site(options, io))
    })
}
