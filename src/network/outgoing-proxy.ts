import type { AgentOptions } from 'node:http';
import { globalAgent } from 'node:https';

/** Proxy of outgoing requests, as in `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`. */
type ProxyEnvironment = AgentOptions['proxyEnv'];

/**
 * Returns the proxy of outgoing requests; undefined unless Node.js was told to use it, by `NODE_USE_ENV_PROXY=1` or
 * `--use-env-proxy`.
 *
 * Node.js then sends the requests of `fetch()` and of its global agents through the proxy. Agents of our own must be
 * told.
 */
export const outgoingProxy = (): ProxyEnvironment => globalAgent.options.proxyEnv;

/** Returns options for an agent of `node:http` whose requests take the same way as others. */
export const agentOptions = (): AgentOptions => ({ keepAlive: true, proxyEnv: outgoingProxy() });
