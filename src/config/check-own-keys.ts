import type { PublicJwk } from '../oauth/public-jwk.js';
import { readPublicKeys } from '../oauth/public-keys.js';
import {
  algorithmsOf,
  DEFAULT_ALGORITHMS,
  fits,
  keyTypeOf,
  type SignatureAlgorithm,
} from '../oauth/signature-algorithms.js';
import type { ConfigurationProblem } from './configuration-error.js';
import { type Environment, isGiven } from './environment.js';
import type { CheckedKeys } from './sections/own-keys.js';

/**
 * Checks the settings for tokens signed with the operator's own keys against each other.
 *
 * @param resourceUrls default audiences
 * @param takenIssuers issuers whose tokens another verifier handles
 * @param problems receives invalid settings
 */
export function checkOwnKeys(
  environment: Environment,
  resourceUrls: readonly string[],
  takenIssuers: readonly string[],
  problems: ConfigurationProblem[],
): CheckedKeys {
  const keys = publicKeys(environment, problems);
  return {
    keys,
    issuers: issuers(environment, takenIssuers, problems),
    audiences: environment.JWT_AUDIENCE ?? resourceUrls,
    algorithms: algorithms(environment, keys, problems),
  };
}

function publicKeys(
  environment: Environment,
  problems: ConfigurationProblem[],
): readonly PublicJwk[] | undefined {
  const { JWT_PUBLIC_KEY: text, JWT_JWKS_URI: uri, NODE_ENV } = environment;
  const hasKey = isGiven('JWT_PUBLIC_KEY', environment, problems);
  const hasUri = isGiven('JWT_JWKS_URI', environment, problems);
  if (hasKey === hasUri) {
    problems.push({
      variable: 'JWT_PUBLIC_KEY',
      problem: hasKey
        ? 'is set together with JWT_JWKS_URI.'
        : 'is not set, and JWT_JWKS_URI is not set either, so no token can be verified.',
      remedy: hasKey
        ? 'Remove one of them.'
        : 'Set JWT_PUBLIC_KEY_FILE to the public.pem that "npm run keygen" writes, or JWT_JWKS_URI.',
    });
  }
  if (uri !== undefined && NODE_ENV === 'production' && !uri.startsWith('https:')) {
    problems.push({
      variable: 'JWT_JWKS_URI',
      problem: `"${uri}" is not https, so an attacker on the network could supply signing keys.`,
      remedy: 'Use an https URL, or JWT_PUBLIC_KEY_FILE.',
    });
  }
  if (text === undefined) return undefined;
  const { keys, faults } = readPublicKeys(text);
  for (const problem of faults) {
    problems.push({
      variable: 'JWT_PUBLIC_KEY',
      problem,
      remedy:
        'Use public keys in PEM format, a JWK or a JWK Set: RSA of 2048 bits or more, EC (P-256, P-384, P-521) or Ed25519.',
    });
  }
  return faults.length === 0 ? keys : undefined;
}

function issuers(
  environment: Environment,
  taken: readonly string[],
  problems: ConfigurationProblem[],
): readonly string[] {
  if (!isGiven('JWT_ISSUER', environment, problems)) {
    problems.push({
      variable: 'JWT_ISSUER',
      problem: 'is not set, but tokens are recognized by their issuer.',
      remedy: 'Set the "iss" value of your tokens, such as https://machines.example.com',
    });
  }
  const own = environment.JWT_ISSUER ?? [];
  for (const issuer of own.filter((name) => taken.includes(name))) {
    problems.push({
      variable: 'JWT_ISSUER',
      problem: `"${issuer}" is the issuer of the authorization server, which signs its tokens with other keys.`,
      remedy: 'Choose another name, and use it as "iss" of your tokens.',
    });
  }
  return own;
}

function algorithms(
  { JWT_ALGORITHMS: chosen }: Environment,
  keys: readonly PublicJwk[] | undefined,
  problems: ConfigurationProblem[],
): readonly SignatureAlgorithm[] {
  if (!keys) return chosen ?? DEFAULT_ALGORITHMS;
  if (!chosen) return [...new Set(keys.flatMap(algorithmsOf))];
  const useless = chosen.filter((algorithm) => !keys.some((key) => fits(key, algorithm)));
  const unused = keys.filter((key) => !chosen.some((algorithm) => fits(key, algorithm)));
  for (const problem of [
    ...useless.map((algorithm) => `lists ${algorithm}, for which there is no public key.`),
    ...unused.map((key) => `lists no algorithm for the ${keyTypeOf(key)} public key.`),
  ]) {
    problems.push({
      variable: 'JWT_ALGORITHMS',
      problem,
      remedy: 'Remove JWT_ALGORITHMS to derive the algorithms from the keys.',
    });
  }
  return chosen;
}
