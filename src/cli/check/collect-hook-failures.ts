import type { INestApplicationContext } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';

type Hook = 'onModuleInit' | 'onApplicationBootstrap';

/**
 * Makes startup continue after a lifecycle hook fails. `onApplicationBootstrap` hooks run only if every `onModuleInit`
 * succeeded, because they depend on what those hooks prepare.
 *
 * @param failures receives the error of each failed hook
 */
export function collectHookFailures(application: INestApplicationContext, failures: Set<unknown>): void {
  let isInitialized = true;
  for (const instance of instancesOf(application.get(ModulesContainer))) {
    wrap(instance, 'onModuleInit', async (run) => {
      await run().catch((error: unknown) => {
        isInitialized = false;
        failures.add(error);
      });
    });
    wrap(instance, 'onApplicationBootstrap', async (run) => {
      if (isInitialized) await run().catch((error: unknown) => failures.add(error));
    });
  }
}

/** Returns each instance whose hooks NestJS calls. */
function instancesOf(modules: ModulesContainer): Set<object> {
  const wrappers = [...modules.values()].flatMap(({ providers, controllers, injectables, middlewares }) => [
    ...providers.values(),
    ...controllers.values(),
    ...injectables.values(),
    ...middlewares.values(),
  ]);
  const found: unknown[] = wrappers
    .filter((wrapper) => wrapper.isDependencyTreeStatic())
    .flatMap((wrapper): readonly { readonly instance: unknown }[] =>
      wrapper.isTransient
        ? wrapper.getStaticTransientInstances().filter((host) => host !== undefined)
        : [wrapper],
    )
    .map(({ instance }) => instance);
  return new Set(found.filter((instance) => typeof instance === 'object' && instance !== null));
}

/** Replaces a hook of an instance. A frozen instance keeps its hook, so a failure of that hook ends startup. */
function wrap(instance: object, hook: Hook, around: (run: () => Promise<unknown>) => Promise<void>): void {
  const original: unknown = Reflect.get(instance, hook);
  if (typeof original !== 'function') return;
  const run = async (): Promise<unknown> => Reflect.apply(original, instance, []);
  Reflect.defineProperty(instance, hook, { value: () => around(run), configurable: true, writable: true });
}
