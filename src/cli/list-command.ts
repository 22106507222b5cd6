import { z } from 'zod'
import { columns } from '../format/columns.ts'
import { openNotebook } from '../notebook/notebook.ts'
import { commonLocale, overviewLine, overviewOf, overviewTree } from '../notebook/overview.ts'
import { findRoot } from '../notebook/project.ts'
import { oneLine } from '../format/plain-text.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { paint } from './paint.ts'

const schema = z.object({ json: z.boolean().default(false) })

/** Each experiment with its title and answer, what followed from it below it; those without a report too. */
export function list(given: object, io: Io): ExitCode {
  const overviews = openNotebook({ root: findRoot(io.cwd) }).list()
  if (schema.parse(given).json) {
    io.stdout.write(`${JSON.stringify(overviews, null, 2)}\n`)
    return exitCodes.done
  }
  if (overviews.length === 0) io.stderr.write('no experiment yet: `exp init NAME` begins one\n')
  const locale = commonLocale(overviews.map((overview) => overview.locale))
  const members = overviewTree(overviews).map(({ overview, depth }) => {
    return { id: overview.id, depth, line: overviewLine(overview, locale) }
  })
  const heads = columns(
    members.map(({ id, depth, line: { version, date, state, verdicts } }) => {
      const name = depth === 0 ? id : `${'  '.repeat(depth - 1)}└ ${id}`
      return [name, version, date, state, verdicts]
    }),
  )
  const { bold } = paint(io.stdout, io.env)
  for (const [index, { depth, line }] of members.entries()) {
    const { title, answer, follows } = line
    const below = [title, answer, follows === '' ? '' : `← ${follows}`].filter(
      (text) => text !== '',
    )
    const indent = '  '.repeat(depth + 1)
    const texts = [bold(heads[index] ?? ''), ...below.map((text) => indent + oneLine(text))]
    io.stdout.write(`${texts.join('\n')}\n`)
  }
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
  const { title, question, date, state, verdicts, follows } = overviewLine(
    overview,
    overview.locale,
  )
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
    ...[question, ...overview.answer, verdicts, follows === '' ? '' : `← ${follows}`]
      .filter((text) => text !== '')
      .map(oneLine),
    '',
    ...columns(configs),
    '',
    `${newest.version}, ${date}, ${state}: reports/${overview.id}/README.md`,
    ...earlier.map(({ version }) => `${version}: reports/${overview.id}/${version}.md`),
  ]
  io.stdout.write(`${lines.join('\n')}\n`)
  return exitCodes.done
}
