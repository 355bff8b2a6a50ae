import { isDeepStrictEqual } from 'node:util';

import type { Type } from '@nestjs/common';

/** Initial value of a member. */
export interface Initial {
  readonly value: unknown;
  /** Whether every new object has the same value, unlike `randomUUID()` or `Date.now()`. */
  readonly isConstant: boolean;
}

type InitialOf = (name: string) => Initial;

const KNOWN = new WeakMap<Type<object>, InitialOf>();

/** Returns the initial values of a class's members: class-transformer keeps them where the input has none. */
export function initialValuesOf(type: Type<object>): InitialOf {
  const initialOf = KNOWN.get(type) ?? readInitialValues(type);
  KNOWN.set(type, initialOf);
  return initialOf;
}

function readInitialValues(type: Type<object>): InitialOf {
  const first = created(type);
  if (Object.values(first).some((value) => value !== undefined)) waitForNextMillisecond();
  const second = created(type);
  return (name) => {
    const value: unknown = Reflect.get(first, name);
    return { value, isConstant: isDeepStrictEqual(value, Reflect.get(second, name)) };
  };
}

function created(type: Type<object>): object {
  try {
    return new type();
  } catch {
    return {}; // a constructor that needs parameters
  }
}

/** Lets the clock advance, so that values computed from it differ. A loop would not end while a test stops the clock. */
function waitForNextMillisecond(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
}
