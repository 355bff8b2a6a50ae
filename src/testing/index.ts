// Test kit for applications that use Aerie. It works with every test runner.
export {
  AerieTest,
  type AerieTestBuilder,
  type AerieTestOptions,
  type CreateApplication,
  type EndpointChoice,
} from './aerie-test.js';
export type {
  ClientAnswers,
  Completion,
  ScriptedAnswer,
  ScriptedAnswers,
  ScriptedCompletion,
} from './answer-script.js';
export { type CallContextOptions, createCallContext, type RecordedCall } from './call-context.js';
export type { CatalogSnapshot } from './catalog-snapshot.js';
export { type AerieMatchers, matchers } from './matchers.js';
export type { Override } from './overrides.js';
export { RefusedError } from './refused-error.js';
export { expectTenantIsolation, type TenantCall } from './tenant-isolation.js';
export type { TestCaller } from './test-caller.js';
export { type TestCallResult, TestClient, type TestClientOptions, type TestProgress } from './test-client.js';
export type { EnvironmentOptions } from './test-environment.js';
export type { TestIssuer } from './test-issuer.js';
export type { TestRedis } from './test-redis.js';
