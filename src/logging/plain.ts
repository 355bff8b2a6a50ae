import { inspect, types } from 'node:util';

/** Maximum length of one value, characters. A small object with repeated references can expand to a huge text. */
const MAX_LENGTH = 100_000;
const MAX_DEPTH = 8;
const TRUNCATED = '[Truncated]';

/**
 * Converts any value to a JSON-compatible value of limited size. Never throws, even if reading the value does.
 *
 * An error is converted to its name, message, stack, causes and primitive members. Object members are omitted, because
 * they often contain a request with credentials.
 *
 * @param stack whether to include the stack of an error
 */
export function toPlain(value: unknown, { stack } = { stack: true }): unknown {
  return new Reader(stack).read(() => value, []);
}

/** Cuts a text to the maximum length of a value. */
export const cutText = (text: string, maxLength = MAX_LENGTH): string =>
  text.length <= maxLength ? text : `${text.slice(0, maxLength)}${TRUNCATED}`;

class Reader {
  #left = MAX_LENGTH;

  constructor(private readonly withStack: boolean) {}

  read(get: () => unknown, ancestors: readonly object[]): unknown {
    try {
      this.#left -= 1;
      return this.#left > 0 ? this.#plain(get(), ancestors) : TRUNCATED;
    } catch {
      return '[Unreadable]';
    }
  }

  #plain(value: unknown, ancestors: readonly object[]): unknown {
    if (typeof value === 'string' || typeof value === 'bigint') return this.#text(String(value));
    if (value === null || typeof value === 'boolean' || Number.isFinite(value)) return value;
    if (typeof value !== 'object') return this.#text(inspect(value));
    if (ancestors.includes(value)) return '[Circular]';
    if (ancestors.length >= MAX_DEPTH) return TRUNCATED;
    const path = [...ancestors, value];
    if (value instanceof Error) return this.#error(value, path);
    if (Array.isArray(value)) return this.#list(value, path);
    if (value instanceof Map) return { Map: this.#list([...value], path) };
    if (value instanceof Set) return { Set: this.#list([...value], path) };
    if (ArrayBuffer.isView(value) || types.isRegExp(value) || types.isPromise(value)) {
      return this.#text(inspect(value));
    }
    const toJson: unknown = Reflect.get(value, 'toJSON');
    if (typeof toJson === 'function') return this.read(() => Reflect.apply(toJson, value, []), path);
    return this.#members(Object.keys(value), value, path);
  }

  #error(error: Error, path: readonly object[]): unknown {
    const primitives = Object.keys(error).filter((name) => {
      const { value } = Object.getOwnPropertyDescriptor(error, name) ?? {};
      return typeof value !== 'object' && typeof value !== 'function';
    });
    const further = ['cause', 'errors'].filter((name) => Reflect.get(error, name) !== undefined);
    const stack = this.withStack ? ['stack'] : [];
    return this.#members(['name', 'message', ...stack, ...primitives, ...further], error, path);
  }

  #list(values: readonly unknown[], path: readonly object[]): unknown[] {
    const plain: unknown[] = [];
    for (const value of values) {
      plain.push(this.read(() => value, path));
      if (this.#left <= 0) break;
    }
    return plain;
  }

  #members(names: Iterable<string>, of: object, path: readonly object[]): object {
    const plain: Record<string, unknown> = { __proto__: null };
    for (const name of names) {
      plain[this.#text(name)] = this.read(() => Reflect.get(of, name), path);
      if (this.#left <= 0) break;
    }
    return plain;
  }

  #text(text: string): string {
    const kept = cutText(text, this.#left);
    this.#left -= kept.length;
    return kept;
  }
}
