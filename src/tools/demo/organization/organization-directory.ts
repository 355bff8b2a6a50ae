import { Injectable } from '@nestjs/common';

import { Organization } from '../../../mcp/index.js';

/** Data of one organization. */
export interface OrganizationRecord {
  readonly name: string;
  readonly plan: string;
  readonly seats: number;
}

/** Demo organizations of the embedded issuer, in place of a database. */
const RECORDS: ReadonlyMap<string, OrganizationRecord> = new Map([
  ['org_acme', { name: 'Acme', plan: 'enterprise', seats: 250 }],
  ['org_globex', { name: 'Globex', plan: 'team', seats: 20 }],
]);

/** Reads the record of the caller's organization. Without an organization parameter, it cannot read any other. */
@Injectable()
export class OrganizationDirectory {
  constructor(private readonly organization: Organization) {}

  /** Returns the organization's record, or undefined if there is none. */
  own(): OrganizationRecord | undefined {
    return RECORDS.get(this.organization.id);
  }
}
