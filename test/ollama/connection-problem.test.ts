import { describe, expect, it } from 'vitest'
import { connectionProblem, tunnelProblem } from '../../src/ollama/connection-problem.ts'

const at = (url: string, code: string | undefined, text = '') =>
  connectionProblem(url, new URL(url).origin, code, text)

describe('a server that cannot be reached', () => {
  it.each([
    ['http://a:1/x', 'ECONNREFUSED', 'connection refused', '`ollama serve`'],
    ['http://a:1', 'ENOTFOUND', 'no address is known for the name `a`', 'correct the name'],
    ['http://a:1', 'UND_ERR_CONNECT_TIMEOUT', 'nothing answers there', 'firewalls'],
    ['https://a', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'does not trust', '`NODE_EXTRA_CA_CERTS`'],
    ['https://a', 'ERR_TLS_CERT_ALTNAME_INVALID', 'is not for `a`', 'a name that the certificate'],
    ['http://a:1', 'EOTHER', 'EOTHER', '`ollama serve`'],
  ])('%s, %s', (url, code, reason, hint) => {
    const problem = at(url, code)
    expect(problem.message.startsWith(`cannot connect to \`${url}\`: `)).toBe(true)
    expect(problem.message).toContain(reason)
    expect(problem.hint).toContain(hint)
  })

  it.each([
    ['https://a:1', 'C0:error:0A00010B:SSL routines::wrong version number', '`http://a:1`'],
    ['http://a:1', 'other side closed', '`https://a:1`'],
  ])('%s with the wrong scheme', (url, text, hint) =>
    expect(at(url, 'UND_ERR_SOCKET', text).hint).toContain(hint),
  )
})

it('names a proxy that does not answer, or opens no tunnel', () => {
  const refused = connectionProblem('http://a:1', 'http://proxy:3128', 'ECONNREFUSED', '')
  expect(refused.message).toBe('no proxy answers at `http://proxy:3128`: connection refused')
  expect(refused.hint).toContain('NO_PROXY')
  expect(tunnelProblem('http://proxy:3128', 'it refuses (407)')).toMatchObject({
    message: 'the proxy `http://proxy:3128` opens no tunnel: it refuses (407)',
    hint: refused.hint,
  })
})
