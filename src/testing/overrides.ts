import type { OverrideByFactoryOptions, TestingModuleBuilder } from '@nestjs/testing';

/** Replacement of a provider, guard, pipe, filter or interceptor. */
export interface Override<Builder> {
  useValue(value: unknown): Builder;
  useClass(type: unknown): Builder;
  useFactory(options: OverrideByFactoryOptions): Builder;
}

type Kind = 'overrideProvider' | 'overrideGuard' | 'overridePipe' | 'overrideFilter' | 'overrideInterceptor';

/** Replaces parts of an application, like the builder of `@nestjs/testing`. */
export class Overrides {
  readonly #overrides: ((builder: TestingModuleBuilder) => void)[] = [];

  overrideProvider(token: unknown): Override<this> {
    return this.#override('overrideProvider', token);
  }

  overrideGuard(guard: unknown): Override<this> {
    return this.#override('overrideGuard', guard);
  }

  overridePipe(pipe: unknown): Override<this> {
    return this.#override('overridePipe', pipe);
  }

  overrideFilter(filter: unknown): Override<this> {
    return this.#override('overrideFilter', filter);
  }

  overrideInterceptor(interceptor: unknown): Override<this> {
    return this.#override('overrideInterceptor', interceptor);
  }

  protected applyTo(builder: TestingModuleBuilder): TestingModuleBuilder {
    this.#overrides.forEach((override) => override(builder));
    return builder;
  }

  #override(kind: Kind, token: unknown): Override<this> {
    const add = (replace: (override: Override<TestingModuleBuilder>) => void): this => {
      this.#overrides.push((builder) => replace(builder[kind](token)));
      return this;
    };
    return {
      useValue: (value) => add((override) => override.useValue(value)),
      useClass: (type) => add((override) => override.useClass(type)),
      useFactory: (options) => add((override) => override.useFactory(options)),
    };
  }
}
