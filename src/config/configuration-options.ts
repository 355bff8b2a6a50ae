import type { z } from 'zod';

import type { DECLARATIONS } from './environment.js';

type Declarations = typeof DECLARATIONS;

/** `RESOURCE_URL` in camel case: `resourceUrl`. */
type CamelCase<Name extends string> = Name extends `${infer Word}_${infer Rest}`
  ? `${Lowercase<Word>}${Capitalized<Rest>}`
  : Lowercase<Name>;
type Capitalized<Name extends string> = Name extends `${infer Word}_${infer Rest}`
  ? `${Capitalize<Lowercase<Word>>}${Capitalized<Rest>}`
  : Capitalize<Lowercase<Name>>;

/** Value of an option: its text, or a list, a boolean or a number where the text means one. */
type OptionValue<Text, Value> = Value extends readonly (infer Part extends string)[]
  ? Part | readonly Part[]
  : string extends Text
    ? string
    : [Value] extends [boolean]
      ? boolean | Text
      : 'on' | 'off' extends Text
        ? boolean | 'on' | 'off'
        : Text extends `${infer Digits}`
          ? Digits extends `${number}`
            ? number
            : Text
          : never;

type OptionOf<Declaration extends z.ZodType> = OptionValue<
  NonNullable<z.input<Declaration>>,
  NonNullable<z.output<Declaration>>
>;

/** Variables whose text is free, so that it may be a secret or a document that a file contains. */
type OfAnyText = {
  [Name in keyof Declarations]: string extends NonNullable<z.input<Declarations[Name]>> ? Name : never;
}[keyof Declarations];

/**
 * Aerie's configuration in TypeScript: every variable of docs/configuration.md in camel case, such as `resourceUrl` for
 * `RESOURCE_URL`. Lists may be arrays, `on` and `off` or `true` and `false` may be booleans, and `…File` names a file that contains the value.
 */
export type ConfigurationOptions = Readonly<
  {
    /** Required, because forgetting `production` would allow what only development may do. */
    nodeEnv: z.output<Declarations['NODE_ENV']>;
  } & {
    [Name in Exclude<keyof Declarations, 'NODE_ENV'> as CamelCase<Name>]?:
      OptionOf<Declarations[Name]> | undefined;
  } & { [Name in OfAnyText as `${CamelCase<Name>}File`]?: string | undefined }
>;
