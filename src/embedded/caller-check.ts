/** Decides who may call. Like Ollama, the server accepts only local host names and local web origins. */
import { isIP } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'

const localNames = ['localhost', '127.0.0.1', '0.0.0.0']
const appSchemes = ['app://', 'file://', 'tauri://', 'vscode-webview://', 'vscode-file://']

/** True if the `Host` header is acceptable. @param header the `Host` header @param boundTo the address that the server listens on */
export function isHostAllowed(header: string, boundTo: string): boolean {
  if (!isLoopback(boundTo)) return true
  const host = header
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase()
  if (isIP(host) !== 0) return isPrivate(host) || isOwnAddress(host)
  return (
    host === '' ||
    host === 'localhost' ||
    host === hostname().toLowerCase() ||
    /\.(?:localhost|local|internal)$/.test(host)
  )
}

/** True if a web page of this origin may call. @param allowed patterns of `OLLAMA_ORIGINS`; `*` matches any text */
export function isOriginAllowed(
  origin: string | undefined,
  host: string,
  allowed: readonly string[],
): boolean {
  if (origin === undefined || origin === `http://${host}` || origin === `https://${host}`)
    return true
  if (appSchemes.some((scheme) => origin.startsWith(scheme))) return true
  if (
    localNames.some((name) =>
      new RegExp(`^https?://${escapeForRegExp(name)}(?::.*)?$`).test(origin),
    )
  )
    return true
  return allowed.some((pattern) =>
    new RegExp(`^${pattern.split('*').map(escapeForRegExp).join('.*')}$`).test(origin),
  )
}

const escapeForRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

const isLoopback = (address: string): boolean =>
  address === '::1' || address === 'localhost' || /^(?:::ffff:)?127\./.test(address)

const isPrivate = (address: string): boolean =>
  isLoopback(address) ||
  address === '0.0.0.0' ||
  address === '::' ||
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|f[cd])/.test(address)

const isOwnAddress = (address: string): boolean =>
  Object.values(networkInterfaces()).some((entries) =>
    entries?.some((entry) => entry.address === address),
  )
