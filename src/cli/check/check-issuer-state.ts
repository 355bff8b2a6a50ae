import type { Configuration } from '../../config/configuration.js';
import type { CheckFindings } from './check-findings.js';

/** Checks the stored state of the embedded issuer, if it is enabled. */
export async function checkIssuerState({ devIssuer, stateDirectory }: Configuration): Promise<CheckFindings> {
  if (!devIssuer) return { errors: [], warnings: [] };
  const { checkState } = await import('../../dev-issuer/dev-issuer.js');
  try {
    await checkState(stateDirectory);
    return { errors: [], warnings: [] };
  } catch (error) {
    return { errors: [error instanceof Error ? error : new Error(String(error))], warnings: [] };
  }
}
