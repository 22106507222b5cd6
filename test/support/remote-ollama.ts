/** A real Ollama on the path of the ssh server that `.ci/remote-engine` starts. */
import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rename, symlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { remoteProgram } from './remote-engine.ts'

/** Makes the program the `ollama` of that machine. */
export async function installRemoteOllama(program: string): Promise<void> {
  await mkdir(dirname(remoteProgram), { recursive: true })
  const link = `${remoteProgram}-${process.pid}`
  await symlink(program, link)
  await rename(link, remoteProgram)
}

/** The pids of all processes with this model store: the server and those that compute. */
export async function processesOf(models: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      return environment.split('\0').includes(`OLLAMA_MODELS=${models}`) ? [Number(pid)] : []
    }),
  )
  return found.flat()
}

/** The pids of the `ssh` processes of a process: those that forward a port, or those that run a server. */
export async function sshOf(
  parent: number,
  which: 'tunnel' | 'server',
): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,ppid=,args='])
  return stdout.split('\n').flatMap((line) => {
    const [pid = 0, of] = line.trim().split(/\s+/).map(Number)
    const isTunnel = line.includes(' -L 127.0.0.1:')
    const isServer = line.includes('exec sh -c')
    return of === parent && (which === 'tunnel' ? isTunnel : isServer) ? [pid] : []
  })
}
