/** The names under which the one model is served. As in Ollama, a name without a tag gets `:latest`, and case is ignored. */
export class ModelNames {
  readonly names: readonly string[]

  constructor(names: readonly string[]) {
    this.names = [...new Set(names.map(withTag))]
  }

  /** Finds the served name that matches; undefined if none does. */
  find(written: string): string | undefined {
    const wanted = withTag(written).toLowerCase()
    return this.names.find((name) => name.toLowerCase() === wanted)
  }
}

/** A tag can only follow the last slash; otherwise a registry's port would be taken for one. */
const withTag = (name: string): string =>
  name.slice(name.lastIndexOf('/') + 1).includes(':') ? name : `${name}:latest`
