/**
 * Shapes declare the values that a template may name, each with a description. Three things are derived from them: the
 * TypeScript type of a view, the check of templates, and the guide to templates.
 */
import type { Markdown } from '../markdown/markdown.ts'

export type Shape =
  | { readonly kind: 'text'; readonly description: string }
  | { readonly kind: 'markdown'; readonly description: string }
  | { readonly kind: 'flag'; readonly description: string }
  | { readonly kind: 'list'; readonly description: string; readonly item: Shape }
  | GroupShape
  | OptionalShape

export interface GroupShape<
  Fields extends Readonly<Record<string, Shape>> = Readonly<Record<string, Shape>>,
> {
  readonly kind: 'group'
  readonly description: string
  readonly fields: Fields
}

export interface OptionalShape<Of extends Shape = Shape> {
  readonly kind: 'optional'
  readonly description: string
  readonly of: Of
}

/** Text from outside or from a file of words, which is escaped when it is inserted. */
export function text(description: string) {
  return { kind: 'text', description } as const
}

/** A block or a line of Markdown made from data, which is inserted unchanged. */
export function markdown(description: string) {
  return { kind: 'markdown', description } as const
}

export function flag(description: string) {
  return { kind: 'flag', description } as const
}

export function list<const Item extends Shape>(description: string, item: Item) {
  return { kind: 'list', description, item } as const
}

export function group<const Fields extends Readonly<Record<string, Shape>>>(
  description: string,
  fields: Fields,
) {
  return { kind: 'group', description, fields } as const
}

/** A value that may be `null`; `{{#if}}` and `{{#with}}` then skip it. */
export function optional<const Of extends Shape>(of: Of) {
  return { kind: 'optional', description: of.description, of } as const
}

/** The TypeScript type of a value of the shape. */
export type View<S> = S extends { readonly kind: 'text' }
  ? string
  : S extends { readonly kind: 'markdown' }
    ? Markdown
    : S extends { readonly kind: 'flag' }
      ? boolean
      : S extends { readonly kind: 'list'; readonly item: infer Item }
        ? readonly View<Item>[]
        : S extends { readonly kind: 'group'; readonly fields: infer Fields }
          ? { readonly [Name in keyof Fields]: View<Fields[Name]> }
          : S extends { readonly kind: 'optional'; readonly of: infer Of }
            ? View<Of> | null
            : never
