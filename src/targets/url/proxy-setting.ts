/** Which proxy the environment names for a server. */
import { BlockList, isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { isLoopback } from '../evidence/local-server-log.ts'
import type { EnvironmentVariables } from '../owned-server/server-environment.ts'

/**
 * The proxy that the environment names for a server: `http_proxy` or `https_proxy`, depending on the server's scheme,
 * or else `all_proxy`. As in curl, a lower-case name wins over an upper-case one,
 * unless it is empty. `undefined` for a server on this
 * machine, and for one that `no_proxy` covers.
 */
export function proxyFor(url: string, env: EnvironmentVariables): string | undefined {
  if (!URL.canParse(url)) return undefined
  const { protocol, hostname, port } = new URL(url)
  if (isLoopback(hostname)) return undefined
  const host = hostname.replace(/\.$/, '')
  const usedPort = port === '' ? defaultPorts[protocol] : port
  const exceptions = (proxyVariable(env, 'no_proxy') ?? '')
    .split(/[\s,]+/)
    .filter((name) => name !== '')
  if (exceptions.some((name) => covers(name, host, usedPort))) return undefined
  const proxy =
    proxyVariable(env, protocol === 'https:' ? 'https_proxy' : 'http_proxy') ??
    proxyVariable(env, 'all_proxy')
  return proxy === undefined || proxy.includes('://') ? proxy : `http://${proxy}`
}

/** The proxy's scheme, host and port, without the credentials that its URL may have. */
export function proxyAddress(proxy: string): string {
  const { protocol, host } = new URL(proxy)
  return `${protocol}//${host}`
}

function proxyVariable(env: EnvironmentVariables, name: string): string | undefined {
  return [env[name], env[name.toUpperCase()]]
    .map((value) => value?.trim())
    .find((value) => value !== undefined && value !== '')
}

const defaultPorts: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' }

/**
 * True if an entry of `no_proxy` covers the host.
 * @param pattern the entry: a host or a domain, which may have a leading dot, `*`, a scheme and a port; or an address;
 *   or a range of addresses such as `10.0.0.0/8`
 * @param host the host as a URL contains it: in lower case, an IPv6 address in brackets
 */
function covers(pattern: string, host: string, port: string | undefined): boolean {
  const written = pattern.toLowerCase().replace(/^[a-z]+:\/\//, '')
  const address = host.replace(/^\[|\]$/g, '')
  if (written.includes('/')) return inRange(address, written.replaceAll(/[[\]]/g, ''))
  if (isIP(written) === 6) return inRange(address, `${written}/128`)
  const [, name = '', onlyPort] = /^(.*?)\.?(?::(\d+))?$/.exec(written) ?? []
  if (onlyPort !== undefined && onlyPort !== port) return false
  if (name.startsWith('[')) return inRange(address, `${name.slice(1, -1)}/128`)
  const domain = domainToASCII(name.replace(/^\*?\./, ''))
  if (name.replace(/^\*\./, '').includes('*')) return wildcard(name).test(host)
  return domain !== '' && (host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`)))
}

function wildcard(pattern: string): RegExp {
  const literal = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`)
  return new RegExp(`^${literal.replaceAll('*', '.*')}$`)
}

/** @param range an address and the length of its prefix; a malformed range contains no address */
function inRange(address: string, range: string): boolean {
  const [network = '', length = ''] = range.split('/')
  const [family, addressFamily] = [isIP(network), isIP(address)]
  if (family === 0 || family !== addressFamily || !/^\d{1,3}$/.test(length)) return false
  if (Number(length) > (family === 4 ? 32 : 128)) return false
  const name = family === 4 ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  list.addSubnet(network, Number(length), name)
  return list.check(address, name)
}
