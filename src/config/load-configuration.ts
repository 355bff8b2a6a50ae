import { loopbackNamesOf } from '../values/loopback.js';
import { deepFreeze } from '../values/deep-freeze.js';
import { chooseAuthModes } from './auth-modes.js';
import { collectorProblems } from './collector-problems.js';
import { ConfigurationError, type ConfigurationProblem } from './configuration-error.js';
import type { Configuration } from './configuration.js';
import { type Environment, isGiven, parseEnvironment, subjectOf, VARIABLES } from './environment.js';
import { misspellings } from './misspelled.js';
import { checkOwnKeys } from './check-own-keys.js';
import { postgresFileProblems } from './postgres-file-problems.js';
import { postgresTlsWarnings } from './postgres-tls-warnings.js';
import { givenName } from './read-variables.js';
import { audienceProblems, resourceProblems, sourceWarnings } from './resource-checks.js';
import { audit } from './sections/audit.js';
import { database } from './sections/database.js';
import { development } from './sections/development.js';
import { http } from './sections/http.js';
import { limits } from './sections/limits.js';
import { operation } from './sections/operation.js';
import { ownKeys } from './sections/own-keys.js';
import { redis } from './sections/redis.js';
import { resource } from './sections/resource.js';
import { scalekit } from './sections/scalekit.js';
import { server } from './sections/server.js';
import { sessions } from './sections/sessions.js';
import { telemetry } from './sections/telemetry.js';
import { tokens } from './sections/tokens.js';
import { tools } from './sections/tools.js';
import { settingProblems } from './setting-problems.js';
import { proxyWarnings, settingWarnings } from './setting-warnings.js';
import { telemetryWarnings } from './telemetry-warnings.js';
import { stateDirectoryProblems } from './state-directory.js';
import { chooseTokenSource } from './token-source.js';
import { toolPolicyProblems } from './tool-policy-document.js';
import { unusedWarnings } from './unused-warnings.js';

/**
 * Reads and validates the whole configuration. Depends only on the variables and the files that they name, never on
 * `process.env`.
 *
 * @param variables environment variables, including those of a `.env` file
 * @throws {ConfigurationError} with every problem found
 */
export function loadConfiguration(variables: NodeJS.ProcessEnv): Configuration {
  const problems: ConfigurationProblem[] = [];
  const environment = parseEnvironment(variables, problems);
  const misspelled = misspellings(variables, VARIABLES);
  const unusable = problems.map(subjectOf);
  const production = environment.NODE_ENV === 'production';
  const authModes = chooseAuthModes(environment, problems);
  const source = chooseTokenSource(authModes, environment, production, problems);
  const { environmentUrl, metadata, resourceId } = source;
  const resourceUrls =
    source.resource === undefined ? [] : production ? [source.resource] : loopbackNamesOf(source.resource);
  const issuers = environmentUrl
    ? [environmentUrl, ...(resourceId ? [`${environmentUrl}/resources/${resourceId}`] : [])]
    : [];
  const audiences = environment.EXPECTED_AUDIENCE ?? [...resourceUrls, ...(resourceId ? [resourceId] : [])];
  const checkedKeys = authModes.includes('jwt')
    ? checkOwnKeys(environment, resourceUrls, issuers, problems)
    : undefined;
  if (source.resource !== undefined) {
    problems.push(
      ...(authModes.every((mode) => mode === 'jwt')
        ? []
        : audienceProblems(audiences, source.resource, resourceId)),
      ...resourceProblems(
        new URL(source.resource),
        source.resourceVariable,
        production,
        environment.MCP_PATH,
      ),
    );
  }
  if (environment.TOOL_POLICY !== undefined) problems.push(...toolPolicyProblems(environment.TOOL_POLICY));
  const hasIssuer = authModes.includes('dev');
  const data = database.read(environment, {
    production,
    severalWorkers: environment.WORKERS !== 1,
    stateDirectory: environment.STATE_DIRECTORY,
  });
  if (hasIssuer || environment.REDIS_URL === undefined || data.database?.kind === 'embedded') {
    problems.push(...stateDirectoryProblems(environment.STATE_DIRECTORY, hasIssuer));
  }
  problems.push(...collectorProblems(environment, variables), ...postgresFileProblems(environment));
  problems.push(...settingProblems(environment, authModes, isGiven('REDIS_URL', environment, problems)));
  if (problems.length > 0 || !metadata) {
    throw new ConfigurationError(toReport(problems, unusable, environment, variables), misspelled);
  }

  const severalIssuers = (environmentUrl ? 1 : 0) + (checkedKeys?.issuers.length ?? 0) > 1;
  const authorizationServer = metadata.authorization_servers?.[0];
  return deepFreeze<Configuration>({
    authModes,
    ...scalekit.read(environment, environmentUrl ? { environmentUrl, issuers, audiences } : undefined),
    ...resource.read(environment, metadata),
    ...ownKeys.read(environment, checkedKeys),
    ...tokens.read(environment),
    ...http.read(environment, new URL(metadata.resource), production),
    ...server.read(environment),
    ...tools.read(environment),
    ...limits.read(environment, environment.BODY_LIMIT),
    ...sessions.read(environment),
    ...operation.read(environment, severalIssuers),
    ...redis.read(environment),
    ...telemetry.read(environment),
    ...audit.read(environment, environment.STATE_DIRECTORY, environment.OTEL_EXPORTER_OTLP_ENDPOINT),
    ...data,
    ...development.read(environment, hasIssuer, environment.NODE_ENV, environment.MAX_TOKEN_LIFETIME),
    warnings: [
      ...misspelled,
      ...(environmentUrl && authorizationServer
        ? sourceWarnings(environmentUrl, authorizationServer, resourceId)
        : []),
      ...settingWarnings(environment),
      ...telemetryWarnings(environment, variables),
      ...unusedWarnings(environment, variables, VARIABLES),
      ...(production ? [...postgresTlsWarnings(environment, variables), ...proxyWarnings(variables)] : []),
    ],
  });
}

/**
 * Omits follow-up problems of variables that are already reported as invalid, and names `NAME_FILE` where the value
 * comes from a file.
 *
 * @param unusable variables of the first problems, which could not be read or parsed
 */
function toReport(
  problems: readonly ConfigurationProblem[],
  unusable: readonly string[],
  environment: Environment,
  variables: NodeJS.ProcessEnv,
): ConfigurationProblem[] {
  const values = new Map<string, unknown>(Object.entries(environment));
  return problems
    .filter(({ variable }, index) => index < unusable.length || !unusable.includes(variable))
    .map((problem) =>
      values.get(problem.variable) !== undefined || unusable.includes(problem.variable)
        ? { ...problem, variable: givenName(problem.variable, variables) }
        : problem,
    );
}
