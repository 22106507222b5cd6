/** The schemas of the server's answers about itself and its models. Unused fields are ignored. */
import { z } from 'zod'
import { limits } from '../errors/limits.ts'

const text = z.string().nullish()
const name = z.string().max(limits.serverName.max)
const shortText = name.nullish()

/**
 * A list whose length is checked before its entries. The schema reports a problem for each wrong entry, and a hostile
 * list may have millions.
 */
export function limitedList<Schema extends z.ZodType>(
  entry: Schema,
  maxLength: number = limits.serverEntries.max,
) {
  return z.array(z.unknown()).max(maxLength).pipe(z.array(entry))
}

const details = z
  .object({ family: shortText, parameter_size: shortText, quantization_level: shortText })
  .nullish()
  .transform((value) => ({
    family: undefinedIfEmpty(value?.family),
    parameterSize: undefinedIfEmpty(value?.parameter_size),
    quantization: undefinedIfEmpty(value?.quantization_level),
  }))
/** In bytes or tokens. Refuses numbers that are not exact in JavaScript. */
const size = z.int().nonnegative()

/** Ollama sends an empty string for an unknown value. */
function undefinedIfEmpty(value: string | null | undefined): string | undefined {
  return value === '' || value === null ? undefined : value
}

export const versionResponse = z.object({ version: name })

export const tagsResponse = z.object({
  models: limitedList(
    z
      .object({ name, digest: name, size, details })
      .transform(({ details: more, size: sizeBytes, ...model }) => ({
        ...model,
        sizeBytes,
        ...more,
      })),
  )
    .nullable()
    .transform((models) => models ?? []),
})

export const psResponse = z.object({
  models: limitedList(
    z
      .object({
        name,
        digest: name,
        size,
        size_vram: size.default(0),
        context_length: size.optional(),
        expires_at: name.optional(),
        details,
      })
      .transform((model) => ({
        name: model.name,
        digest: model.digest,
        sizeBytes: model.size,
        vramBytes: model.size_vram,
        contextLength: model.context_length,
        expiresAt: model.expires_at,
        ...model.details,
      })),
  )
    .nullable()
    .transform((models) => models ?? []),
})

export const showResponse = z
  .object({
    details,
    modelfile: text,
    parameters: text,
    template: text,
    capabilities: limitedList(name).nullish(),
    model_info: z.record(z.string(), z.unknown()).nullish(),
  })
  .transform((model) => ({
    ...model.details,
    modelfile: undefinedIfEmpty(model.modelfile),
    parameters: undefinedIfEmpty(model.parameters),
    template: undefinedIfEmpty(model.template),
    capabilities: model.capabilities ?? undefined,
    /** GGUF keys: `general.architecture`, `<architecture>.context_length`, … */
    modelInfo: model.model_info ?? {},
  }))

/** The answer to a request that only loads a model for embeddings. */
export const embedResponse = z.object({ embeddings: z.array(z.unknown()) })
export const generateResponse = z.object({ done: z.boolean(), done_reason: name.optional() })

/** A model in the server's model store. */
export type StoredModel = Readonly<z.infer<typeof tagsResponse>['models'][number]>
/** A loaded model. `contextLength` counts the tokens of one slot; servers before v0.10 do not report it. */
export type LoadedModel = Readonly<z.infer<typeof psResponse>['models'][number]>
export type ModelDescription = Readonly<z.infer<typeof showResponse>>
