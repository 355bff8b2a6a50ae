// Floor of calls with a database: NestJS on Express, a guard that caches the token, and one query by pg.
import 'reflect-metadata';

import { Body, Controller, HttpCode, Module, Post } from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { Pool } from 'pg';

import { TokenGuard } from './token.guard.js';

const QUERY = `select id, title, created_by, created_at, completed_at from todos
  where organization_id = $1 and completed_at is null order by created_at desc, id desc limit $2`;

const pool = new Pool({ connectionString: process.env['DATABASE_URL'], max: 10 });

@Controller('mcp')
class TodoController {
  @Post()
  @HttpCode(200)
  async list(@Body() { method, params }: { method: string; params: object }): Promise<object> {
    // The handshake of the 2025 era, of which the benchmark only checks that it has a revision.
    if (method === 'initialize') return { result: params };
    return { todos: (await pool.query(QUERY, ['org_1', 21])).rows };
  }
}

@Module({ controllers: [TodoController], providers: [{ provide: APP_GUARD, useClass: TokenGuard }] })
class TodoModule {}

const application = await NestFactory.create(TodoModule, { logger: false });
await application.listen(Number(process.env['PORT']), '127.0.0.1');
