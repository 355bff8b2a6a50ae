import { UsageError } from '../terminal/usage-error.js';

/** Forms of the name of an offer. */
export interface Names {
  /** For files and folders: `order-status`. */
  readonly kebab: string;
  /** For tools, as clients see them: `order_status`. */
  readonly snake: string;
  /** For methods: `orderStatus`. */
  readonly camel: string;
  /** For classes: `OrderStatus`. */
  readonly pascal: string;
}

/** Methods that a provider cannot use for an offer, because NestJS or JavaScript calls them. */
const RESERVED_METHODS = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  'then',
  'onModuleInit',
  'onApplicationBootstrap',
  'onModuleDestroy',
  'beforeApplicationShutdown',
  'onApplicationShutdown',
]);

/** @throws {UsageError} when the name cannot be that of a method of a provider */
export function requireMethodName({ camel }: Names): void {
  if (!RESERVED_METHODS.has(camel)) return;
  throw new UsageError(`NestJS or JavaScript calls a method ${camel} itself. Choose another name.`);
}

/**
 * Reads a name in any of the usual forms.
 *
 * @throws {UsageError} when the name cannot be that of a class
 */
export function namesOf(given: string): Names {
  const words = given
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[\s_-]+/)
    .filter((word) => word !== '');
  if (words.length === 0 || !words.every((word) => /^[a-z\d]+$/.test(word)) || /^\d/.test(words[0] ?? '')) {
    throw new UsageError(`"${given}" is not a name. Use words of letters and digits, such as order-status.`);
  }
  const pascal = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return {
    kebab: words.join('-'),
    snake: words.join('_'),
    camel: pascal.charAt(0).toLowerCase() + pascal.slice(1),
    pascal,
  };
}
