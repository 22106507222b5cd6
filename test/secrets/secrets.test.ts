import { describe, expect, it } from 'vitest'
import { parseExperiment } from '../../src/experiment/parse-experiment.ts'
import { forPublication } from '../../src/notebook/renderer.ts'
import { Redactor } from '../../src/results/redact.ts'
import { isSecretName, withoutSecrets } from '../../src/secrets/secrets.ts'
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

describe('withoutSecrets', () => {
  it.each([
    ['tokens=key=x1', 'tokens=key=[redacted]'],
    ['{"tokens":{"key":"x1"}}', '{"tokens":{"key":"[redacted]"}}'],
    ['token: 512', 'token: 512'],
    ['OLLAMA_AUTH:false', 'OLLAMA_AUTH:false'],
    ['http://me:pa55@example.org/', 'http://[redacted]@example.org/'],
    ['Authorization: Bearer abc.def-1', 'Authorization: [redacted]'],
  ])('redacts %j as %j', (text, clean) => {
    expect(withoutSecrets(text)).toBe(clean)
  })
})
