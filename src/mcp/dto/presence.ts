import type { Member } from './derivation.js';
import type { DtoOptions } from './dto-options.js';
import type { Rule } from './rule-keywords.js';

/** Condition of `@ValidateIf()`, or of a rule's option `validateIf`. */
type Condition = (object: object, value: unknown) => unknown;

/** Whether a call must have a member, and whether null has a meaning of its own. */
export function presence(
  { name, rules, documented }: Member,
  { skipMissingProperties, skipUndefinedProperties }: DtoOptions,
): { readonly isRequired: boolean; readonly isNullable: boolean } {
  const conditions = rules.filter(isConditional).map(({ constraints }): Condition => constraints[0]);
  const isSkipped = (value: null | undefined): boolean =>
    !conditions.every((condition) => holds(condition, name, value));
  const demanding = rules.filter(
    (rule) =>
      !isConditional(rule) &&
      rule.type !== 'whitelistValidation' &&
      (!rule.validateIf || holds(rule.validateIf, name, undefined)),
  );
  const canBeLeftOut =
    demanding.some((rule) => rule.name === 'isEmpty') ||
    ((skipMissingProperties || skipUndefinedProperties) &&
      !demanding.some((rule) => rule.name === 'isDefined'));
  return {
    isRequired: demanding.length > 0 && !isSkipped(undefined) && !canBeLeftOut,
    isNullable: isSkipped(null) && (documented['nullable'] === true || !isSkipped(undefined)),
  };
}

/** Whether a rule decides if the others apply, as `@IsOptional()` and `@ValidateIf()` do: all must hold. */
const isConditional = ({ type }: Rule): boolean => type === 'conditionalValidation';

/** Whether a condition holds for a value of its member, for any values of the other members. */
function holds(condition: Condition, name: string, value: null | undefined): boolean {
  const object = new Proxy(
    {},
    {
      get: (_target, key) => {
        if (key === name) return value;
        throw new Error('The condition depends on other members.');
      },
    },
  );
  try {
    return Boolean(condition(object, value));
  } catch {
    return false;
  }
}
