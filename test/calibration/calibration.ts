/** The tables of the calibration, and the text that shows them. */
import { auditsTable } from './audits.ts'
import { capacitySearchTable } from './capacity-search.ts'
import { capacityTable } from './capacity.ts'
import { causesTable } from './causes.ts'
import { changesTable } from './changes.ts'
import { factorsTable } from './factors.ts'
import { raceTable } from './race.ts'
import type { Settings, Table } from './table.ts'
import { verdictsTable } from './verdicts.ts'

export const tables: readonly ((settings: Settings) => Table)[] = [
  changesTable,
  verdictsTable,
  capacityTable,
  capacitySearchTable,
  auditsTable,
  causesTable,
  factorsTable,
  raceTable,
]

/**
 * @param made the texts of the tables
 * @param command that writes this text again
 */
export function calibrationText(
  made: readonly string[],
  { experiments, seed }: Settings,
  command: string,
): string {
  const error = (rate: number) => (196 * Math.sqrt((rate * (1 - rate)) / experiments)).toFixed(1)
  return [
    '# How often is exp wrong?',
    'These numbers come from simulated experiments whose truth is known. The simulations draw trials or requests and give them to the code that makes reports: `analyse` and `diagnose`. Nothing here repeats its formulas.',
    `Each cell counts ${experiments.toLocaleString('en-US')} experiments (seed ${seed}); coverage counts those of all true changes together. Because a simulation is finite, a share of 1 % may be off by ${error(0.01)} points, one of 5 % by ${error(0.05)}, and one of 50 % by ${error(0.5)} (95 % of the time). A limit in parentheses is what exp promises; ‼️ marks a cell that breaks it by more than chance does once in 10,000 cells.`,
    `Made by \`${command}\`. A short form of it runs with the tests and fails outside these limits.`,
    ...made,
  ]
    .join('\n\n')
    .concat('\n')
}
