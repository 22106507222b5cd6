/** Plants secrets everywhere, runs the built program, and searches what it has written and printed. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { Project } from '../support/project.ts'
import {
  answers,
  json,
  refuses,
  ScriptedOllama,
  type ReceivedRequest,
} from '../support/scripted-ollama.ts'

const file = 'experiments/planted.yaml'
/** Far more than a test needs on an idle machine. */
const timeoutMs = 300_000
const projects: Project[] = []
const servers: ScriptedOllama[] = []

const preloaded = json({ model: 'tiny', response: '', done: true })

afterEach(async () => {
  for (const project of projects.splice(0)) project.remove()
  for (const server of servers.splice(0)) await server.close()
})

/** Every file in `reports/` with its text. */
function written(project: Project): readonly (readonly [file: string, text: string])[] {
  const folder = join(project.root, 'reports')
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => [name, readFileSync(join(folder, name), 'utf8')])
}

describe('a secret', () => {
  const planted: string[] = []
  const plant = (form: (secret: string) => string): string => {
    const secret = `hunter${planted.length}x7q9`
    planted.push(secret)
    return form(secret)
  }
  const hostInUrl = (text: string) => plant((secret) => `${text} http://me:${secret}@host/x`)
  const bearer = (text: string) => plant((secret) => `${text} Authorization: Bearer ${secret}`)
  const basic = (text: string) =>
    plant((secret) => {
      const encoded = Buffer.from(`me:${secret}`).toString('base64')
      planted.push(encoded)
      return `${text} Basic ${encoded}`
    })
  const assigned = (text: string, name: string) => plant((secret) => `${text} ${name}=${secret}`)
  const plain = () => plant((secret) => secret)
  const digits = () => {
    const secret = `90817263${planted.length}`
    planted.push(secret)
    return secret
  }
  const keyLike = (form: (secret: string) => string): string => {
    const secret = form(`${planted.length}Ab3dEf6hIj9lMn2pQr5tUv8xYz1Bc4`)
    planted.push(secret)
    return secret
  }

  const experiment = (url: string) => `title: ${JSON.stringify(hostInUrl('by'))}
question: ${JSON.stringify(bearer('why'))}
locale: [en, zh-CN]
tags: [${JSON.stringify(assigned('tag', 'token'))}]
hardware: {device: ${JSON.stringify(hostInUrl('Mac'))}, password: ${plain()}}
model: {name: ${JSON.stringify(plant((secret) => `http://me:${secret}@registry/tiny`))}, size: ${JSON.stringify(hostInUrl('1GB'))}}
dataset:
  name: ${JSON.stringify(hostInUrl('greetings'))}
  samples:
    - {id: ${JSON.stringify(assigned('s', 'password'))}, text: ${JSON.stringify(hostInUrl('hello'))}, expected: {word: hello}}
    - {id: s2, text: ${JSON.stringify(keyLike((key) => `sk-${key}`))}, expected: {word: morning}}
  checks:
    - {name: ${JSON.stringify(assigned('word', 'secret'))}, field: word, measure: exact}
workload:
  api: chat
  system: ${JSON.stringify(basic('You are a judge.'))}
  prompt: ${JSON.stringify(plant((secret) => `{"api_key": "${secret}"} Say {{text}}`))}
  options: {num_predict: 8, stop: [${JSON.stringify(assigned('stop', 'pwd'))}], api_key: ${plain()}}
  format: {type: object, description: ${JSON.stringify(hostInUrl('see'))}}
  load: {users: 2, requests: 12}
  warmup: {requests: 1}
keep: {prompts: text, answers: text}
rounds: 3
configs:
  base:
    label: ${JSON.stringify(hostInUrl('Base at'))}
    group: ${JSON.stringify(bearer('Group'))}
    target:
      url: ${JSON.stringify(url.replace('//', `//me:${plain()}@`))}
      headers: {Authorization: ${JSON.stringify(plant((secret) => `Bearer ${secret}`))}, X-Access: ${plain()}, X-Other: "\${EXP_TEST_ACCESS}"}
    env:
      HF_TOKEN: ${plain()}
      MYSQL_PWD: ${plain()}
      PGPASS: ${plain()}
      GOOGLE_CREDENTIALS: ${plain()}
      DB_PASSWORD: ${digits()}
      HTTPS_PROXY: ${JSON.stringify(plant((secret) => `me:${secret}@proxy:3128`))}
      LLAMA_ARGS: ${JSON.stringify(plant((secret) => `--threads 4 --token ${secret} --verbose`))}
      EXTRA: ${JSON.stringify(plant((secret) => `password=${secret},max=5`))}
      QUOTED: ${JSON.stringify(plant((secret) => `password="correct ${secret} horse"`))}
  other:
    from: base
    label: Other
    options: {num_ctx: 1024}
  before:
    label: Before
    recorded:
      source: ${JSON.stringify(hostInUrl('old.md'))}
      date: 2025-08-06
      metrics: {qps: 6.5/s}
      facts: {image: ${JSON.stringify(hostInUrl('ollama'))}}
baseline: base
hypotheses:
  - id: ${JSON.stringify(assigned('H1', 'key'))}
    statement: ${JSON.stringify(hostInUrl('It is faster'))}
    claim: {metric: latencyMean, config: other, change: "<= -10%"}
estimates: {Speed: ${JSON.stringify(hostInUrl('fast'))}, ${JSON.stringify(assigned('Cost', 'token'))}: low}
analysis: |
  ${bearer('We think so.')}
`

  /** The server plants secrets too: in its version, its model, its answers and its errors. */
  const server = () => {
    const [version, reason, host, answer] = [
      hostInUrl('0.11'),
      hostInUrl('stop'),
      hostInUrl('gpu'),
      bearer('{'),
    ]
    const jwt = keyLike((key) => `eyJ${key}.eyJ${key}.${key}`)
    const errors = [
      plant((secret) => `bad {"password":"my ${secret} is long"}`),
      plant((secret) => `x-api-key: ${secret} is unknown`),
      plant((secret) => `Authorization: Digest username="me", response="${secret}"`),
      plant((secret) => `{\\"token\\":\\"${secret}\\"}`),
      `the token ${jwt} has expired`,
    ]
    return ScriptedOllama.start({
      generate: ({ index, path, body }: ReceivedRequest) => {
        if (path === '/api/generate') return preloaded
        const error = index < 10 || index > 75 ? undefined : errors[index % 9]
        if (error !== undefined) return refuses(401, error)
        const final = { done_reason: reason, remote_host: host, model: JSON.stringify(body) }
        return answers({ content: [answer], final })
      },
      other: ({ path }) => (path === '/api/version' ? json({ version }) : undefined),
    })
  }

  it(
    'is neither stored nor printed, wherever it stands',
    async () => {
      const ollama = await server()
      servers.push(ollama)
      const project = new Project()
      projects.push(project)
      project.write(file, experiment(ollama.url))
      process.env['EXP_TEST_ACCESS'] = plain()
      const why = hostInUrl('it was slow')
      const outputs: string[] = []
      const exp = async (...args: readonly string[]) => {
        const { code, stdout, stderr } = await project.exp(...args)
        outputs.push(stdout, stderr)
        return { code, stdout, stderr }
      }
      try {
        const valid = await exp('validate', file)
        expect(valid.code, valid.stderr).toBe(0)
        const run = await exp('run', file, '--yes')
        expect(run.code, run.stderr).toBe(0)
        const again = await exp('run', file, '--yes', '--json')
        expect(again.code, again.stderr).toBe(0)
        const [first = ''] = project.list('reports/planted/results')
        await exp('drop', 'planted', first.slice(0, 21), '--why', why)
        await exp('run', file, '--try', '--yes')
        for (const command of ['report', 'check', 'diff', 'list', 'show']) {
          const names = command === 'diff' || command === 'show' ? ['planted'] : []
          expect((await exp(command, ...names)).code, command).toBe(0)
        }
        // Each problem of the file shows its line.
        project.write(file, project.read(file).replaceAll(/^( *)(\w+): (.*)/gm, '$1$2 : $3, }'))
        expect((await exp('validate', file)).code).toBe(2)
      } finally {
        delete process.env['EXP_TEST_ACCESS']
      }
      expect(planted.length).toBeGreaterThanOrEqual(43)
      const found = [
        ...written(project),
        ...outputs.map((text, at) => [`output ${at}`, text] as const),
      ].flatMap(([name, text]) =>
        planted.filter((secret) => text.includes(secret)).map((secret) => `${secret} in ${name}`),
      )
      expect(found).toEqual([])
      const results = written(project).filter(([name]) => name.includes('results/'))
      expect(
        results
          .map(([, text]) => text)
          .join('')
          .split('[redacted]').length,
      ).toBeGreaterThan(100)
    },
    timeoutMs,
  )
})

describe('keep', () => {
  const words = {
    system: 'Weigh the plaintiff against the tenant.',
    prompt: 'Judge this complaint of the harbour office',
    sample: 'My landlord keeps a llama in the attic',
    schema: 'How angry the fisherman is',
    answer: 'The fisherman is right about the nets',
  }
  const experiment = (url: string, keep: string) => `title: kept
locale: en
model: tiny
keep: ${keep}
dataset:
  name: complaints
  samples: [{id: attic, text: "${words.sample}"}]
workload:
  api: chat
  system: "${words.system}"
  prompt: "${words.prompt}: {{text}}"
  format: {type: object, description: "${words.schema}"}
  load: {users: 1, requests: 6}
  warmup: {requests: 1}
rounds: 1
configs:
  one: {target: {url: "${url}"}}
`
  /** Every second answer is an error that repeats the prompt, whole or cut, or a broken line of the answer. */
  const server = () =>
    ScriptedOllama.start({
      generate: ({ index, path }) => {
        if (path === '/api/generate') return preloaded
        if (index < 4 || index % 2 === 0) return answers({ content: [words.answer] })
        const prompt = `${words.prompt}: ${words.sample}`
        if (index % 3 === 0) return refuses(400, `cannot read: ${prompt}`)
        if (index % 3 === 1) return refuses(400, `${'x'.repeat(470)} ${prompt}`)
        return json({ message: { content: words.answer } })
      },
    })

  const stored = async (keep: string) => {
    const ollama = await server()
    servers.push(ollama)
    const project = new Project()
    projects.push(project)
    project.write(file, experiment(ollama.url, keep))
    const run = await project.exp('run', file, '--yes')
    expect(run.code, run.stderr).toBe(0)
    expect((await project.exp('check')).code).toBe(0)
    const text = written(project)
      .map(([, each]) => each)
      .join('\n')
    expect(text).toContain('got an error status 400')
    return text
  }

  const further = {
    itemSystem: 'Listen like the lighthouse keeper',
    itemPrompt: 'Translate this letter to the admiral',
    opening: 'My first question is about the anchor',
    turn: 'My second question is about the rudder',
    picture: 'Describe the pier in the photograph',
    input: 'Passages about the drowned village',
    answer: 'The keeper answers that the lamp is lit',
  }
  const furtherExperiment = (url: string, keep: string) => `title: kept
locale: en
model: tiny
keep: ${keep}
dataset: {name: letters, samples: [{id: lamp, text: "${further.input}"}]}
workload:
  prompt: "{{text}}"
  load: {users: 1, requests: 6}
  warmup: {requests: 1}
rounds: 1
configs:
  mixed:
    target: {url: "${url}"}
    workload:
      mix:
        - {name: one, system: "${further.itemSystem}", prompt: "${further.itemPrompt}: {{text}}"}
        - {name: two, model: "other:1b"}
  talking: {target: {url: "${url}"}, dataset: talks.yaml}
  embedding: {target: {url: "${url}"}, workload: {api: embed, batch: 2}}
`
  /**
   * A server that repeats parts of requests in its errors. The probes succeed, and later every second request fails,
   * except the openings of conversations: without their answers, no second turn is sent.
   */
  const repeatingServer = () => {
    let embedded = 0
    let asked = 0
    return ScriptedOllama.start({
      generate: ({ index, path, body }) => {
        if (path === '/api/generate') return preloaded
        const request = JSON.stringify(body)
        const isOpening = request.includes(further.opening) && !request.includes(further.turn)
        if (isOpening || index < 10 || asked++ % 2 === 0)
          return answers({ content: [further.answer] })
        const repeated = request.replace(/"images":\[[^\]]*\]/, '')
        return refuses(400, `cannot read ${repeated.slice(asked % 40).slice(0, 400)}`)
      },
      other: ({ path, body }) => {
        if (path === '/api/show')
          return json({ details: {}, capabilities: ['completion', 'vision'], model_info: {} })
        if (path !== '/api/embed') return undefined
        const repeated = JSON.stringify(body)
        if (!repeated.includes(further.input)) return json({ embeddings: [] })
        embedded++
        return embedded > 3 && embedded % 2 === 0
          ? refuses(400, `cannot embed ${repeated.slice(25)}`)
          : json({ embeddings: [[1], [1]] })
      },
    })
  }

  it.each(['digest', 'none'])(
    'stores no words of a mix, a conversation, pictures and embeddings if it says `%s`',
    async (level) => {
      const ollama = await repeatingServer()
      servers.push(ollama)
      const project = new Project()
      projects.push(project)
      const keep = `{prompts: ${level}, answers: ${level}}`
      project.write(file, furtherExperiment(ollama.url, keep))
      project.write(
        'experiments/talks.yaml',
        `name: talks
samples:
  - {id: pier, text: "${further.picture}", images: [pier.png]}
  - {id: anchor, turns: [{text: "${further.opening}"}, {text: "${further.turn}"}]}
`,
      )
      const pixel = Buffer.from('\x89PNG\r\n\x1a\npier-photograph-bytes', 'latin1')
      project.writeBytes('experiments/pier.png', pixel)
      const run = await project.exp('run', file, '--yes')
      expect(run.code, run.stderr).toBe(0)
      const text = written(project)
        .map(([, each]) => each)
        .join('\n')
      const sent = JSON.stringify(ollama.received.map(({ body }) => body))
      for (const each of Object.values(further)) expect(sent, each).toContain(each)
      const parts = Object.values(further).flatMap((each) => [each.slice(0, 16), each.slice(-16)])
      const picture = pixel.toString('base64').slice(0, 24)
      expect([...parts, picture].filter((part) => text.includes(part))).toEqual([])
      expect(text).toContain('cannot read')
      if (level === 'none') expect(text).not.toMatch(/"(?:pier|anchor|lamp)"|promptDigest/)
    },
    timeoutMs,
  )

  it(
    'stores the words of prompts and answers only if it says `text`',
    async () => {
      const text = await stored('{prompts: text, answers: text}')
      for (const each of Object.values(words)) expect(text).toContain(each)
    },
    timeoutMs,
  )

  it(
    'stores digests of system text, template, schema, prompts and answers if it says `digest`',
    async () => {
      const text = await stored('{prompts: digest, answers: digest}')
      const parts = Object.values(words).flatMap((each) => [each, each.slice(0, 20)])
      expect(parts.filter((part) => text.includes(part))).toEqual([])
      for (const field of ['systemDigest', 'formatDigest', 'promptDigest', 'answerDigest'])
        expect(text).toContain(`"${field}":"`)
      expect(text).toMatch(/"system": "sha256:[0-9a-f]{64} \(39\)"/)
    },
    timeoutMs,
  )

  it(
    'stores no digest but that of the measurement if it says `none`',
    async () => {
      const text = await stored('{prompts: none, answers: none}')
      const parts = Object.values(words).flatMap((each) => [each, each.slice(0, 20)])
      expect([...parts, 'attic'].filter((part) => text.includes(part))).toEqual([])
      expect(text).not.toMatch(/"(?:(?:system|prompt|format)(?:Digest)?|answerDigest)"/)
      expect(text).not.toContain('datasetDigest')
      expect(text).toContain('"dataset":{"name":"complaints","samples":1}')
      expect(text).toContain('"sample":"s1"')
    },
    timeoutMs,
  )
})
