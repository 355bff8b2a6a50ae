import { markMember } from './redact-marks.js';

/** Keyword of a JSON Schema whose values (`true`), or unknown members (`false`), no record may contain. */
export const REDACT_KEYWORD = 'x-aerie-redact';

/**
 * Marks a member of a schema whose value the audit trail must not contain. It is for zod and for a JSON Schema; in a
 * class, use `@Redact()`.
 *
 * To mark an object of zod, write the mark last: `.strict()`, `.extend()`, `.partial()`, `.pick()` and other methods that
 * rebuild the object drop its metadata. They keep the marks of its members.
 *
 * @example
 * ```ts
 * z.object({ holder: z.string(), iban: z.string().meta(redacted) })
 * ```
 */
export const redacted: { readonly [keyword: string]: true } = Object.freeze({ [REDACT_KEYWORD]: true });

/** Says that a value that the schema does not describe may be marked: a member that is not published. */
export const redactedWithin: { readonly [keyword: string]: false } = Object.freeze({
  [REDACT_KEYWORD]: false,
});

/**
 * Marks a member of a class whose value the audit trail must not contain. Subclasses, `PartialType` and the like keep the
 * mark.
 */
export function Redact(): PropertyDecorator {
  return (prototype, propertyName) => {
    if (typeof propertyName !== 'string')
      throw new TypeError('@Redact() is on a symbol, which JSON cannot name.');
    markMember(prototype, propertyName);
  };
}
