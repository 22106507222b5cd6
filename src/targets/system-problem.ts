/** Why exp cannot start servers on this operating system, and what works there. */

export interface SystemProblem {
  /** A sentence without its full stop. */
  readonly why: string
  readonly fix: string
}

/** Undefined on Linux and macOS. */
export function systemProblem(platform: NodeJS.Platform): SystemProblem | undefined {
  if (platform === 'linux' || platform === 'darwin') return undefined
  const system = platform === 'win32' ? 'Windows' : platform
  return {
    why: `on ${system}, exp measures running servers only: it cannot start Ollama, a container or the embedded engine`,
    fix: `Measure a running server by its URL: \`target: {url: "http://127.0.0.1:11434"}\`${platform === 'win32' ? ', or run exp in WSL' : ''}.`,
  }
}
