import { ConsoleLogger, Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { AppModule, configuration } from './app.module.js';

const { http, production, resource } = configuration;
// One line per event: JSON in production, readable in development.
const logger = new ConsoleLogger({ json: production, compact: true });
// Aerie reads request bodies itself, after it has checked the token and the limits.
const app = await NestFactory.create(AppModule, { bodyParser: false, logger });
app.enableShutdownHooks();
await app.listen(http.port, http.host);
new Logger('Server').log(`The MCP endpoint is ${resource.url}`);
