/**
 * The engine that a config's containers run on: that of this machine, or the one that a Docker context of the user
 * names. Docker's own transport carries the commands; this file finds out where published ports can be reached.
 */
import { lookup } from 'node:dns/promises'
import { z } from 'zod'
import { ExpError } from '../../errors/exp-error.ts'
import type { MachineTools } from '../../host/machine-tools.ts'
import { isLoopback } from '../evidence/local-server-log.ts'
import { parseSshUrl, runOverSsh, type SshDestination } from '../remote/ssh.ts'
import type { ServerMachine } from '../target.ts'
import { contextName, contextPattern } from './context-name.ts'
import { Docker } from './docker-cli.ts'
import { engineMachineId } from './engine-machine.ts'

export interface DockerEngine {
  readonly docker: Docker
  /** Absent if the engine is on this machine. */
  readonly remote?: RemoteEngine
}

export interface RemoteEngine {
  readonly machine: ServerMachine
  readonly access: EngineAccess
}

/** How requests reach a published port of another machine. */
export type EngineAccess =
  | { readonly kind: 'ssh'; readonly destination: SshDestination }
  /** The address of that machine at which its containers publish their port. */
  | { readonly kind: 'tcp'; readonly address: string }

const inspectedContext = z
  .tuple([z.object({ Endpoints: z.object({ docker: z.object({ Host: z.string() }) }) })])
  .transform(([context]) => context.Endpoints.docker.Host)

/**
 * Throws `ExpError` if there is no such context, or if its engine cannot be reached.
 * @param context undefined for the engine of this machine; then throws if `docker` would use another machine's engine
 */
export async function findEngine(
  context: string | undefined,
  tools: MachineTools,
  signal: AbortSignal,
): Promise<DockerEngine> {
  if (context === undefined) {
    await assertLocalEngine(tools, signal)
    return { docker: new Docker(tools) }
  }
  assertContextName(context)
  const host = await new Docker(tools).json(['context', 'inspect', context], inspectedContext, {
    signal,
  })
  const docker = new Docker(tools, context)
  const access = await accessOf(host, context, tools, signal)
  if (access === undefined) return { docker }
  const id = await engineMachineId(docker, signal)
  return { docker, remote: { access, machine: { id, name: context, via: access.kind } } }
}

const currentContext = z
  .tuple([
    z.object({ Name: z.string(), Endpoints: z.object({ docker: z.object({ Host: z.string() }) }) }),
  ])
  .transform(([{ Name, Endpoints }]) => ({ name: Name, host: Endpoints.docker.Host }))

/**
 * Throws `ExpError` if `docker` uses an engine of another machine although the file names none: by `DOCKER_HOST`, or by
 * the context that the user chose. Then neither the ports of its containers nor the facts about its machine would be
 * those of this machine.
 */
async function assertLocalEngine(tools: MachineTools, signal: AbortSignal): Promise<void> {
  const inspected = new Docker(tools).json(['context', 'inspect'], currentContext, { signal })
  // Old versions of docker, and programs that replace it, have no contexts.
  const current = await inspected.catch(() => undefined)
  signal.throwIfAborted()
  if (current === undefined || !isOnOtherMachine(current.host)) return
  throw current.name === 'default'
    ? new ExpError(
        'environment',
        '`DOCKER_HOST` names an engine on another machine, and the target names no context',
        'give that engine a name, `docker context create NAME --docker host=$DOCKER_HOST`, and write `context: NAME` into the target; or unset `DOCKER_HOST`',
      )
    : new ExpError(
        'environment',
        `the current Docker context \`${current.name}\` is an engine on another machine, and the target names no context`,
        `write \`context: ${current.name}\` into the target, or return to this machine with \`docker context use default\``,
      )
}

/** True for the endpoint of an engine on another machine. */
function isOnOtherMachine(endpoint: string): boolean {
  const [, scheme = ''] = /^([a-z]+):\/\//.exec(endpoint) ?? []
  if (scheme === 'ssh') return true
  return isNetworkScheme(scheme) && !isLoopback(hostOf(endpoint) ?? 'localhost')
}

function isNetworkScheme(scheme: string): boolean {
  return /^(?:tcp|https?)$/.test(scheme)
}

/** Undefined if it cannot be parsed. */
function hostOf(endpoint: string): string | undefined {
  const url = endpoint.replace(/^tcp:/, 'http:')
  return URL.canParse(url) ? new URL(url).hostname : undefined
}

function assertContextName(name: string): void {
  if (!contextPattern.test(name))
    throw new ExpError(
      'environment',
      `\`${name.replace(/\p{Cc}+/gu, ' ').slice(0, 100)}\` cannot be the name of a Docker context`,
      '`docker context ls` lists the names',
    )
}

/**
 * Undefined if the engine is on this machine. Checks that `ssh` connects, because `docker` would ask for a password.
 */
async function accessOf(
  host: string,
  context: string,
  tools: MachineTools,
  signal: AbortSignal,
): Promise<EngineAccess | undefined> {
  const [, scheme = ''] = /^([a-z]+):\/\//.exec(host) ?? []
  if (scheme === 'unix' || scheme === 'npipe') return undefined
  const name = contextName(context)
  if (scheme === 'ssh') {
    const destination = parseSshUrl(host, name)
    await runOverSsh(destination, 'true', tools, { signal })
    return { kind: 'ssh', destination }
  }
  const hostname = isNetworkScheme(scheme) ? hostOf(host) : undefined
  if (hostname === undefined)
    throw new ExpError(
      'environment',
      `exp cannot reach the ports of ${name}`,
      'use a context whose endpoint begins with `ssh://`, `tcp://` or `unix://`',
    )
  if (isLoopback(hostname)) return undefined
  try {
    const { address } = await lookup(hostname.replace(/^\[|\]$/g, ''))
    return { kind: 'tcp', address }
  } catch {
    throw new ExpError('environment', `the host of ${name} cannot be resolved`)
  }
}
