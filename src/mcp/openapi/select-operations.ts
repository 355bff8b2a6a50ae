import { didYouMean } from '../../values/closest-name.js';
import type { AccessDeclaration } from '../../auth/access/access-rule.js';
import type { OpenApiMapping, OperationMapping } from '../decorators/open-api-options.js';
import { isRead, type Operation } from './operations.js';

/** Operation that becomes a tool. */
export interface Selected {
  readonly operation: Operation;
  readonly mapping: OperationMapping;
}

/** Finds the operations that a mapping names, each once. Adds names that are none to the problems. */
export function selectedIn(
  operations: readonly Operation[],
  { operations: mappings = {}, tags = {} }: OpenApiMapping,
  problems: string[],
): Selected[] {
  const named = Object.entries(mappings).flatMap(([key, mapping]) => {
    const operation =
      operations.find(({ id }) => id === key) ?? operations.find(({ route }) => route === key);
    if (!operation)
      problems.push(
        unknownProblem(
          'operation',
          key,
          operations.flatMap(({ id, route }) => [id ?? [], route].flat()),
        ),
      );
    return operation ? [{ operation, mapping }] : [];
  });
  const taken = new Set(named.map(({ operation }) => operation));
  const tagged = Object.entries(tags).flatMap(([tag, { group, read, write }]) => {
    const ofTag = operations.filter(({ tags: all }) => all.includes(tag));
    if (ofTag.length === 0)
      problems.push(
        unknownProblem(
          'tag',
          tag,
          operations.flatMap(({ tags: all }) => all.map(String)),
        ),
      );
    return ofTag.flatMap((operation) => {
      const access = isRead(operation) ? read : write;
      if (!access || taken.has(operation)) return [];
      taken.add(operation);
      return [{ operation, mapping: mappingOf(operation, access, group) }];
    });
  });
  const selected = [...named, ...tagged];
  if (selected.length === 0 && problems.length === 0) {
    problems.push(
      'it chooses no operations. Name them in operations, or name a tag in tags with read or write.',
    );
  }
  return selected;
}

const unknownProblem = (what: string, name: string, known: readonly string[]): string =>
  `its document has no ${what} "${name}".${didYouMean(name, known)}`;

const mappingOf = (
  operation: Operation,
  access: AccessDeclaration,
  group: string | undefined,
): OperationMapping => ({
  ...access,
  ...(group !== undefined && { group }),
  name: toolNameOf(operation),
});

const MAX_NAME_LENGTH = 64;

/** Name for the tool of an operation: its id, or method and path, in snake case. */
export const toolNameOf = ({ id, route }: Pick<Operation, 'id' | 'route'>): string =>
  (id ?? route)
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z\d]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .toLowerCase()
    .slice(0, MAX_NAME_LENGTH) || 'operation';

/** Hints by the method of an operation (RFC 9110, section 9.2). */
export function annotationsOf(
  operation: Pick<Operation, 'method'>,
): NonNullable<OperationMapping['annotations']> {
  if (isRead(operation)) return { readOnlyHint: true };
  const isIdempotent = operation.method === 'PUT' || operation.method === 'DELETE';
  return { destructiveHint: true, ...(isIdempotent && { idempotentHint: true }) };
}
