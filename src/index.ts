// Public interface of the package.
import './process/keep-tick-shape.js';

export {
  AerieModule,
  type AerieOptions,
  type AsyncAerieOptions,
  type FeatureOptions,
} from './aerie.module.js';
export { CurrentPrincipal } from './auth/current-principal.decorator.js';
export { Protect } from './auth/protect.decorator.js';
export { Public } from './auth/public.decorator.js';
export type { Revocation } from './auth/revocation/revocation.js';
export { RevocationError, type RevocationErrorCode } from './auth/revocation/revocation-error.js';
export type { RevocationTarget, RevokeOptions } from './auth/revocation/revocation-parameters.js';
export { type RevocationResult, Revocations } from './auth/revocation/revocations.js';
export { type Configuration } from './config/configuration.js';
export type { ConfigurationOptions } from './config/configuration-options.js';
export { ConfigurationError, type ConfigurationProblem } from './config/configuration-error.js';
export { fromOptions } from './config/from-options.js';
export { loadConfiguration as fromEnvironment } from './config/load-configuration.js';
export type { EnhancerOptions } from './mcp/catalog/endpoint-enhancers.js';
export type { LineLog } from './logging/line-log.js';
export { Gauges } from './observation/gauges.js';
export * from './mcp/index.js';
