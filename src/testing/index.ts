// Test kit for applications that use Aerie. It works with every test runner.
export { AerieTest, type AerieTestBuilder, type AerieTestOptions, type Override } from './aerie-test.js';
export { type CallContextOptions, createCallContext, type RecordedCall } from './call-context.js';
export type { CatalogSnapshot } from './catalog-snapshot.js';
export { type AerieMatchers, matchers } from './matchers.js';
export { expectTenantIsolation, type TenantCall } from './tenant-isolation.js';
export type { TestCaller } from './test-caller.js';
export {
  MissingScopesError,
  type ScriptedAnswer,
  type TestCallResult,
  TestClient,
  type TestClientOptions,
  type TestProgress,
} from './test-client.js';
