/** Names under which the one model is served. Ollama adds `:latest` to a name without a tag, and minds no case. */
export class ModelNames {
  readonly names: readonly string[]

  constructor(names: readonly string[]) {
    this.names = [...new Set(names.map(withTag))]
  }

  /** The served name that is meant; undefined when there is none. */
  find(written: string): string | undefined {
    const wanted = withTag(written).toLowerCase()
    return this.names.find((name) => name.toLowerCase() === wanted)
  }
}

/** The tag follows the last slash, so that a registry's port is none. */
const withTag = (name: string): string =>
  name.slice(name.lastIndexOf('/') + 1).includes(':') ? name : `${name}:latest`
