import type { Request, Response } from 'express';

const NONE = Object.freeze({});

/**
 * Drops what Node and Express keep of a request until its response ends, including the token. Call this once nothing
 * reads the request any more, for a response that may stay open for hours.
 */
export function forgetRequest(request: Request, response: Response): void {
  request.headers = {};
  request.rawHeaders = [];
  request.params = NONE;
  request.next = undefined;
  response.locals = NONE;
}
