/** What an editor offers in an experiment file: the JSON schema in the YAML language server, which most editors use. */
import { describe, expect, it } from 'vitest'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { getLanguageService } from 'yaml-language-server'
import { z } from 'zod'
import { experimentSchemaText } from '../../src/experiment/schema/schema-text.ts'
import { experimentText, parse } from './support.ts'

const schema = z.record(z.string(), z.unknown()).parse(JSON.parse(experimentSchemaText()))

const service = getLanguageService({
  schemaRequestService: () => Promise.reject(new Error('the schema is configured')),
  workspaceContext: { resolveRelativePath: (relative) => relative },
})
service.configure({
  validate: true,
  completion: true,
  hover: true,
  schemas: [{ uri: 'urn:experiment', fileMatch: ['*.yaml'], schema }],
})

let opened = 0 // the service keeps documents by their address

function open(text: string): TextDocument {
  opened += 1
  return TextDocument.create(`file:///experiment-${opened}.yaml`, 'yaml', 1, text)
}

/** What is offered at `|`: the label, and the text that is inserted. */
async function offeredAt(text: string): Promise<ReadonlyMap<string, string>> {
  const document = open(text.replace('|', ''))
  const position = document.positionAt(text.indexOf('|'))
  const { items } = await service.doComplete(document, position, false)
  return new Map(items.map(({ label, insertText = '' }) => [label, insertText]))
}

const claim = 'hypotheses:\n  - statement: s\n    claim:\n      '

describe('an editor', () => {
  it.each([
    ['variables of the server', 'configs:\n  a:\n    env:\n      |\n', 'OLLAMA_NUM_PARALLEL'],
    ['metrics of a claim', `${claim}metric: |\n`, 'latencyP95'],
    ['metrics to show', 'show:\n  - |\n', 'ttftP95'],
    ['metrics of a document', 'configs:\n  a:\n    recorded:\n      metrics:\n        |\n', 'qps'],
    ['request options', 'workload:\n  options:\n    |\n', 'num_ctx'],
    ['kinds of target', 'configs:\n  a:\n    target: |\n', 'docker'],
    ['kinds of load', 'workload:\n  load: |\n', 'users for a duration'],
    ['kinds of claim', `${claim}|\n`, 'change'],
    ['a hypothesis', 'hypotheses:\n  - |\n', 'hypothesis'],
    ['two configs', 'configs:\n  |\n', 'two configs that differ in a variable'],
  ])('offers %s', async (_, text, label) => {
    expect([...(await offeredAt(text)).keys()]).toContain(label)
  })

  it('inserts snippets that make a valid experiment', async () => {
    const filled = async (text: string, label: string) => {
      const inserted = (await offeredAt(text)).get(label) ?? ''
      // Editors indent the further lines like the first one.
      const [, indent = ''] = /( *)[- ]*\|/.exec(text.split('\n').at(-2) ?? '') ?? []
      const lines = inserted.replaceAll(/\$\{\d+:([^}]*)\}/g, '$1').replaceAll('\n', `\n${indent}`)
      return text.replace('|', lines)
    }
    const written = [
      'title: t\nmodel: m\ndataset: {name: d, samples: [{text: a}]}\n',
      'workload:\n  prompt: "{{text}}"\n  load: {users: 3, duration: 30s}\n',
      await filled('configs:\n  |\n', 'two configs that differ in a variable'),
      (await filled('hypotheses:\n  - |\n', 'hypothesis')).replace(
        'config: config',
        'config: four-slots',
      ),
    ].join('')
    expect(parse(written).problems, written).toEqual([])
  })

  it('explains every key', () => {
    expect(undescribed(schema, [])).toEqual([])
  })

  it('shows the explanation of a key, and accepts a valid file', async () => {
    const document = open(experimentText())
    expect(await service.doValidation(document, false)).toEqual([])
    const position = document.positionAt(document.getText().indexOf('workload'))
    const hover = await service.doHover(document, position)
    expect(JSON.stringify(hover)).toContain('when requests are sent')
  })

  it('marks a misspelt key', async () => {
    const problems = await service.doValidation(open(experimentText({ rounds: 'rouds: 6' })), false)
    expect(JSON.stringify(problems)).toContain('rouds')
  })
})

/** The paths of the properties without a description. */
function undescribed(node: unknown, path: readonly string[]): readonly string[] {
  if (typeof node !== 'object' || node === null) return []
  const { properties = {}, ...others }: Record<string, unknown> = { ...node }
  const rest = { ...others, defaultSnippets: undefined }
  const lacking = Object.entries(Object(properties) as Record<string, unknown>).flatMap(
    ([key, property]) => [
      ...(typeof property === 'object' && property !== null && 'description' in property
        ? []
        : [[...path, key].join('.')]),
      ...undescribed(property, [...path, key]),
    ],
  )
  return [...lacking, ...Object.values(rest).flatMap((inner) => undescribed(inner, path))]
}
