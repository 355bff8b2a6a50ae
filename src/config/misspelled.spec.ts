import { VARIABLES } from './environment.js';
import { misspellings } from './misspelled.js';

/** Variables of a container with a Node image in Kubernetes, next to other services. */
const CONTAINER = `
  PATH HOME HOSTNAME PWD SHLVL TERM LANG LC_ALL TZ USER SHELL _ NODE_VERSION YARN_VERSION NODE_OPTIONS
  NODE_EXTRA_CA_CERTS NODE_NAME NODE_PATH npm_config_cache npm_package_name npm_lifecycle_event
  INIT_CWD EDITOR COLORTERM KUBERNETES_PORT KUBERNETES_SERVICE_HOST KUBERNETES_SERVICE_PORT_HTTPS
  POD_NAME POD_IP KUBERNETES_PORT_443_TCP KUBERNETES_PORT_443_TCP_ADDR KUBERNETES_PORT_443_TCP_PROTO
  REDIS_PORT REDIS_PORT_6379_TCP REDIS_SERVICE_HOST REDIS_HOST REDIS_PASSWORD AERIE_PORT
  AERIE_SERVICE_PORT_HTTP SK_PORT_80_TCP SK_SERVICE_HOST DATABASE_PORT POSTGRES_PASSWORD POSTGRES_USER
  PGHOST DATABASE_HOST DATABASE_NAME DATABASE_PASSWORD HTTP_PROXY https_proxy NO_PROXY SSL_CERT_FILE
  SSL_CERT_DIR AWS_REGION WEBSITE_HOSTNAME OTEL_SERVICE_NAME OTEL_EXPORTER_OTLP_ENDPOINT SENTRY_DSN CI
  DEBUG FORCE_COLOR POST PORTS LOG_FORMAT APP_VERSION SERVER_PORT SERVICE_NAME JWT_SECRET
  SESSION_SECRET PUBLIC_HOST HTTP_PORT HTTPS_PORT EDGE_SUBNET AERIE_IMAGE REDIS_IMAGE BILLING_URL
  WORKER WORKER_ID`
  .trim()
  .split(/\s+/);

const allSet = (names: readonly string[]): NodeJS.ProcessEnv =>
  Object.fromEntries(names.map((name) => [name, '']));

describe('misspellings', () => {
  it.each([
    ['RATE_LIMIT_CALERS', 'RATE_LIMIT_CALLER'],
    ['RATE_LIMIT_USER', 'RATE_LIMIT_CALLER'],
    ['SK_ENV_URI', 'SK_ENV_URL'],
    ['SK_ENVIRONMENT_URL', 'SK_ENV_URL'],
    ['SK_SECRET', 'SK_CLIENT_SECRET'],
    ['PROT', 'PORT'],
    ['HSOT', 'HOST'],
    ['RESOURCE_URLS', 'RESOURCE_URL'],
    ['RESOURCE_URI', 'RESOURCE_URL'],
    ['resource_url', 'RESOURCE_URL'],
    ['ALLOWED_ORIGIN', 'ALLOWED_ORIGINS'],
    ['EXPECTED_AUDIENCES', 'EXPECTED_AUDIENCE'],
    ['MAX_CALLS_IN_FLIGTH', 'MAX_CALLS_IN_FLIGHT'],
    ['TRUSTED_PROXY', 'TRUSTED_PROXIES'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['METRIC_PORT', 'METRICS_PORT'],
    ['DEV_ISUER_PORT', 'DEV_ISSUER_PORT'],
    ['AUDIT_DIR', 'AUDIT_DIRECTORY'],
    ['AUDIT_RETENTION', 'AUDIT_RETENTION_DAYS'],
    ['AUDIT_DATABASE', 'AUDIT_DATABASE_URL'],
    ['AUDIT_DIRECTROY', 'AUDIT_DIRECTORY'],
    ['SIGNIN_SCOPES', 'SIGN_IN_SCOPES'],
    ['JWT_PUBLIC_KEYS_FILE', 'JWT_PUBLIC_KEY_FILE'],
    ['SK_CLIENT_SECERT_FILE', 'SK_CLIENT_SECRET_FILE'],
  ])('reports %s with the closest name', (variable, meant) => {
    expect(misspellings({ [variable]: '' }, VARIABLES)).toEqual([
      `${variable} is not a variable of Aerie and is ignored. Did you mean ${meant}?`,
    ]);
  });

  it('does not report variables of Aerie', () => {
    const files = VARIABLES.map((name) => `${name}_FILE`);
    expect(misspellings(allSet([...VARIABLES, ...files]), VARIABLES)).toEqual([]);
  });

  it('does not report variables of the container', () => {
    expect(misspellings(allSet(CONTAINER), VARIABLES)).toEqual([]);
  });

  it('does not report the ports of other services in Kubernetes', () => {
    const services = { METRIC_PORT: 'tcp://10.0.0.7:80', SK_PORT: 'udp://10.0.0.8:53' };
    expect(misspellings(services, VARIABLES)).toEqual([]);
  });

  it('does not report variables of a deployment’s own tools, which may begin like some of Aerie', () => {
    const own = ['AUDIT_SERVICE_URL', 'AUDIT_TOKEN', 'AUDIT_ENABLED', 'DATABASE', 'RESOURCE', 'METRICS'];
    expect(misspellings(allSet(own), VARIABLES)).toEqual([]);
  });
});
