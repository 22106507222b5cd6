/** The Job of a Kustomize base, run as processes: a proxy leads the names of its Services to the embedded engine. */
import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { waitScript } from '../../src/setup/kubernetes/runner-manifests.ts'
import { freePort } from '../../src/targets/remote/free-port.ts'
import { schemaProblems } from '../support/kubernetes-schema.ts'
import { Project, stateOf } from '../support/project.ts'

const experiment = `title: Slots
locale: en
model: tiny
dataset: {name: d, samples: [{text: one}, {text: two}]}
workload:
  prompt: "{{text}}"
  options: {num_predict: 4}
  load: {users: 1, requests: 2}
rounds: 2
configs:
  one:
    target: {docker: {image: "ollama/ollama:0.20.0", cpus: 2}}
    env: {OLLAMA_NUM_PARALLEL: 1}
  four: {from: one, env: {OLLAMA_NUM_PARALLEL: 4}}
`
const program = resolve('dist/cli/main.js')

/** The path of Kustomize; undefined if it was not built on this machine. Throws in CI, which builds it. */
async function builtKustomize(): Promise<string | undefined> {
  const found = await execa(resolve('.ci/kustomize'), ['find'], { reject: false })
  if (found.failed && process.env['CI'] === 'true') throw new Error('Kustomize is not built')
  return found.failed ? undefined : found.stdout
}
const kustomize = await builtKustomize()

const job = z.object({
  kind: z.literal('Job'),
  spec: z.object({
    template: z.object({
      spec: z.object({ containers: z.tuple([z.object({ command: z.array(z.string()) })]) }),
    }),
  }),
})

const project = new Project()
const asked = new Set<string>()
let engine: ReturnType<typeof startEngine>
let enginePort: number
let proxy: Server

function startEngine() {
  return execa(process.execPath, [program, 'embedded'], {
    env: { OLLAMA_HOST: `127.0.0.1:${enginePort}`, EXP_EMBEDDED_MODELS: 'tiny' },
    reject: false,
  })
}

beforeAll(async () => {
  enginePort = await freePort()
  engine = startEngine()
  proxy = createServer((incoming, answer) => {
    const url = new URL(incoming.url ?? '')
    asked.add(url.host)
    const { host: _, ...headers } = incoming.headers
    const forwarded = request(
      { host: '127.0.0.1', port: enginePort, path: url.pathname, method: incoming.method, headers },
      (response) => {
        answer.writeHead(response.statusCode ?? 500, response.headers)
        response.pipe(answer)
      },
    )
    forwarded.on('error', () => answer.destroy())
    incoming.pipe(forwarded)
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
})
afterAll(async () => {
  proxy.close()
  engine.kill('SIGTERM')
  await engine
  project.remove()
})

describe('the job of a Kustomize base', () => {
  it('waits for its servers, measures them by their names, and its results become a report', async () => {
    project.write('experiments/slots.yaml', experiment)
    const written = await project.exp('kubernetes', 'experiments/slots.yaml')
    expect(written, written.stderr).toMatchObject({ code: 0 })
    expect(written.stderr).toContain('kubernetes/slots/kustomization.yaml')

    await execa(process.execPath, [
      ...['--input-type=module', '--eval', waitScript, '--'],
      `http://127.0.0.1:${enginePort}/api/version`,
    ])
    const runner = parseAllDocuments(project.read('kubernetes/slots/runner.yaml'))
      .map((document) => job.safeParse(document.toJS()))
      .find(({ success }) => success)?.data
    const [npx, exp, ...args] = runner?.spec.template.spec.containers[0].command ?? []
    expect([npx, exp]).toEqual(['npx', 'exp'])
    const { port } = proxy.address() as AddressInfo
    await execa(process.execPath, [program, ...args], {
      cwd: project.root,
      env: {
        XDG_STATE_HOME: stateOf(project.root),
        HTTP_PROXY: `http://127.0.0.1:${port}`,
        NO_PROXY: '',
      },
    })
    expect([...asked].sort()).toEqual(['exp-slots-four:11434', 'exp-slots-one:11434'])

    const report = await project.exp('report', 'slots-kubernetes')
    expect(report, report.stderr).toMatchObject({ code: 0 })
    expect(project.read('reports/slots-kubernetes/README.md')).toContain('2/2 configs have results')
    expect((await project.exp('validate', 'experiments/*.yaml')).code).toBe(0)
  })

  it.skipIf(kustomize === undefined)('is accepted by Kustomize, also with an overlay', async () => {
    const overlay = `resources: [../kubernetes/slots]
images: [{name: exp-runner, newName: registry.example.com/exp-runner, newTag: "7"}]
`
    project.write('overlay/kustomization.yaml', overlay)
    const built = async (folder: string) =>
      (await execa(kustomize ?? '', ['build', folder], { cwd: project.root })).stdout
    const objects = parseAllDocuments(await built('kubernetes/slots')).map(
      (document) => document.toJS() as unknown,
    )
    expect(objects).toHaveLength(6)
    for (const object of objects) expect(schemaProblems(object)).toEqual([])
    expect(await built('overlay')).toContain('image: registry.example.com/exp-runner:7')
  })

  it('is written again over itself, and not over the file of somebody', async () => {
    project.write('experiments/own.yaml', experiment)
    project.write('experiments/own-kubernetes.yaml', experiment)
    const refused = await project.exp('kubernetes', 'experiments/own.yaml')
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('`exp kubernetes` did not write it')
    expect(project.has('kubernetes/own')).toBe(false)
    expect((await project.exp('kubernetes', 'experiments/slots.yaml')).code).toBe(0)
  })
})
