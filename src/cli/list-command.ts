import { z } from 'zod'
import { columns } from '../notebook/columns.ts'
import { openNotebook } from '../notebook/notebook.ts'
import { commonLocale, overviewLine, overviewOf } from '../notebook/overview.ts'
import { findRoot } from '../notebook/project.ts'
import { oneLine } from '../report/plain-text.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { paint } from './paint.ts'

const schema = z.object({ json: z.boolean().default(false) })

/** One line an experiment, from the newest locks. */
export function list(given: object, io: Io): ExitCode {
  const overviews = openNotebook({ root: findRoot(io.cwd) }).list()
  if (schema.parse(given).json) {
    io.stdout.write(`${JSON.stringify(overviews, null, 2)}\n`)
    return exitCodes.done
  }
  if (overviews.length === 0) io.stderr.write('no report yet: `exp run FILE` makes the first\n')
  const locale = commonLocale(overviews.map((overview) => overview.locale))
  const rows = overviews.map((overview) => {
    const { title, answer, verdicts, version, date, state } = overviewLine(overview, locale)
    return [overview.id, version, date, state, title, answer, verdicts]
  })
  for (const line of columns(rows)) io.stdout.write(`${line}\n`)
  return exitCodes.done
}

/** One experiment: question, answer, versions, and the results that the report stands on. */
export function show(id: string, given: object, io: Io): ExitCode {
  const [newest, ...earlier] = openNotebook({ root: findRoot(io.cwd) }).versions(id)
  if (newest === undefined) return exitCodes.done
  if (schema.parse(given).json) {
    io.stdout.write(
      `${JSON.stringify({ ...overviewOf(newest), configs: newest.configs }, null, 2)}\n`,
    )
    return exitCodes.done
  }
  const overview = overviewOf(newest)
  const { title, question, date, state, verdicts } = overviewLine(overview, overview.locale)
  const { bold } = paint(io.stdout, io.env)
  const configs = Object.entries(newest.configs).map(([key, config]) => [
    `  ${key}`,
    config.label,
    config.state,
    config.run ?? '',
    `${Object.keys(config.results).length} trials`,
  ])
  const lines = [
    bold(oneLine(title)),
    ...[question, ...overview.answer, verdicts].filter((text) => text !== '').map(oneLine),
    '',
    ...columns(configs),
    '',
    `${newest.version}, ${date}, ${state}: reports/${overview.id}/README.md`,
    ...earlier.map(({ version }) => `${version}: reports/${overview.id}/${version}.md`),
  ]
  io.stdout.write(`${lines.join('\n')}\n`)
  return exitCodes.done
}
