/** Plants secrets and active text in a grid with a mix, and searches all that the commands write and print. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { Project } from '../support/project.ts'
import { answers, json, refuses, ScriptedOllama } from '../support/scripted-ollama.ts'

const id = 'planted'
const file = `experiments/${id}.yaml`
const pack = `${id}.exp.tgz`
const page = `${id}.html`
const projects: Project[] = []
const servers: ScriptedOllama[] = []
afterEach(async () => {
  for (const project of projects.splice(0)) project.remove()
  for (const server of servers.splice(0)) await server.close()
})

const active = '<script>alert(1)</script> ]]> [x](javascript:a) @octocat \u001b[31m &#x1b; \u202e'
const planted: string[] = []
const plant = (form: (secret: string) => string): string => {
  const secret = `hunter${planted.length}x7q9`
  planted.push(secret)
  return JSON.stringify(form(secret))
}
const digits = () => {
  const secret = `90817263${planted.length}`
  planted.push(secret)
  return secret
}
const plain = () => plant((secret) => secret)
const shown = (what: string) => plant((secret) => `${what} http://me:${secret}@host/x ${active}`)
const assigned = (what: string) => plant((secret) => `${what} password=${secret}`)
const model = () => plant((secret) => `http://me:${secret}@registry/tiny`)

const loaded = model()

const experiment = (url: string) => `title: ${shown('title')}
question: ${shown('question')}
locale: [en, zh-CN]
hardware: {device: ${shown('Mac')}, password: ${plain()}}
keep: {prompts: text, answers: text}
rounds: 2
dataset:
  name: ${shown('greetings')}
  samples:
    - {id: ${assigned('s')}, text: ${shown('hello')}, expected: {word: hello}}
    - {id: "<script>alert(1)</script>", text: good morning, expected: {word: morning}}
  checks: [{name: ${assigned('word')}, label: ${shown('the word')}, field: word, measure: exact}]
workload:
  prompt: ${assigned('{{text}}')}
  options: {num_predict: 8, api_key: ${plain()}, access_keys: [${plain()}], password: ${digits()}}
  format: {type: object, description: ${assigned('see')}, api_key: ${plain()}}
  mix:
    - name: ${plant((secret) => `long password=${secret}, ${active}`)}
      model: ${model()}
      weight: 2
      system: ${shown('system')}
      prompt: ${assigned('{{text}}')}
      options: {api_key: ${plain()}, stop: [${assigned('stop')}], secrets: [${plain()}], password: ${digits()}}
    - {name: "<script>alert(1)</script> @octocat", model: tiny}
  load: {users: 2, requests: 8}
  warmup: {requests: 1}
configs:
  base:
    label: ${shown('Base')}
    group: ${shown('Group')}
    target: {url: ${JSON.stringify(url)}, headers: {X-Access: ${plain()}}}
    env: {DB_PASSPHRASE: ${plain()}, MY_PWD: ${plain()}, ARGS: ${plant((secret) => `--token ${secret} -v`)}, A: "password=${digits()}"}
vary:
  base: base
  options: {num_ctx: [1024, 2048], stop: [["<script>alert(1)</script>", "@octocat"], ["]]>"]]}
hypotheses:
  - {id: zeta, statement: ${shown('faster')}, claim: {metric: qps, factor: num_ctx, between: [1024, 2048], change: ">= 20%"}}
  - {id: "<script>alert(1)</script>", statement: ${shown('same')}, claim: {metric: qps, factor: num_ctx, between: [1024, 2048], same: 5%}}
`

/**
 * A server with active text in all that it says of itself and of its answers, and with a model that nobody asked for.
 */
async function server(): Promise<ScriptedOllama> {
  const hostile = (what: string) => JSON.parse(shown(what)) as string
  const names = ['tiny', JSON.parse(loaded) as string]
  const details = { family: hostile('f'), parameter_size: active, quantization_level: hostile('q') }
  const models = names.map((name) => ({
    ...{ name, model: name, size: 5e8, size_vram: 1e8, context_length: 1024, details },
    digest: 'a'.repeat(64),
  }))
  const [version, reason, host] = [hostile('0.11'), hostile('stop'), hostile('gpu')]
  const final = { done_reason: reason, remote_host: host, remote_model: host }
  const error = JSON.parse(plant((secret) => `{"password":"${secret}"} ${active}`)) as string
  return ScriptedOllama.start({
    generate: ({ path, index }) => {
      if (path === '/api/generate') return json({ model: 'tiny', response: '', done: true })
      if (index > 12 && index % 7 === 3) return refuses(401, error)
      return answers({ content: [hostile('Authorization: Bearer')], final })
    },
    other: ({ path }) => {
      if (path === '/api/version') return json({ version })
      if (path === '/api/show') return json({ details, capabilities: ['completion'] })
      return path === '/api/tags' || path === '/api/ps' ? json({ models }) : undefined
    },
  })
}

const commands: readonly (readonly string[])[] = [
  ['report', id],
  ['check'],
  ['show', id],
  ['show', id, '--md'],
  ['show', id, '--json'],
  ['diff', id, '--format', 'md'],
  ['diff', id, '--json'],
  ['list'],
  ['list', '--json'],
  ['export', id, '--table', 'trials'],
  ['export', id, '--table', 'requests'],
  ['export', id, '--format', 'json'],
  ['export', id, '--format', 'html', '--out', page],
  ['site', '--out', 'public'],
  ['check', '--format', 'github', '--summary', 'summary.md'],
]

it('no secret and no active text leaves an experiment', async () => {
  const ollama = await server()
  servers.push(ollama)
  const project = new Project()
  projects.push(project)
  project.write(file, experiment(ollama.url))
  const written: (readonly [name: string, text: string])[] = []
  const exp = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await project.exp(...args)
    written.push([args.join(' '), stdout + stderr])
    expect(code, `${args.join(' ')}\n${stdout}\n${stderr}`).toBe(0)
    return stderr
  }
  expect(await exp('run', file, '--yes')).toContain('is loaded too')
  await exp('run', file, '--yes', '--json')
  for (const command of commands) await exp(...command)
  for (const name of readdirSync(project.root, { recursive: true, encoding: 'utf8' }))
    if (!name.startsWith('experiments') && statSync(join(project.root, name)).isFile())
      written.push([name, project.read(name)])
  expect(await exp('pack', id, '--out', pack)).toContain('the pack contains it: remove it')
  expect(readFileSync(join(project.root, pack)).length).toBeGreaterThan(0)

  const found = (pattern: (text: string) => boolean, ending = /./) =>
    written.flatMap(([name, text]) => (ending.test(name) && pattern(text) ? [name] : []))
  const leaks = planted.flatMap((secret) =>
    found((text) => text.includes(secret)).map((name) => `${secret} in ${name}`),
  )
  expect(leaks).toEqual([])
  expect(
    found((text) => /[\u0000-\u0008\u000b-\u001f\u202e]/.test(text), /(?<!lock\.json|jsonl)$/),
  ).toEqual([])
  expect(
    found((text) => text.replace(/="[^"]*"/g, '').includes('<script>alert'), /\.(?:html|svg)$/),
  ).toEqual([])
  expect(found((text) => /href="\s*javascript:/i.test(text), /\.(?:html|svg)$/)).toEqual([])
  expect(found((text) => /<script>alert|@octocat/.test(asShown(text)), /\.md$| md$|--md$/)).toEqual(
    [],
  )
  expect(found((text) => text.includes('alert'), /\.html$/).length).toBeGreaterThan(3)
}, 300_000)

/** Markdown without what GitHub shows as it is: alternative texts, code, and characters after a backslash. */
function asShown(markdown: string): string {
  return markdown
    .replace(/!\[(?:\\.|[^\]\\])*\]\([^)]*\)|<!--[^]*?-->|```[^]*?```/g, '')
    .replace(/(`+)(?!`)(.+?)(?<!`)\1(?!`)/g, '')
    .replace(/\\./g, '')
}
