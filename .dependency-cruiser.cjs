/** The arrows between the rooms of src/: a room may import the rooms that are listed for it, and no others. */
const arrows = {
  metrics: { values: [], types: [] },
  markdown: { values: [], types: [] },
  templates: { values: ['markdown'], types: [] },
  charts: { values: [], types: [] },
  stats: { values: [], types: [] },
  ollama: { values: [], types: ['results'] },
  host: { values: [], types: [] },
  experiment: { values: ['metrics', 'ollama'], types: ['results'] },
  results: { values: ['metrics', 'stats'], types: [] },
  embedded: { values: [], types: ['ollama'] },
  load: { values: ['ollama', 'stats'], types: ['experiment', 'results'] },
  targets: { values: ['ollama', 'host'], types: ['experiment', 'results'] },
  run: {
    values: ['targets', 'load', 'ollama', 'results', 'host', 'experiment', 'stats'],
    types: ['metrics'],
  },
  doctor: { values: ['targets', 'host', 'ollama'], types: [] },
  analysis: { values: ['results', 'stats', 'metrics'], types: ['experiment'] },
  diagnosis: { values: ['analysis', 'results', 'metrics'], types: ['experiment'] },
  report: {
    values: ['analysis', 'diagnosis', 'metrics', 'markdown', 'templates'],
    types: ['experiment', 'results', 'charts'],
  },
  notebook: {
    values: [
      'charts',
      'report',
      'templates',
      'markdown',
      'diagnosis',
      'analysis',
      'results',
      'experiment',
      'metrics',
    ],
    types: [],
  },
  page: {
    values: ['notebook', 'report', 'charts', 'templates', 'markdown', 'metrics'],
    types: ['analysis', 'results'],
  },
  setup: { values: ['experiment', 'secrets', 'templates'], types: ['metrics'] },
  library: { values: ['notebook', 'results', 'analysis'], types: ['experiment'] },
}

const forbidden = [
  {
    name: 'no-cycles',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
]
// Facts about the machine, processes with their lock, and samples of resources know nothing of each other.
forbidden.push({
  name: 'parts-of-host-apart',
  severity: 'error',
  from: { path: '^src/host/(facts|processes|resources)/' },
  to: { path: '^src/host/(facts|processes|resources)/', pathNot: '^src/host/$1/' },
})
// Leaves, which every room may use.
forbidden.push({
  name: 'leaves-import-nothing',
  severity: 'error',
  from: { path: '^src/(errors|json|secrets|format|files)/' },
  to: { path: '^src/', pathNot: '^src/(errors|json|secrets|format|files)/' },
})
// Facts about the kinds of target, as values, for the rooms that otherwise know only types of `experiment`, or nothing.
const targetKinds = '^src/experiment/target-kinds\\.ts$'
// An experiment in another language, for the rooms that show its texts.
const inLocale = '^src/experiment/in-locale\\.ts$'
// The kinds of requests of a config, likewise for the rooms that start servers for them and show their figures.
const mix = '^src/experiment/mix\\.ts$'
// The conversations of a dataset, likewise for the room that counts them.
const conversations = '^src/experiment/conversations\\.ts$'
for (const [room, may] of Object.entries(arrows)) {
  const others = Object.keys(arrows)
    .concat('cli')
    .filter((other) => other !== room)
  const closed = others.filter((other) => !may.values.includes(other) && !may.types.includes(other))
  forbidden.push({
    name: `${room}-imports`,
    severity: 'error',
    from: { path: `^src/${room}/` },
    to: {
      path: `^src/(${closed.join('|')})/`,
      ...(room === 'results' && { pathNot: targetKinds }),
    },
  })
  if (may.types.length > 0)
    forbidden.push({
      name: `${room}-imports-types-only`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: {
        path: `^src/(${may.types.join('|')})/`,
        pathNot: [targetKinds, inLocale, mix, conversations],
        dependencyTypesNot: ['type-only'],
      },
    })
}

module.exports = {
  forbidden,
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
}
