/** The project that is damaged: one report of measured configs with a hypothesis, and all templates as its own. */
import { cpSync } from 'node:fs'
import path from 'node:path'
import { Project, yaml } from '../notebook/project.ts'

/** @returns a project that passes `exp check` */
export async function fuzzedProject(): Promise<Project> {
  const project = new Project(`${yaml}analysis: |\n  # What we saw\n\n  Four slots **help**.\n`)
  await project.measure({
    run: '20250806T070000Z-aaaa',
    latency: { 'slots-1': 100, 'slots-4': 50 },
  })
  cpSync('templates/en', path.join(project.root, 'templates/en'), { recursive: true })
  await project.publish()
  return project
}
