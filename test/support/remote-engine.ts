/** The second Docker engine behind an ssh server on loopback, which `.ci/remote-engine start` starts. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const state = join(process.env['TMPDIR'] ?? '/tmp', 'exp-remote-engine')
const socket = join(state, 'docker.sock')
/** The program `ollama` of the machine behind ssh. */
export const remoteProgram = join(state, 'remote-bin/ollama')
/** Its address for `docker` on this machine. */
export const remoteEngine = `unix://${socket}`

/** Runs `docker` on the second engine, without ssh. */
export async function onRemoteEngine(...args: readonly string[]): Promise<string> {
  const env = { ...process.env, DOCKER_HOST: remoteEngine }
  return (await promisify(execFile)('docker', [...args], { env })).stdout.trim()
}

/** True if the engine answers. Throws in CI if it does not. */
export async function hasRemoteEngine(): Promise<boolean> {
  try {
    await onRemoteEngine('version')
    return existsSync(join(state, 'bin/ssh'))
  } catch (error) {
    if (process.env['CI'] === 'true') throw error
    return false
  }
}

/**
 * Variables with which `ssh` knows the hosts of the engine, and `docker` these contexts: `box` and `network` are the engine,
 * `same` is its socket, `password` and `unknown-key` cannot be used by a program, `refused` and `refused-network` do not answer.
 */
export async function remoteEnvironment(): Promise<Record<string, string>> {
  const config = await mkdtemp(join(tmpdir(), 'exp-docker-config-'))
  const env = { PATH: `${state}/bin:${process.env['PATH'] ?? ''}`, DOCKER_CONFIG: config }
  const contexts = {
    box: 'ssh://exp-box',
    same: remoteEngine,
    network: 'tcp://172.31.207.1:23750',
    password: 'ssh://exp-box-password',
    'unknown-key': 'ssh://exp-box-unknown',
    refused: 'ssh://127.0.0.1:1',
    'refused-network': 'tcp://172.31.207.1:1',
  }
  for (const [name, host] of Object.entries(contexts))
    await promisify(execFile)('docker', ['context', 'create', name, `--docker=host=${host}`], {
      env: { ...process.env, ...env },
    })
  return env
}
