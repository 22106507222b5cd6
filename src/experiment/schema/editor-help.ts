/** What the JSON schema adds for editors: snippets, and the keys that people use most. */

/** A snippet of the YAML language server: `body` is inserted as YAML; `${1:text}` is a place to fill in. */
interface Snippet {
  readonly label: string
  readonly description: string
  readonly body: unknown
}

export const snippets = {
  target: [
    {
      label: 'process',
      description: '`ollama serve`, started by exp for each trial',
      body: 'process',
    },
    {
      label: 'docker',
      description: 'Ollama in a container',
      body: { docker: { image: 'ollama/ollama:${1:0.11.3}' } },
    },
    {
      label: 'url',
      description: 'a server that is already running',
      body: { url: '${1:http://127.0.0.1:11434}' },
    },
  ],
  load: [
    {
      label: 'users for a duration',
      description: 'closed loop',
      body: { users: '${1:3}', duration: '${2:30s}' },
    },
    {
      label: 'number of requests',
      description: 'closed loop',
      body: { users: '${1:3}', requests: '${2:100}' },
    },
    {
      label: 'rate',
      description: 'open loop',
      body: { rate: '${1:6/s}', duration: '${2:30s}' },
    },
  ],
  configs: [
    {
      label: 'two configs that differ in a variable',
      description: 'the second one inherits from the first one, and is compared with it',
      body: {
        default: { target: 'process' },
        '${1:four-slots}': {
          from: 'default',
          env: { '${2:OLLAMA_NUM_PARALLEL}': '${3:4}' },
        },
      },
    },
  ],
  claim: [
    {
      label: 'change',
      description: 'faster or slower by a share',
      body: { metric: '${1:latencyP95}', config: '${2:config}', change: '"${3:<= -30%}"' },
    },
    {
      label: 'same',
      description: 'no relevant difference',
      body: { metric: '${1:qps}', config: '${2:config}', same: '${3:5%}' },
    },
    {
      label: 'value',
      description: 'a limit for the figure itself',
      body: { metric: '${1:latencyP95}', config: '${2:config}', value: '"${3:<= 500ms}"' },
    },
  ],
  hypothesis: [
    {
      label: 'hypothesis',
      description: 'a statement and the claim that decides it',
      body: {
        statement: '${1:What you expect}',
        claim: { metric: '${2:latencyP95}', config: '${3:config}', change: '"${4:<= -30%}"' },
      },
    },
  ],
} satisfies Readonly<Record<string, readonly Snippet[]>>

/** The parts of a JSON schema that `allowLevels` reads and writes. */
interface LevelSchema {
  hasLevels?: unknown
  description?: unknown
  anyOf?: unknown
}

/**
 * Allows a list in the place of a value that has `hasLevels`: levels of a load, which are expanded before the schema
 * applies.
 */
export function allowLevels(schema: LevelSchema): void {
  if (schema.hasLevels !== true) return
  const { hasLevels: _, description, ...value } = { ...schema }
  for (const key of Object.keys(schema)) Reflect.deleteProperty(schema, key)
  schema.description = description
  schema.anyOf = [value, { type: 'array', minItems: 1, uniqueItems: true, items: value }]
}

/** The parts of a JSON schema that `suggestKeys` reads and writes. */
interface MappingSchema {
  suggestedKeys?: unknown
  additionalProperties?: unknown
  properties?: unknown
}

/**
 * Replaces `suggestedKeys` of a mapping by properties that editors suggest, each with its description. They have the
 * form of any other value of the mapping.
 */
export function suggestKeys(schema: MappingSchema): void {
  const { suggestedKeys, additionalProperties } = schema
  if (typeof suggestedKeys !== 'object' || suggestedKeys === null) return
  const form = typeof additionalProperties === 'object' ? additionalProperties : {}
  schema.properties = Object.fromEntries(
    Object.entries<unknown>({ ...suggestedKeys }).map(([key, description]) => [
      key,
      { ...form, description },
    ]),
  )
  delete schema.suggestedKeys
}
