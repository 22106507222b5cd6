import { describe, expect, it } from 'vitest'
import { planText } from '../../src/cli/run/plan-text.ts'
import { readTerminalWords } from '../../src/cli/terminal-words.ts'
import { prepareRun } from '../../src/run/prepare-run.ts'
import { experimentOf, testRun } from '../run/test-run.ts'

const words = readTerminalWords({ env: {} })

const configs = `  old: {target: {process: {version: 0.11.3}}}
  new: {from: old, target: process}
  box: {from: old, target: {docker: {image: "ollama/ollama:0.11.3"}}}`

async function planOf(rounds: number): Promise<readonly string[]> {
  const { deps } = await testRun()
  const experiment = experimentOf(`rounds: ${rounds}`, configs)
  return planText(await prepareRun(experiment, { hasRealResults: false }, deps), undefined, words)
    .split('\n')
    .map((line) => line.trim())
}

describe('the plan of a run', () => {
  it('names the version or the image that a config asks for', async () => {
    const plan = await planOf(4)
    expect(plan).toContain('old  process (Ollama 0.11.3), 2 users, 6 requests')
    expect(plan).toContain('new  process, 2 users, 6 requests')
    expect(plan).toContain('box  docker (ollama/ollama:0.11.3), 2 users, 6 requests')
    expect(plan.join('\n')).not.toContain('intervals')
  })

  it('says before anything is measured that the rounds are too few for an interval', async () => {
    expect(await planOf(2)).toContain(
      'note: fewer than 3 rounds give no intervals, so that no change is tested',
    )
  })
})
