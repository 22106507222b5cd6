/**
 * A program named `ollama` that runs the embedded engine. It accepts `serve`, `--version` and the environment like
 * Ollama. The variable `TEST_OLLAMA` makes it fail in a chosen way.
 */
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The version that the engine reports. */
export const engineVersion = '0.0.0-exp-embedded+llama.cpp'

export const accidents = [
  'none',
  'hangs-at-first', // accepts connections, and sends nothing for two seconds
  'port-taken', // another server answers on its port at the first attempt
  'crashes-at-start',
  'crashes-at-load',
  'crashes-while-serving', // after it has answered two chats
  'ignores-sigterm',
  'forks', // starts a child in its process group that would outlive it
  'writes-key', // creates ~/.ollama/id_ed25519 if it is missing, as Ollama does
  'escapes', // starts a child in a new session that would outlive it
] as const
export type Accident = (typeof accidents)[number]

/** Writes the program into a folder and returns its path. */
export async function writeOllamaProgram(folder: string): Promise<string> {
  const file = join(folder, 'ollama')
  await mkdir(folder, { recursive: true })
  await writeFile(file, program)
  await chmod(file, 0o755)
  return file
}

const at = (path: string) =>
  JSON.stringify(fileURLToPath(new URL(`../../${path}`, import.meta.url)))

const program = `#!${process.execPath}
const { spawn } = require('node:child_process')
const { existsSync, mkdirSync, writeFileSync } = require('node:fs')
const net = require('node:net')
const path = require('node:path')
const { pathToFileURL } = require('node:url')

if (process.argv[2] === '--version') {
  console.log('ollama version is ${engineVersion}')
  process.exit(0)
}
const accident = process.env.TEST_OLLAMA ?? 'none'
const port = Number((process.env.OLLAMA_HOST ?? '').split(':')[1])

async function serve() {
  const { register } = await import(pathToFileURL(${at('node_modules/tsx/dist/esm/api/index.mjs')}))
  register()
  await import(pathToFileURL(${at('src/embedded/main.ts')}))
}

function whenLogged(text, count, then) {
  const write = process.stderr.write.bind(process.stderr)
  process.stderr.write = (line, ...rest) => {
    const result = write(line, ...rest)
    if (String(line).includes(text) && --count === 0) then()
    return result
  }
}

const before = {
  'hangs-at-first': () =>
    new Promise((resolve) => {
      const silent = net.createServer(() => {})
      silent.listen(port, '127.0.0.1')
      const open = new Set()
      silent.on('connection', (socket) => open.add(socket))
      setTimeout(() => {
        silent.close(resolve)
        for (const socket of open) socket.destroy()
      }, 2_000)
    }),
  'port-taken': () =>
    new Promise((resolve) => {
      const mark = path.join(process.env.TEST_FOLDER, 'port-was-taken')
      if (existsSync(mark)) return resolve()
      writeFileSync(mark, String(port))
      const other = "require('node:http').createServer((q, r) => r.end(JSON.stringify({version: '${engineVersion}'}))).listen(" + port + ", '127.0.0.1', () => console.log('up'))"
      spawn(process.execPath, ['-e', other], { stdio: ['ignore', 'pipe', 'ignore'] }).stdout.once('data', resolve)
    }),
  'crashes-at-start': () => {
    process.stderr.write('\\u001b[31mError\\u001b[0m: cannot open /home/someone/secret/config: denied\\n')
    process.exit(1)
  },
  'crashes-at-load': () =>
    whenLogged('starting llama-server', 1, () => {
      process.stderr.write('panic: out of memory | \`x\`\\n')
      process.exit(2)
    }),
  'crashes-while-serving': () =>
    whenLogged('"/api/chat"', 2, () => process.kill(process.pid, 'SIGKILL')),
  'writes-key': () => {
    const folder = path.join(process.env.HOME, '.ollama')
    mkdirSync(folder, { recursive: true })
    writeFileSync(path.join(folder, 'id_ed25519'), 'key', { flag: 'a' })
  },
  'ignores-sigterm': () => {
    const on = process.on.bind(process)
    process.on = (name, ...rest) => (name === 'SIGTERM' ? on(name, () => {}) : on(name, ...rest))
  },
  escapes: () => {
    const child = spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], { stdio: 'ignore', detached: true })
    writeFileSync(path.join(process.env.TEST_FOLDER, 'escaped'), String(child.pid))
  },
  forks: () => {
    spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"], { stdio: 'ignore' })
  },
}
Promise.resolve(before[accident]?.()).then(serve)
`
