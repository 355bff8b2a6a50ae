import { hash } from 'node:crypto';

import { Controller, Get, Inject, NotFoundException, Options, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';

import { Public } from '../../auth/public.decorator.js';
import { CONFIGURATION, type Configuration } from '../../config/configuration.js';
import { serverCardOf } from './server-card.js';

const CONTENT_TYPE = 'application/mcp-server-card+json';

/** Headers for pages of every origin (SEP-2127, CORS). */
const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET',
  'Access-Control-Allow-Headers': 'Content-Type, If-None-Match',
  'Access-Control-Expose-Headers': 'ETag',
  'Access-Control-Max-Age': '600',
};

/** Serves the Server Card of an endpoint, to everybody. */
@Public()
@Controller()
export class ServerCardController {
  readonly #body: Buffer | undefined;
  readonly #etag: string;

  constructor(@Inject(CONFIGURATION) configuration: Configuration) {
    if (configuration.server.card === 'on') {
      this.#body = Buffer.from(JSON.stringify(serverCardOf(configuration)));
    }
    this.#etag = `"${hash('sha256', this.#body ?? '', 'base64url')}"`;
  }

  @Get()
  card(@Req() request: Request, @Res() response: Response): void {
    if (!this.#body) throw new NotFoundException();
    response.set({ ...CORS, 'Cache-Control': 'public, max-age=3600', ETag: this.#etag });
    if (isKnown(this.#etag, request.headers['if-none-match'])) response.status(304).end();
    else response.set('Content-Type', CONTENT_TYPE).send(this.#body);
  }

  @Options()
  preflight(@Res() response: Response): void {
    if (!this.#body) throw new NotFoundException();
    response.set(CORS).status(204).end();
  }
}

/**
 * Whether the client has the document with this tag (RFC 9110 §13.1.2). Express would say no to `fetch`, which adds
 * `Cache-Control: no-cache` to a request with `If-None-Match`.
 */
const isKnown = (etag: string, given = ''): boolean =>
  given.split(',').some((tag) => ['*', etag, `W/${etag}`].includes(tag.trim()));
