/** The prompt of the embedded model: ChatML. */

export interface ChatMessage {
  readonly role: string
  readonly content: string
}

/** The template as `/api/show` prints it, in the language of Ollama's templates. */
export const shownTemplate = `{{- range .Messages }}<|im_start|>{{ .Role }}
{{ .Content }}<|im_end|>
{{ end }}<|im_start|>assistant
`

/** Ends with the opening of the answer; a last message of the assistant is left open, to be continued. */
export function renderChat(messages: readonly ChatMessage[]): string {
  const turns = messages.map(({ role, content }) => `<|im_start|>${role}\n${content}`)
  const isContinued = messages.at(-1)?.role === 'assistant'
  return turns.join('<|im_end|>\n') + (isContinued ? '' : '<|im_end|>\n<|im_start|>assistant\n')
}
