/** Limits what a reader of the docker-opt report sees before unfolding anything. */
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { inLocale } from '../../src/experiment/in-locale.ts'
import { renderReport } from '../../src/report/report.ts'
import { dockerOptFile, dockerOptProject } from '../support/docker-opt.ts'
import { unfolded } from '../support/report-parts.ts'
import { fourServers } from './support/golden-runs.ts'
import { readExperiment, storedInput } from './support/golden.ts'
import { writeRun } from './support/simulated-run.ts'

/** Characters (Unicode code points) of the Markdown outside `<details>`, comments and runs of blank lines. */
const limits = { 'zh-CN': 6700, en: 9500 } as const

/** A run on a Mac with Docker, which has causes and recommendations, unlike a demo. */
function simulated() {
  const { root } = dockerOptProject()
  const experiment = readExperiment(path.join(root, dockerOptFile))
  writeRun(experiment, root, { run: '20250808T062103Z-3f9a', seed: 7, servers: fourServers })
  return { experiment, folder: root }
}

describe.each([
  ['as stored', { experiment: readExperiment(dockerOptFile), folder: 'reports/docker-opt' }],
  ['of a simulated run', simulated()],
] as const)('the report of docker-opt %s', (_, { experiment, folder }) => {
  it.each(experiment.locales)(
    'shows no more characters outside folded parts: %s',
    async (locale) => {
      const shown = unfolded(renderReport(await storedInput(experiment, folder, locale)))
      // The text of a picture is read only in its place.
      const read = shown
        .replaceAll(/<!--.*?-->/gs, '')
        .replaceAll(/^!\[.*\)$/gm, '')
        .replaceAll(/\n{3,}/g, '\n\n')
      expect(Array.from(read).length).toBeLessThanOrEqual(limits[locale])
      // So that the limit cannot be kept by folding away the answer.
      for (const { id, statement } of inLocale(experiment, locale).hypotheses)
        expect(shown).toContain(`${id} ${statement}`)
    },
  )
})
