import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';

import type { IssuerVerifier } from './issuer-verifier.js';
import type { Principal } from './principal.js';
import type { KeySource, SigningKeysStatus } from './signing-keys/key-source.js';
import type { UnverifiedToken } from './unverified-token.js';

/** Verifier that fetches its keys while the application runs. */
export abstract class KeyedVerifier<Keys extends KeySource<unknown>>
  implements IssuerVerifier, OnApplicationBootstrap, OnApplicationShutdown
{
  abstract readonly issuers: readonly string[];

  protected constructor(protected readonly keys: Keys) {}

  abstract verify(
    token: string,
    unverified: UnverifiedToken & { readonly issuer: string },
  ): Promise<Principal>;

  onApplicationBootstrap(): void {
    this.keys.start();
  }

  onApplicationShutdown(): void {
    this.keys.stop();
  }

  get signingKeys(): SigningKeysStatus | undefined {
    return this.keys.status;
  }
}
