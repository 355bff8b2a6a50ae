import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';

/** Name of a provider, for messages. */
export function providerName({ name, token }: Pick<InstanceWrapper<unknown>, 'name' | 'token'>): string {
  const named: unknown = name || token;
  if (typeof named === 'function') return named.name;
  return typeof named === 'symbol' ? (named.description ?? 'a symbol') : String(named);
}
