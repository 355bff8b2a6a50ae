import { Global, Module } from '@nestjs/common';

import { Database } from './database.js';
import { OrganizationDatabase } from './organization-database.js';

/** Provides the database for the data of organizations. A tool injects {@link OrganizationDatabase}. */
@Global()
@Module({ providers: [Database, OrganizationDatabase], exports: [Database, OrganizationDatabase] })
export class DatabaseModule {}
