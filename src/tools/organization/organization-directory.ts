import { Injectable } from '@nestjs/common';

import { Organization } from '../../mcp/index.js';

/** What is known of one organisation. */
export interface OrganizationRecord {
  readonly name: string;
  readonly plan: string;
  readonly seats: number;
}

/** Stands in for a database: the demo organisations of the embedded issuer. */
const RECORDS: ReadonlyMap<string, OrganizationRecord> = new Map([
  ['org_acme', { name: 'Acme', plan: 'enterprise', seats: 250 }],
  ['org_globex', { name: 'Globex', plan: 'team', seats: 20 }],
]);

/** Reads the caller's organisation and cannot be asked for another: it has no parameter for one. */
@Injectable()
export class OrganizationDirectory {
  constructor(private readonly organization: Organization) {}

  /** undefined when nothing is on record. */
  own(): OrganizationRecord | undefined {
    return RECORDS.get(this.organization.id);
  }
}
