import { ConfigurationError } from './config/configuration-error.js';
import { CatalogError } from './mcp/catalog/catalog-error.js';

/** Returns the message for a failed start: the problems of settings and declarations, else the stack. */
export function startFailure(error: unknown): string {
  if (!(error instanceof Error)) return `Aerie cannot start: ${String(error)}`;
  if (error instanceof ConfigurationError || error instanceof CatalogError) return error.message;
  if (error.message.startsWith('Aerie cannot start')) return error.message;
  return `Aerie cannot start: ${error.cause ? error.message : error.stack}`;
}
