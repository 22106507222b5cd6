import { onTestFinished } from 'vitest'
import { Project, yaml } from './project.ts'

/** A project with one report, whose check passes. It is removed when the test ends. */
export async function reportedProject(text = yaml): Promise<Project> {
  const project = new Project(text)
  onTestFinished(() => project.remove('.'))
  await project.measure({
    run: '20250806T070000Z-aaaa',
    latency: { 'slots-1': 100, 'slots-4': 50 },
  })
  await project.publish()
  return project
}
