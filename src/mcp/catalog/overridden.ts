import { accessDecoratorsOf } from '../../auth/access-decorators.js';
import { hasOwnGuards } from '../../auth/protect.decorator.js';
import { isObject } from '../../values/is-object.js';
import { methodNamed, methodsOf } from './discovery.js';

/**
 * Finds methods that override an offered method, but are not offered themselves. Neither method could be offered as
 * declared.
 *
 * @param offersOf returns the decorators that offer a method, such as `@McpTool`
 * @param isOffered whether a base class offers its own methods
 */
export function overriddenOffers(
  prototype: object,
  offersOf: (method: object) => readonly string[],
  isOffered: (base: object) => boolean = () => false,
): string[] {
  const problems: string[] = [];
  const known = new Set<string>();
  for (const base of basesOf(prototype)) {
    for (const { method, methodName } of methodsOf(base)) {
      const offers = offersOf(method);
      if (offers.length === 0 || known.has(methodName)) continue;
      known.add(methodName);
      const overriding = methodNamed(prototype, methodName);
      if (!overriding || offersOf(overriding).length > 0 || isOffered(base)) continue;
      const decorators = [...offers, ...restrictionsOf(method)];
      problems.push(
        `${nameOf(prototype, methodName)}: it overrides ${nameOf(base, methodName)}, which has ${inWords(decorators)}, but ` +
          `has no ${offers.join(' or ')} itself. Repeat the decorator${decorators.length === 1 ? '' : 's'}.`,
      );
    }
  }
  return problems;
}

/** Returns the decorators that restrict a method, such as `@RequireRoles()` and `@UseGuards()`. */
export const restrictionsOf = (method: object): string[] => [
  ...accessDecoratorsOf(method),
  ...(hasOwnGuards(method) ? ['@UseGuards()'] : []),
];

/** Returns the prototypes of the base classes, nearest first. */
export function basesOf(prototype: object): object[] {
  const base: unknown = Object.getPrototypeOf(prototype);
  return isObject(base) ? [base, ...basesOf(base)] : [];
}

export const nameOf = (prototype: object, methodName: string): string =>
  `${prototype.constructor.name}.${methodName}`;

export const inWords = (decorators: readonly string[]): string =>
  decorators.length < 2
    ? decorators.join('')
    : `${decorators.slice(0, -1).join(', ')} and ${decorators.at(-1)}`;
