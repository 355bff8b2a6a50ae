// Public interface of `aerie-mcp/telemetry`.
export { serveMetrics } from './metrics-server.js';
export { startTelemetry, type Telemetry, type TelemetryOptions } from './start-telemetry.js';
