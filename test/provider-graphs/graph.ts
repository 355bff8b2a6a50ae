import { Inject, Injectable, Optional, type Provider, Scope, type Type } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';

import type { Random } from '../interleavings/random.js';

const MAX_PROVIDERS = 8;

type Token = Type | string;

/** Graph of providers that inject each other. */
export interface Graph {
  readonly providers: readonly Provider[];
  /** Last provider, a request-scoped class. */
  readonly root: Type<object>;
}

/** Object that a provider of a graph creates. */
class Made {
  constructor(
    readonly name: string,
    readonly injected: readonly unknown[],
  ) {}
}

/**
 * Draws a graph of providers: classes with parameters and properties, factories, aliases and values, of all scopes. Some
 * create a promise, some throw or reject, some inject what does not exist.
 *
 * @param onCreate called with the name of each provider that is created
 */
export function drawGraph(random: Random, onCreate: (name: string) => void): Graph {
  const providers: Provider[] = [];
  const tokens: Token[] = [];
  const chance = (share: number): boolean => random.below(1_000) < share * 1_000;
  const drawInjected = (): Token[] => [
    ...tokens.filter(() => chance(0.45)),
    ...(chance(0.3) ? [REQUEST] : []),
  ];
  const drawScope = (): Scope =>
    chance(0.6) ? Scope.REQUEST : chance(0.9) ? Scope.DEFAULT : Scope.TRANSIENT;
  /** Draws how a provider of a request fails, if it does. All others must be created for the application to start. */
  const drawFailure = (scope: Scope): 'throws' | 'rejects' | undefined => {
    if (scope !== Scope.REQUEST || chance(0.9)) return undefined;
    return chance(0.5) ? 'throws' : 'rejects';
  };

  const addFactory = (name: string): void => {
    const scope = drawScope();
    const failure = drawFailure(scope);
    const error = chance(0.3) ? undefined : new Error(`${name} failed`);
    const isAsync = chance(0.2);
    const isNothing = chance(0.2);
    const inject = drawInjected().map((token) => (chance(0.2) ? { token, optional: true } : token));
    providers.push({
      provide: name,
      scope,
      inject: chance(0.1) ? [...inject, { token: 'missing', optional: true }] : inject,
      useFactory: (...injected: unknown[]) => {
        onCreate(name);
        if (failure === 'throws') throw new Error(`${name} failed`);
        if (failure === 'rejects') return rejection(error);
        const made = isNothing ? null : new Made(name, injected);
        return isAsync ? later(made) : made;
      },
    });
    tokens.push(name);
  };

  const drawClass = (name: string, scope: Scope): Type<object> => {
    const failure = drawFailure(scope);
    const injected = drawInjected();
    const parameters = injected.filter(() => chance(0.7));

    class Drawn {
      readonly name = name;
      readonly injected: readonly unknown[];

      constructor(...given: unknown[]) {
        onCreate(name);
        if (failure === 'throws') throw new Error(`${name} failed`);
        this.injected = given;
        return failure === 'rejects' ? Object(rejection(new Error(`${name} failed`))) : this;
      }
    }
    Injectable({ scope, durable: scope === Scope.REQUEST && chance(0.03) })(Drawn);
    const isMissingOne = chance(0.1);
    const types = [...parameters, ...(isMissingOne ? ['missing'] : [])];
    Reflect.defineMetadata(
      'design:paramtypes',
      types.map(() => Object),
      Drawn,
    );
    types.forEach((token, index) => Inject(token)(Drawn, undefined, index));
    if (isMissingOne) Optional()(Drawn, undefined, parameters.length);
    injected
      .filter((token) => !parameters.includes(token))
      .forEach((token, index) => Inject(token)(Drawn.prototype, `property${index}`));
    return Drawn;
  };

  const count = random.below(MAX_PROVIDERS - 1) + 1;
  for (let index = 0; index < count; index++) {
    const name = `p${index}`;
    const [existing] = tokens.filter(() => chance(0.5));
    if (existing !== undefined && chance(0.1)) {
      providers.push({ provide: name, useExisting: existing });
      tokens.push(name);
    } else if (chance(0.1)) {
      providers.push({ provide: name, useValue: chance(0.2) ? later(name) : name });
      tokens.push(name);
    } else if (chance(0.35)) addFactory(name);
    else {
      const useClass = drawClass(name, drawScope());
      providers.push(chance(0.2) ? { provide: name, useClass } : useClass);
      tokens.push(providers.at(-1) === useClass ? useClass : name);
    }
  }
  const root = drawClass('root', Scope.REQUEST);
  return { providers: [...providers, root], root };
}

const later = (value: unknown): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 1, value));

const rejection = async (error: unknown): Promise<never> => {
  throw error;
};
