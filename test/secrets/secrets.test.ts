import { describe, expect, it } from 'vitest'
import { parseExperiment } from '../../src/experiment/parse-experiment.ts'
import { forPublication } from '../../src/notebook/publication.ts'
import { Redactor } from '../../src/results/redact.ts'
import { isSecretName } from '../../src/secrets/secret-name.ts'
import { maskSecrets, withoutCredentials, withoutSecrets } from '../../src/secrets/secrets.ts'
import { experimentText, parsed } from '../experiment/support.ts'

const secretNames = [
  'OPENAI_API_KEY',
  'API_KEY_2',
  'apikey',
  'openAiApiKey',
  'HTTPKey',
  'SSH_KEYS',
  'hf_token',
  'GITHUB_TOKEN',
  'X-Auth-Token',
  'ACCESS_TOKENS',
  'CLIENT_SECRET',
  'DB_PASSWORD',
  'DB_PASSPHRASE',
  'PGPASSWD',
  'DB_PASS',
  'DB_PWD',
  'PGPASS',
  'DBPWD',
  'pass',
  'GOOGLE_CREDENTIAL',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'BASIC_AUTH',
  'Proxy-Authorization',
  'Set-Cookie',
]

const harmlessNames = [
  'MAX_TOKENS',
  'NUM_TOKENS',
  'n_tokens',
  'maxNewTokens',
  'TOKENIZERS_PARALLELISM',
  'TOKENIZER',
  'KEYBOARD',
  'OLLAMA_KEEP_ALIVE',
  'OLLAMA_KV_CACHE_TYPE',
  'OLLAMA_NUM_PARALLEL',
  'OLLAMA_AUTH',
  'AUTHOR',
  'COMPASS',
  'PASSTHROUGH',
  'bypass',
  'MULTIPASS',
  'PASSES',
]

describe('the secret policy', () => {
  it.each(secretNames)('treats %s as the name of a secret', (name) => {
    expect(isSecretName(name)).toBe(true)
  })

  it.each(harmlessNames)('treats %s as the name of an ordinary setting', (name) => {
    expect(isSecretName(name)).toBe(false)
  })

  it.each([
    ...secretNames.map((name) => [name, true] as const),
    ...harmlessNames.map((name) => [name, false] as const),
  ])(
    'gives one answer for %s in text, in stored values, in reports and in `exp validate`',
    (name, isSecret) => {
      expect(withoutSecrets(`${name}=x1`)).toBe(isSecret ? `${name}=[redacted]` : `${name}=x1`)
      expect(new Redactor().values({ [name]: 'x1' })[name]).toBe(isSecret ? '[redacted]' : 'x1')
      const variable = name.replaceAll('-', '_')
      const text = experimentText({
        configs: `configs: {plain: {target: process, env: {${variable}: x1}}}`,
      })
      const { problems } = parseExperiment({ file: 'a.yaml', text, readDataset: () => undefined })
      expect(problems.some(({ code }) => code === 'secret')).toBe(isSecret)
      const [published] = forPublication(parsed(text)).configs
      expect(published?.env[variable]).toBe(isSecret ? '[redacted]' : 'x1')
    },
  )
})

it('treats every custom header as secret, because gateways take credentials from headers of any name', () => {
  expect(['X-Access', 'x-tenant-id'].map(isSecretName)).toEqual([true, true])
  expect(['Accept', 'Content-Type', 'XDG_HOME'].map(isSecretName)).toEqual([false, false, false])
})

describe('withoutSecrets', () => {
  it.each([
    ['tokens=key=x1', 'tokens=key=[redacted]'],
    ['{"tokens":{"key":"x1"}}', '{"tokens":{"key":"[redacted]"}}'],
    ['token: 512', 'token: 512'],
    ['bos_token = 1, eos_token = 2', 'bos_token = 1, eos_token = 2'],
    ['password=512', 'password=[redacted]'],
    ['api_key: 512', 'api_key: [redacted]'],
    ['OLLAMA_AUTH:false', 'OLLAMA_AUTH:false'],
    ['--token x1 --verbose', '--token [redacted] --verbose'],
    ['"--token x1 -v"', '"--token [redacted] -v"'],
    ['["--token", "x1", "-v"]', '["--token", "[redacted]", "-v"]'],
    ['-password x1', '-password [redacted]'],
    ['--token --verbose', '--token --verbose'],
    ['--api-key=x1', '--api-key=[redacted]'],
    ['password="two words"', 'password="[redacted]"'],
    ["{'password': 'two words'}", "{'password': '[redacted]'}"],
    ['{\\"password\\":\\"two words\\"}', '{\\"password\\":\\"[redacted]\\"}'],
    ['{"password": "a \\"quoted\\" word"}', '{"password": "[redacted]"}'],
    ['"credentials": {"user": "x1", "by": "x2"}', '"credentials": [redacted]}'],
    ['http://me:pa55@example.org/', 'http://[redacted]@example.org/'],
    ['http://me:p@55@example.org/', 'http://[redacted]@example.org/'],
    ['proxy me:pa55@example.org:3128', 'proxy [redacted]@example.org:3128'],
    ['ollama:0.11.3@sha256:7d', 'ollama:0.11.3@sha256:7d'],
    ['Authorization: Bearer abc.def-1', 'Authorization: [redacted]'],
    ['authorization: Digest username="me", response="x1"', 'authorization: [redacted]'],
    ['X-Access: x1', 'X-Access: [redacted]'],
    ['Authorization: Bearer ${NAME}', 'Authorization: Bearer ${NAME}'],
    ['key sk-abcdefghijklmnop1234 is unknown', 'key [redacted] is unknown'],
    ['-----BEGIN RSA PRIVATE KEY-----\nx1\n-----END RSA PRIVATE KEY-----.', '[redacted].'],
  ])('redacts %j as %j', (text, clean) => {
    expect(withoutSecrets(text)).toBe(clean)
    expect(withoutSecrets(clean)).toBe(clean)
  })
})

describe('withoutCredentials', () => {
  it.each([
    'The key: short prompts',
    'Which token: the first or the last?',
    'A basic JavaScript benchmark, the bearer of news',
    'Our secret: patience',
    'score: 95, mail me@example.org',
    'temperature=0, num_ctx=4096',
    'a - key point -- and another',
  ])('keeps the words of people: %j', (text) => {
    expect(withoutCredentials(text)).toBe(text)
  })

  it.each([
    ['see http://me:pa55@host', 'see http://[redacted]@host'],
    ['Authorization: Bearer x1', 'Authorization: [redacted]'],
    ['with Basic bWU6cGE1NQ==', 'with Basic [redacted]'],
    ['with bearer abcdefgh1', 'with bearer [redacted]'],
    ['{"password": "two words"}', '{"password": "[redacted]"}'],
    ['X-Api-Key: x1', 'X-Api-Key: [redacted]'],
    ['token=x1, --password x2', 'token=[redacted], --password [redacted]'],
  ])('redacts %j as %j', (text, clean) => {
    expect(withoutCredentials(text)).toBe(clean)
  })
})

describe('maskSecrets', () => {
  it.each([
    ['env: {HF_TOKEN: two words, FOO: 1}', 'env: {HF_TOKEN: *********, FOO: 1}'],
    ['  DB_PASS: correct horse', '  DB_PASS: *************'],
    ['url: "http://me:pa55@host"', 'url: "http://*******@host"'],
    ['HTTP_PROXY: "me:pa55@proxy:3128"', 'HTTP_PROXY: "*******@proxy:3128"'],
    ['image: ollama/ollama:0.11.3@sha256:7d', 'image: ollama/ollama:0.11.3@sha256:7d'],
    ['Authorization: "Bearer ${NAME}"', 'Authorization: "Bearer ${NAME}"'],
  ])('replaces %j by %j', (line, masked) => {
    expect(maskSecrets(line)).toBe(masked)
  })
})

it('takes a time that grows with the length of the text only', () => {
  const parts = [
    'a',
    'a-',
    'a.',
    'a:',
    'token=',
    'token ',
    '"token":"',
    ':// ',
    'bearer ',
    '--key ',
  ]
  const more = ['@', 'x-', 'a@b:', '-----BEGIN PRIVATE KEY-----', 'eyJ', 'token=\\"', '[', ' = ']
  more.push('eyJ-', 'key=[redacted ', 'key="[redacted ', 'key=${A} ')
  for (const part of [...parts, ...more])
    for (const clean of [withoutSecrets, withoutCredentials, maskSecrets])
      expect(typeof clean(part.repeat(50_000))).toBe('string')
})
