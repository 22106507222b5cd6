import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Redactor } from '../../src/results/redact.ts'

const redactor = new Redactor(['lixue', 'Studio-7', 'root', 'me'])

describe('Redactor.text', () => {
  it.each([
    ['http://me:pa55@example.org/x failed', 'http://[redacted]@example.org/x failed'],
    ['Authorization: Bearer abc.def-1', 'Authorization: [redacted]'],
    ['"authorization": "Basic dXNlcg=="', '"authorization": "[redacted]"'],
    ['sent bearer 0123456789abcdef', 'sent bearer [redacted]'],
    ['map[HF_TOKEN:hf_x OLLAMA_DEBUG:1]', 'map[HF_TOKEN:[redacted] OLLAMA_DEBUG:1]'],
    ['GET /v1/x?api_key=s3cret&x=1', 'GET /v1/x?api_key=[redacted]&x=1'],
    ['POST /api/chat 200', 'POST /api/chat 200'],
    ['n_tokens = 512, keep_alive=5m', 'n_tokens = 512, keep_alive=5m'],
    ['--model /home/lixue/.ollama/models/blobs/sha256-7d --port 1', '--model …/sha256-7d --port 1'],
    ['open C:\\Users\\lixue\\x.gguf now', 'open …/x.gguf now'],
    ['{"OLLAMA_MODELS":"/Users/a/.ollama/models"}', '{"OLLAMA_MODELS":"…/models"}'],
    ['lixue on studio-7.local as root', '[redacted] on [redacted].local as root'],
    ['\u001b[1;31mred\u001b[0m\u0007 \u001b]0;title\u0007x\u202ey', 'red xy'],
    ['two\r\nlines', 'two lines'],
    ['中文 /tmp/x/y 路径', '中文 …/y 路径'],
  ])('%j becomes %j', (text, clean) => {
    expect(redactor.text(text)).toBe(clean)
  })

  it('removes all control codes from any text, and changes nothing when applied twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const clean = redactor.text(text)
        expect(clean).not.toMatch(/\p{Cc}/u)
        expect(redactor.text(clean)).toBe(clean)
      }),
    )
  })

  it('cuts long text and marks the cut', () => {
    expect(redactor.text('x'.repeat(600), 500)).toBe(`${'x'.repeat(499)}…`)
  })
})
