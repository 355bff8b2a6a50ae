// Aerie with production settings and the benchmark tools.
import { createApplication } from '../../src/application.js';
import { loadConfiguration } from '../../src/config/load-configuration.js';
import { auditOf } from '../../src/audit-of.js';
import { createLog } from '../../src/logging/log.js';
import { nestLines } from '../../src/logging/nest-lines.js';
import { Gauges } from '../../src/observation/gauges.js';
import { showMetrics, telemetryOf } from '../../src/telemetry-of.js';
import { BenchToolsModule } from './bench-tools.module.js';
import { FurtherOffersModule } from './further-offers.module.js';
import { TOOLS } from './tool-shape.js';

const configuration = loadConfiguration(process.env);
const telemetry = await telemetryOf(configuration, nestLines());
const log = await createLog(configuration, telemetry?.logFields);
const audit = await auditOf(configuration, log);
const offers = [
  BenchToolsModule.register(TOOLS),
  ...(process.env['FURTHER_OFFERS'] === 'on' ? [FurtherOffersModule] : []),
];
const application = await createApplication(configuration, offers, log, [
  ...(telemetry?.observers ?? []),
  ...(audit ? [audit.observer] : []),
]);
await application.init();
if (telemetry) {
  telemetry.observe(application.get(Gauges, { strict: false }));
  await showMetrics(configuration, telemetry);
}
await application.listen(configuration.http.port, configuration.http.host);
