/** Which proxy the environment names for a server. */
import type { Environment } from './headers.ts'
import { isLoopback } from '../evidence/local-server-log.ts'

/**
 * The value of `http_proxy` or `https_proxy`, whichever the server's scheme asks for, small letters first, as
 * curl has it; `undefined` for a server of this machine and for one that `no_proxy` names.
 */
export function proxyFor(url: string, env: Environment): string | undefined {
  if (!URL.canParse(url)) return undefined
  const { protocol, hostname, port } = new URL(url)
  if (isLoopback(hostname)) return undefined
  const excepted = (setting(env, 'no_proxy') ?? '').split(/[\s,]+/).filter((name) => name !== '')
  if (excepted.some((name) => covers(name, hostname, port))) return undefined
  const proxy = setting(env, protocol === 'https:' ? 'https_proxy' : 'http_proxy')
  return proxy === undefined || proxy.includes('://') ? proxy : `http://${proxy}`
}

function setting(env: Environment, name: string): string | undefined {
  const value = env[name] ?? env[name.toUpperCase()]
  return value === '' ? undefined : value
}

/** `*`, a host, a domain with or without its dot, any of them with a port. */
function covers(pattern: string, hostname: string, port: string): boolean {
  if (pattern === '*') return true
  const [, name = '', only] = /^(.*?)(?::(\d+))?$/.exec(pattern) ?? []
  if (only !== undefined && only !== port) return false
  const domain = name.replace(/^\*?\./, '').toLowerCase()
  return domain !== '' && (hostname === domain || hostname.endsWith(`.${domain}`))
}
