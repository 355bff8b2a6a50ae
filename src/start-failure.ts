import { ConfigurationError } from './config/configuration-error.js';
import { CatalogError } from './mcp/catalog/catalog-error.js';

/** Returns the message for a failed start: the problems of settings and declarations, else the stack. */
export function startFailure(error: unknown): string {
  if (!(error instanceof Error)) return `Aerie cannot start: ${String(error)}`;
  if (error instanceof ConfigurationError || error instanceof CatalogError) return error.message;
  if (lacksEmbeddedIssuer(error)) return WITHOUT_EMBEDDED_ISSUER.message;
  if (error.message.startsWith('Aerie cannot start')) return error.message;
  const hint = lacksClass(error) ? TYPE_ONLY : '';
  return `Aerie cannot start: ${error.cause ? error.message : error.stack}${hint}`;
}

const TYPE_ONLY =
  '\n  → If the parameter has a class as its type, import the class without `type`: TypeScript removes types, so NestJS does not know which class to pass.';

/** Whether NestJS knows no class for a parameter of a constructor: TypeScript records a type that it removes as one of these. */
const lacksClass = ({ message }: Error): boolean => /argument (Function|Object) at index/.test(message);

const WITHOUT_EMBEDDED_ISSUER = new ConfigurationError([
  {
    variable: 'NODE_ENV',
    problem: 'only production is possible, since this build does not include the embedded issuer',
    remedy: 'Set NODE_ENV=production and name your issuer. For development, run Aerie from its sources.',
  },
]);

/** The production image deletes the embedded issuer's code. */
const lacksEmbeddedIssuer = (error: Error): boolean =>
  'code' in error &&
  error.code === 'ERR_MODULE_NOT_FOUND' &&
  error.message.includes('/dev-issuer/dev-issuer.service.js');
