/** Names of Docker contexts. */

/** Names that Docker accepts. None of them is an option. */
export const contextPattern = /^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$/

/** How messages name a context. */
export function contextName(context: string): string {
  return `the Docker context \`${context}\``
}
