// Everything that tool authors need.
export { OrganizationDatabase } from './organization-database.js';
export type { OrganizationTransaction } from './organization-transaction.js';
export type { ReadQuery } from './read.js';
export type { Tables } from './tables.js';
