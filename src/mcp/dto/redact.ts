import { loadDtoPackages } from './dto-metadata.js';

/** Keyword of a JSON Schema whose values no record may contain. Clients never receive it. */
export const REDACT_KEYWORD = 'x-aerie-redact';

/** Name of the class-validator rule that {@link Redact} registers. */
export const REDACT_RULE = 'aerie:redact';

/**
 * Marks a member of a schema whose value the audit trail must not contain. It is for zod and for a JSON Schema; in a
 * class, use `@Redact()`.
 *
 * @example
 * ```ts
 * z.object({ holder: z.string(), iban: z.string().meta(redacted) })
 * ```
 */
export const redacted: { readonly [keyword: string]: true } = Object.freeze({ [REDACT_KEYWORD]: true });

/**
 * Marks a member of a class whose value the audit trail must not contain.
 *
 * It is a rule of class-validator that always holds, because `PartialType` and the like copy only such rules to the
 * classes that they derive.
 */
export function Redact(): PropertyDecorator {
  return (prototype, propertyName) => {
    if (typeof propertyName !== 'string')
      throw new TypeError('@Redact() is on a symbol, which JSON cannot name.');
    loadDtoPackages().validator.registerDecorator({
      name: REDACT_RULE,
      target: prototype.constructor,
      propertyName,
      options: { always: true },
      validator: { validate: () => true },
    });
  };
}
