import type { StandardSchemaV1 } from '@modelcontextprotocol/server';

import { deepFreeze } from '../values/deep-freeze.js';
import { isRecord } from '../values/is-record.js';
import { InvalidTokenError } from './auth-errors.js';
import { isSchema } from '../values/is-schema.js';

/** Schemas of the claims that an application declares, by name. */
export type ClaimSchemas = Readonly<Record<string, StandardSchemaV1>>;

/** Types of declared claims, for the declaration of `Claims`. */
export type ClaimsOf<Schemas extends ClaimSchemas> = {
  readonly [Name in keyof Schemas]: StandardSchemaV1.InferOutput<Schemas[Name]>;
};

/** Values of the declared claims of a token. */
export interface ClaimValues {
  readonly values: Readonly<Record<string, unknown>>;
  /** Approximate memory of the values. */
  readonly bytes: number;
}

export const NO_CLAIMS: ClaimValues = { values: {}, bytes: 0 };

/** Approximate memory of a parsed value in comparison with its JSON. */
const BYTES_PER_CHARACTER = 8;

/** Reads the claims that an application declares, and no others. */
export class DeclaredClaims {
  readonly #schemas: readonly (readonly [string, StandardSchemaV1])[];

  /** @throws {Error} when a value is not a schema */
  constructor(schemas: ClaimSchemas = {}) {
    this.#schemas = Object.entries(schemas);
    for (const [name, schema] of this.#schemas) {
      if (isSchema(schema)) continue;
      throw new Error(`The claim "${name}" must have a schema such as z.string().optional().`);
    }
  }

  /**
   * @param payload payload with a verified signature
   * @throws {InvalidTokenError} when a claim does not match its schema. A claim that is missing without being optional
   *   does not match either. The claim may restrict what its caller may do, so that no value is no safe default.
   */
  async read(payload: unknown): Promise<ClaimValues> {
    if (this.#schemas.length === 0 || !isRecord(payload)) return NO_CLAIMS;
    const validated = this.#validate(payload).map(async (one) => ({ ...one, outcome: await one.outcome }));
    return valuesOf(await Promise.all(validated));
  }

  /**
   * Reads the claims as {@link read} does, but at once, for a test of one handler.
   *
   * @throws {Error} when a schema validates asynchronously
   */
  readNow(payload: Readonly<Record<string, unknown>>): ClaimValues {
    return valuesOf(
      this.#validate(payload).map(({ outcome, ...claim }) => {
        if (!('then' in outcome)) return { ...claim, outcome };
        throw new Error(
          `The schema of the claim "${claim.name}" validates asynchronously. Test its handlers with AerieTest.`,
        );
      }),
    );
  }

  #validate(payload: Readonly<Record<string, unknown>>): Validated<ReturnType<Validate>>[] {
    return this.#schemas.map(([name, schema]) => {
      const claim = Object.hasOwn(payload, name) ? payload[name] : undefined;
      return { name, claim, outcome: schema['~standard'].validate(claim) };
    });
  }
}

type Validate = StandardSchemaV1['~standard']['validate'];

/** Claim with the outcome of its validation. */
interface Validated<Outcome> {
  readonly name: string;
  readonly claim: unknown;
  readonly outcome: Outcome;
}

function valuesOf(claims: readonly Validated<Awaited<ReturnType<Validate>>>[]): ClaimValues {
  const values: [string, unknown][] = [];
  let bytes = 0;
  for (const { name, claim, outcome } of claims) {
    if (outcome.issues) {
      throw new InvalidTokenError(
        'wrong_claim',
        `The claim "${name}" of the access token ${claim === undefined ? 'is missing' : 'has an unexpected value'}.`,
      );
    }
    values.push([name, outcome.value]);
    bytes += BYTES_PER_CHARACTER * (name.length + (JSON.stringify(claim)?.length ?? 0));
  }
  return { values: deepFreeze(Object.fromEntries(values)), bytes };
}
