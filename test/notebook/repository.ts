/** A project under git. */
import { execa } from 'execa'
import { Project } from './project.ts'

const settings = ['user.name=a', 'user.email=a@b', 'core.autocrlf=false'].flatMap((one) => [
  '-c',
  one,
])

/** A project with v1.0 of its report committed on the branch `main`. */
export async function repository(text?: string) {
  const project = new Project(text)
  const git = async (...args: readonly string[]): Promise<string> => {
    const reject = args[0] !== 'merge'
    const { stdout } = await execa('git', [...settings, ...args], { cwd: project.root, reject })
    return stdout
  }
  const commit = async (message: string): Promise<void> => {
    await git('add', '.')
    await git('commit', '-q', '-m', message)
  }
  await git('init', '-q', '-b', 'main')
  await project.measure({ run: '20250806-a', latency: { 'slots-1': 400, 'slots-4': 300 } })
  await project.publish()
  await commit('v1.0')
  return { project, git, commit }
}
