import { describe, expect, it } from 'vitest'
import { isSameModel } from '../../src/ollama/client.ts'

describe('a model that a server lists', () => {
  it.each([
    ['qwen3:latest', 'qwen3'],
    ['qwen3:0.6b', 'Qwen3:0.6B'],
    ['qwen3:0.6b', 'library/qwen3:0.6b'],
    ['qwen3:latest', 'registry.ollama.ai/library/qwen3'],
    ['someone/model:latest', 'registry.ollama.ai/someone/model'],
    ['hf.co/Org/Model-GGUF:Q4_K_M', 'hf.co/org/model-gguf:q4_k_m'],
    ['localhost:5000/org/model:latest', 'localhost:5000/org/model'],
  ])('%s is the requested %s', (listed, requested) =>
    expect(isSameModel(listed, requested)).toBe(true),
  )

  it.each([
    ['qwen3:0.6b', 'qwen3'],
    ['someone/qwen3:latest', 'qwen3'],
    ['qwen3:0.6b-q8_0', 'qwen3:0.6b'],
  ])('%s is not the requested %s', (listed, requested) =>
    expect(isSameModel(listed, requested)).toBe(false),
  )
})
