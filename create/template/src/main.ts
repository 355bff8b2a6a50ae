import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { AppModule, configuration } from './app.module.js';

const { http, resource } = configuration;
// Aerie reads request bodies itself, after it has checked the token and the limits.
const app = await NestFactory.create(AppModule, { bodyParser: false });
app.enableShutdownHooks();
await app.listen(http.port, http.host);
new Logger('Server').log(`The MCP endpoint is ${resource.url}`);
