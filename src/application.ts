import type { ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';

import { AppModule } from './app.module.js';
import { VerifiedTokens } from './auth/verified-tokens.js';
import type { Configuration } from './config/configuration.js';
import { coverRequests, everyRequest } from './every-request.js';
import { HttpAdapter } from './http/http-adapter.js';
import { knownSender } from './known-sender.js';
import { Lifecycle } from './http/lifecycle.js';
import { linesOf } from './logging/json-lines.js';
import { createLog, type Log } from './logging/log.js';
import { OBSERVER, type Observer } from './observation/observer.js';
import { NestLogger } from './logging/nest-logger.js';
import { providerOf } from './routes/provider-of.js';

/**
 * Creates the application. Production, development and tests use the same application.
 *
 * @param further modules that a deployment or a test adds
 * @param log destination of log lines; default standard output
 * @param observers observers of requests and calls, such as those of telemetry
 */
export async function createApplication(
  configuration: Configuration,
  further?: ModuleMetadata['imports'],
  log?: Log,
  observers: readonly Observer[] = [],
): Promise<NestExpressApplication> {
  const target = log ?? (await createLog(configuration));
  const lines = linesOf(target);
  let verified: VerifiedTokens | undefined;
  const application = await NestFactory.create<NestExpressApplication>(
    await AppModule.register(configuration, lines, observers, further),
    new HttpAdapter(configuration, (request) => verified && knownSender(request, verified)),
    {
      logger: new NestLogger(target),
      abortOnError: false,
      bodyParser: false, // the MCP endpoint reads the body itself, after the guard
      routeConflictPolicy: { duplicate: 'error' },
    },
  );
  verified = providerOf(application, VerifiedTokens);
  application.disable('x-powered-by');
  application.useSecurityHeaders({
    // No response is a page, so none may load resources or be framed.
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: "'none'", frameAncestors: "'none'" },
    },
    // The proxy in front sets the policies that apply to the whole host, including TLS.
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: false,
    crossOriginResourcePolicy: false, // pages of allowed origins read responses; CORS controls which
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xFrameOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  });
  const lifecycle = application.get(Lifecycle);
  const observer = providerOf<Observer | undefined>(application, OBSERVER);
  coverRequests(application.getHttpAdapter().getInstance());
  application.use(everyRequest(lines, configuration.log, lifecycle, observer));
  return application;
}
