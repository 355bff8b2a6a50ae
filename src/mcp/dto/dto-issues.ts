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
  return errors.flatMap(({ target, property, value, constraints = {}, children = [] }) => {
    const path = [...parents, renamed.get(target?.constructor)?.get(property) ?? property];
    const inner = issuesOf(children, renamed, path);
    const texts = Object.entries(constraints).map(([name, text]) => readable(name, text, property));
    if (texts.length === 0) return inner;
    // The pipe removes the value of an error with children.
    const isMissing = value === undefined && children.length === 0;
    return [{ path, message: `${isMissing ? 'is missing: ' : ''}${texts.join('; ')}` }, ...inner];
  });
}

/** Replaces default messages that a model could not act on, and removes the name, which the path states already. */
function readable(constraint: string, text: string, property: string): string {
  if (constraint === 'whitelistValidation') return 'is unknown. Remove it.';
  if (constraint === 'nestedValidation' && text.endsWith(' must be either object or array')) {
    return 'must be an object';
  }
  const [subject, shown] = text.startsWith('each value in ')
    ? [`each value in ${property} `, 'each value ']
    : [`${property} `, ''];
  if (!text.startsWith(subject)) return text; // a message of the application
  const demand = text.slice(subject.length);
  return demand === 'must be a Date instance'
    ? `${shown}must be a date, such as 2027-01-31 or 2027-01-31T09:00:00Z`
    : shown + demand;
}
