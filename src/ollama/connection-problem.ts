/** Why a server cannot be reached, in plain words, and what to do about it. Pure. */
import { quoted } from '../errors/quote.ts'

/** What went wrong, in a sentence without its end, and what to do. */
export interface ConnectionProblem {
  readonly message: string
  readonly hint: string
}

/** A reason that the text of a message ends with. */
interface Reason {
  readonly reason: string
  readonly hint: string
}

const start = 'start it with `ollama serve`, or correct the address'
const network = 'check the address, the network, and the firewalls between here and there'

/** The problems with a fixed text, by the code of the error. */
const problems: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: { reason: 'connection refused', hint: start },
  ETIMEDOUT: { reason: 'nothing answers there', hint: network },
  UND_ERR_CONNECT_TIMEOUT: { reason: 'nothing answers there', hint: network },
  EHOSTUNREACH: { reason: 'no route to this host', hint: network },
  ENETUNREACH: { reason: 'no route to this network', hint: network },
  EAI_AGAIN: { reason: 'names cannot be looked up now', hint: 'check the network and its DNS' },
  CERT_HAS_EXPIRED: {
    reason: 'its certificate has expired',
    hint: 'renew the certificate, or use an `http://` address',
  },
}

const untrusted: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

const proxyHint =
  'correct HTTP_PROXY, HTTPS_PROXY or ALL_PROXY, or exclude this server with NO_PROXY'

/**
 * @param url the server as messages show it
 * @param origin scheme, host and port that the connection was opened to: those of the server, or of a proxy
 * @param code that of the error, such as `ECONNREFUSED`
 * @param text the message of the error, without control codes and secrets
 */
export function connectionProblem(
  url: string,
  origin: string,
  code: string | undefined,
  text: string,
): ConnectionProblem {
  const isProxy = new URL(url).origin !== origin
  const { reason, hint } = reasonOf(new URL(origin), code, text)
  return isProxy
    ? { message: `no proxy answers at ${quoted(origin)}: ${reason}`, hint: proxyHint }
    : { message: `cannot connect to ${quoted(url)}: ${reason}`, hint }
}

/** A failure of the proxy to open a tunnel to an https server. */
export function tunnelProblem(origin: string, why: string): ConnectionProblem {
  return { message: `the proxy ${quoted(origin)} opens no tunnel: ${why}`, hint: proxyHint }
}

function reasonOf(
  { protocol, hostname, host }: URL,
  code: string | undefined,
  text: string,
): Reason {
  if (code !== undefined && Object.hasOwn(problems, code))
    return problems[code] ?? { reason: code, hint: start }
  if (code === 'ENOTFOUND')
    return {
      reason: `no address is known for the name ${quoted(hostname)}`,
      hint: 'correct the name, or write the address of the server',
    }
  if (code !== undefined && untrusted.has(code))
    return {
      reason: 'this machine does not trust its certificate',
      hint: 'set `NODE_EXTRA_CA_CERTS` to a file (PEM) with the certificate that signed it',
    }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return {
      reason: `its certificate is not for ${quoted(hostname)}`,
      hint: 'write the address with a name that the certificate is for',
    }
  if (protocol === 'https:' && /wrong version number|packet length too long/i.test(text))
    return { reason: 'it does not speak https', hint: `write ${quoted(`http://${host}`)}` }
  if (protocol === 'http:' && text === 'other side closed')
    return {
      reason: 'it closed the connection without an answer',
      hint: `check whether this is Ollama, or whether it expects ${quoted(`https://${host}`)}`,
    }
  return { reason: text || (code ?? 'no connection'), hint: start }
}
