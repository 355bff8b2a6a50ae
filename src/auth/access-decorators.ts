import { accessDeclarationsOf, decoratorOf } from './access/require.decorators.js';
import { isProtected } from './protect.decorator.js';

/**
 * Returns the decorators that restrict a method, such as `@RequireRoles()`. The function has them, so a mixin that copies
 * it to another class copies them too.
 *
 * @param other function whose decorators are left out
 */
export const accessDecoratorsOf = (method: object, other: object = {}): string[] => {
  const known = accessDeclarationsOf(other);
  const declarations = accessDeclarationsOf(method).filter((declaration) => !known.includes(declaration));
  const isLost = isProtected(method) && !isProtected(other);
  return [...new Set(declarations.map(decoratorOf)), ...(isLost ? ['@Protect()'] : [])];
};
