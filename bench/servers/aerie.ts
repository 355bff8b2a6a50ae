// Aerie with production settings and the benchmark tools.
import { createApplication } from '../../src/application.js';
import { loadConfiguration } from '../../src/config/load-configuration.js';
import { BenchToolsModule } from './bench-tools.module.js';
import { TOOLS } from './tool-shape.js';

const configuration = loadConfiguration(process.env);
const application = await createApplication(configuration, [BenchToolsModule.register(TOOLS)]);
await application.listen(configuration.http.port, configuration.http.host);
