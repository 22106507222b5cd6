/** A real browser: the Chromium of this machine, without a window. */
import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import { chromium, type Browser, type Page } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** The path of a Chromium; undefined if this machine has none. Throws in CI, which installs one. */
export function findChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter)
  const found = folders
    .flatMap((folder) => names.map((name) => path.join(folder, name)))
    .find(isProgram)
  if (found === undefined && process.env['CI'] === 'true')
    throw new Error(`no ${names.join(', ')} on PATH`)
  return found
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export function launch(executablePath: string): Promise<Browser> {
  // Chromium has no sandbox for root, which CI is.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath, args })
}

export interface Visit {
  readonly page: Page
  /** What the page asked for, except itself and what is inside it. */
  readonly requests: readonly string[]
  /** Errors and warnings of the console, and errors of scripts. */
  readonly complaints: readonly string[]
}

export interface Reader {
  readonly width: number
  readonly colorScheme: 'light' | 'dark'
}

/** Opens a page as a file, as a reader with this screen does. */
export async function visit(browser: Browser, address: string, reader: Reader): Promise<Visit> {
  const page = await browser.newPage({
    viewport: { width: reader.width, height: 900 },
    colorScheme: reader.colorScheme,
  })
  const requests: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => {
    if (request.url() !== address && !request.url().startsWith('data:'))
      requests.push(request.url())
  })
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', ({ message }) => complaints.push(message))
  await page.goto(address)
  return { page, requests, complaints }
}
