import { loadLocalSettings } from '../../files/local-settings.ts'
import { systemTools } from '../../host/machine-tools.ts'
import { readTemplates } from '../../notebook/template-files.ts'
import { findLocalOllama } from '../../targets/local-ollama.ts'
import { readWords } from '../../templates/words.ts'
import type { Io } from '../io.ts'
import { terminalLocale } from '../language.ts'
import type { Surroundings } from './choices-of-options.ts'

/** What a new experiment depends on besides choices: the language, and what this machine offers. */
export async function readSurroundings(root: string, io: Io): Promise<Surroundings> {
  const locale = terminalLocale(io)
  const ollama = await findLocalOllama({
    tools: systemTools(),
    env: io.env,
    settings: loadLocalSettings(root),
    folder: root,
    signal: io.signal,
  })
  return { locale, words: readWords(readTemplates(locale), 'init'), ollama }
}
