import type { ValidationError } from '@nestjs/common';
import type { StandardSchemaV1 } from '@modelcontextprotocol/server';

import type { DerivedDto } from './dto-schema.js';

type Issue = StandardSchemaV1.Issue;

/** Thrown by the `ValidationPipe` of a class. */
export class InvalidDto extends Error {
  constructor(readonly errors: readonly ValidationError[]) {
    super('The input is invalid.');
  }
}

/** Converts errors of class-validator to issues: one for each member, with its path in the input. */
export function issuesOf(
  errors: readonly ValidationError[],
  renamed: DerivedDto['renamed'],
  parents: readonly string[] = [],
): Issue[] {
  return errors.flatMap(({ property, value, constraints = {}, children = [] }) => {
    const path = [...parents, renamed.get(property) ?? property];
    const texts = Object.entries(constraints).map(([name, message]) => readable(name, message, property));
    const own = texts.length > 0 && {
      path,
      message: value === undefined ? `is missing: ${texts.join('; ')}` : texts.join('; '),
    };
    return [...(own ? [own] : []), ...issuesOf(children, renamed, path)];
  });
}

/** Rewrites the default messages that a model could not act on, and drops the name, which the path states already. */
function readable(constraint: string, message: string, property: string): string {
  if (constraint === 'whitelistValidation') return 'is unknown. Remove it.';
  if (message === `${property} must be a Date instance`) {
    return 'must be a date, such as 2027-01-31 or 2027-01-31T09:00:00Z';
  }
  for (const prefix of [`${property} `, `each value in ${property} `]) {
    if (message.startsWith(prefix))
      return `${prefix.replace(` in ${property} `, ' ').replace(`${property} `, '')}${message.slice(prefix.length)}`;
  }
  return message;
}

/**
 * Finds members that are not lists although they are declared as lists, and the reverse. class-validator accepts both:
 * `{ each: true }` accepts one value in place of a list, and `@ValidateNested()` a list in place of an object.
 */
export function formIssues(
  value: unknown,
  forms: DerivedDto['forms'],
  path: readonly string[] = [],
): Issue[] {
  if (Array.isArray(value)) {
    return value.flatMap((element: unknown, index) => formIssues(element, forms, [...path, String(index)]));
  }
  if (typeof value !== 'object' || value === null) return [];
  return [...(forms.get(value.constructor) ?? [])].flatMap(([name, form]) => {
    const member: unknown = Reflect.get(value, name);
    const at = [...path, name];
    if (member === undefined || member === null) return [];
    if (Array.isArray(member) !== (form !== 'object')) {
      return [{ path: at, message: form === 'object' ? 'must be an object, not a list' : 'must be a list' }];
    }
    if (form === 'objects' && Array.isArray(member)) {
      const index = member.findIndex((element) => Array.isArray(element));
      if (index >= 0) return [{ path: [...at, String(index)], message: 'must be an object, not a list' }];
    }
    return form === 'list' ? [] : formIssues(member, forms, at);
  });
}
