import { describe, expect, it } from 'vitest'
import { proxyFor } from '../../../src/targets/url/proxy-setting.ts'

const env = {
  http_proxy: 'proxy.example:3128',
  HTTPS_PROXY: 'http://me:pw@proxy.example:3128',
  NO_PROXY: 'inside.example, .corp.example,10.0.0.7:8080',
}

describe('proxyFor', () => {
  it.each([
    ['http://gpu.example:11434', 'http://proxy.example:3128'],
    ['https://gpu.example', 'http://me:pw@proxy.example:3128'],
    ['http://inside.example:11434', undefined],
    ['http://a.inside.example', undefined],
    ['http://outinside.example', 'http://proxy.example:3128'],
    ['https://a.corp.example', undefined],
    ['http://10.0.0.7:8080', undefined],
    ['http://10.0.0.7:11434', 'http://proxy.example:3128'],
    ['http://127.0.0.1:11434', undefined],
    ['http://localhost:11434', undefined],
    ['not a url', undefined],
  ])('returns for %s: %s', (url, proxy) => {
    expect(proxyFor(url, env)).toBe(proxy)
  })

  it('covers ranges of addresses in `no_proxy`, as curl does', () => {
    const ranges = {
      http_proxy: 'http://proxy:3128',
      no_proxy: '10.0.0.0/8,2001:db8::/32,10.0.0.0/99,nonsense/8',
    }
    expect(proxyFor('http://10.1.2.3:11434', ranges)).toBeUndefined()
    expect(proxyFor('http://[2001:db8::7]:11434', ranges)).toBeUndefined()
    expect(proxyFor('http://11.1.2.3:11434', ranges)).toBe('http://proxy:3128')
    expect(proxyFor('http://gpu.example:11434', ranges)).toBe('http://proxy:3128')
  })

  it('falls back to `all_proxy`', () => {
    const all = { ALL_PROXY: 'http://all:3128', https_proxy: 'http://tls:3128' }
    expect(proxyFor('http://gpu.example', all)).toBe('http://all:3128')
    expect(proxyFor('https://gpu.example', all)).toBe('http://tls:3128')
  })

  it('is undefined if no proxy is set, and if `no_proxy` covers every host', () => {
    expect(proxyFor('http://gpu.example', {})).toBeUndefined()
    expect(proxyFor('http://gpu.example', { http_proxy: '' })).toBeUndefined()
    expect(proxyFor('http://gpu.example', { ...env, no_proxy: '*' })).toBeUndefined()
  })

  it.each([
    ['fd00::1', 'http://[fd00::1]:11434'],
    ['FD00:0:0::1', 'http://[fd00::1]:11434'],
    ['[fd00::1]:11434', 'http://[fd00::1]:11434'],
    ['[fd00::]/8', 'http://[fd00::1]:11434'],
    ['gpu.example:80', 'http://gpu.example'],
    ['gpu.example:443', 'https://gpu.example'],
    ['10.*', 'http://10.1.2.3:11434'],
    ['gpu*.lan', 'http://gpu7.lan:11434'],
    ['*.example', 'http://gpu.example'],
    ['gpu.example.', 'http://gpu.example'],
    ['gpu.example', 'http://gpu.example.'],
    ['http://gpu.example', 'http://gpu.example'],
    ['gpü.example', 'http://gpü.example'],
  ])('no_proxy: %s covers %s', (exceptions, url) => {
    const env = { http_proxy: 'http://p:1', https_proxy: 'http://p:1', no_proxy: exceptions }
    expect(proxyFor(url, env)).toBeUndefined()
  })

  it.each([
    ['[fd00::1]:80', 'http://[fd00::1]:11434'],
    ['2.3', 'http://10.1.2.3'],
    ['gpu*.lan', 'http://gpu7.lan.evil'],
    ['gpu.example:443', 'http://gpu.example'],
  ])('no_proxy: %s does not cover %s', (exceptions, url) => {
    const env = { http_proxy: ' http://p:1 ', no_proxy: exceptions }
    expect(proxyFor(url, env)).toBe('http://p:1')
  })
})
