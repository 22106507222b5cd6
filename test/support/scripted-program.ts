/**
 * A program named `ollama` for tests of whole commands. Its `serve` runs the scripted server, which answers at once.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { answers, ScriptedOllama } from './scripted-ollama.ts'

const version = '0.11.3'

/** Writes the program into a folder. The server has every model. */
export function writeScriptedProgram(folder: string): void {
  const tsx = createRequire(import.meta.url).resolve('tsx')
  const self = path.join(import.meta.dirname, 'scripted-program.ts')
  const file = path.join(folder, 'ollama')
  const program = `#!/bin/sh
if [ "$1" = --version ]; then echo 'ollama version is ${version}'; exit; fi
exec ${process.execPath} --import ${tsx} ${self} serve
`
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, program)
  chmodSync(file, 0o755)
}

async function serve(port: number): Promise<void> {
  await ScriptedOllama.start(
    {
      generate: ({ path: route }) =>
        route === '/api/generate'
          ? answers({ api: 'generate', content: [] }) // loads or unloads the model
          : answers({ waitMs: 5 }),
    },
    port,
  )
  // exp waits for this line of Ollama's log.
  console.error(`msg="Listening on 127.0.0.1:${port} (version ${version})"`)
}

if (process.argv[2] === 'serve') await serve(Number(process.env['OLLAMA_HOST']?.split(':')[1]))
