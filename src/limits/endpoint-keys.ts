import { DEFAULT_ENDPOINT } from '../routes/endpoint-name.js';

/** Prefix of an endpoint's keys in Redis, so that each endpoint has its own counts. */
export const keysOf = (endpoint: string): string => (endpoint === DEFAULT_ENDPOINT ? '' : `${endpoint}:`);
