import { readdirSync } from 'node:fs'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { Project, yaml } from './project.ts'

type Files = ReadonlyMap<string, Buffer>

/** The files of the projects that were reported, by the text of the experiment. */
const reported = new Map<string, Promise<Files>>()

/**
 * A project with one report, whose check passes. It is removed when the test ends. Each experiment is measured and
 * reported once for all tests of a file; each test gets a copy.
 */
export async function reportedProject(text = yaml): Promise<Project> {
  const files = reported.get(text) ?? filesOf(text)
  reported.set(text, files)
  const project = new Project(text)
  onTestFinished(() => project.remove('.'))
  for (const [name, bytes] of await files) project.write(name, bytes)
  return project
}

async function filesOf(text: string): Promise<Files> {
  const project = new Project(text)
  try {
    await project.measure({
      run: '20250806T070000Z-aaaa',
      latency: { 'slots-1': 100, 'slots-4': 50 },
    })
    await project.publish()
    return new Map(
      readdirSync(project.root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(project.root, path.join(entry.parentPath, entry.name)))
        .map((name) => [name, project.bytes(name)]),
    )
  } finally {
    project.remove('.')
  }
}
