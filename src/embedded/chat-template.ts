/** The prompt format of the embedded model: ChatML. */

export interface ChatMessage {
  readonly role: string
  readonly content: string
}

/** The template as `/api/show` prints it, in Ollama's template language. */
export const shownTemplate = `{{- range .Messages }}<|im_start|>{{ .Role }}
{{ .Content }}<|im_end|>
{{ end }}<|im_start|>assistant
`

/** Renders a conversation. The text ends where the answer begins; a final assistant message is left open, so that the model continues it. */
export function renderChat(messages: readonly ChatMessage[]): string {
  const turns = messages.map(({ role, content }) => `<|im_start|>${role}\n${content}`)
  const isContinued = messages.at(-1)?.role === 'assistant'
  return turns.join('<|im_end|>\n') + (isContinued ? '' : '<|im_end|>\n<|im_start|>assistant\n')
}
