import { z } from 'zod';

/** Facts about an environment variable. `npm run document-variables` writes them into the documentation. */
export interface About {
  /** Value of the variable if it is not set, in the same format. */
  readonly default?: string;
  /** Describes the default, if it is not a fixed value. Markdown. */
  readonly otherwise?: string;
  /** Describes the purpose and the values. Markdown with links relative to `docs/`. */
  readonly description: string;
  /** Tells the operator how to correct an invalid value. */
  readonly remedy: string;
  /** Value that `.env.example` shows instead of the default. */
  readonly example?: string;
  /** File that `.env.example` reads the value from. */
  readonly exampleFile?: string;
  /** Whether the value is secret: no error message shows it, and `.env.example` reads it from a file. */
  readonly secret?: boolean;
  /** Whether the image or the compose file determines the value, so that Compose does not pass it from `.env`. */
  readonly setByContainer?: boolean;
}

/** Schema that parses the text of a variable. */
type Format = z.ZodType<unknown, string>;
type Declaration<Schema extends Format> = About & { readonly schema: Schema };

/** Environment variable: a schema for its text, or for `undefined` if it is not set. */
export type Variable = z.ZodType & { readonly about: About };

/**
 * Declares an environment variable.
 *
 * ```ts
 * TOOL_TIMEOUT: variable({
 *   schema: duration,
 *   default: '60s',
 *   description: 'timeout of a call, unless the tool sets its own',
 *   remedy: 'Use a duration such as 60s.',
 * }),
 * ```
 */
export function variable<Schema extends Format>(
  declaration: Declaration<Schema> & { readonly default: string },
): z.ZodPrefault<Schema> & { readonly about: About };
export function variable<Schema extends Format>(
  declaration: Declaration<Schema>,
): z.ZodOptional<Schema> & { readonly about: About };
export function variable({ schema, ...about }: Declaration<Format>): Variable {
  const parser = about.default === undefined ? schema.optional() : schema.prefault(about.default);
  return Object.assign(parser, { about });
}

/** Declared variables by name. */
export type Variables = Readonly<Record<string, Variable>>;

/** Parsed value of each variable; undefined if the variable is not set and has no default. */
export type Values<Declared extends Variables> = Readonly<z.output<z.ZodObject<Declared>>>;

/** Variables of one subject. */
export interface Subject<Declared extends Variables = Variables> {
  /** Name of the subject in the documentation. */
  readonly title: string;
  readonly variables: Declared;
}

/** Variables of one subject, and the part of the configuration that they determine. */
export interface Section<
  Declared extends Variables,
  Basis extends readonly unknown[],
  Settings,
> extends Subject<Declared> {
  /** Converts the values of the variables, and settings of other sections, into this part of the configuration. */
  readonly read: (values: Values<Declared>, ...basis: Basis) => Settings;
}

/** Declares a section. `read` determines the type of its settings, see {@link SettingsOf}. */
export const section = <Declared extends Variables, Basis extends readonly unknown[], Settings>(
  title: string,
  variables: Declared,
  read: (values: Values<Declared>, ...basis: Basis) => Settings,
): Section<Declared, Basis, Settings> => ({ title, variables, read });

/** Part of the configuration that a section determines. */
export type SettingsOf<Declared extends { readonly read: (...args: never) => unknown }> = Readonly<
  ReturnType<Declared['read']>
>;
