import { type ArgumentsHost, Catch, type ExceptionFilter, Inject, NotFoundException } from '@nestjs/common';
import type { Request, Response } from 'express';

import { CONFIGURATION, type Configuration } from '../config/configuration.js';
import { isOAuthPath, noSignIn } from './no-sign-in.js';

/** Answers unknown routes without repeating the URL, which may contain secrets. */
@Catch(NotFoundException)
export class NotFoundFilter implements ExceptionFilter<NotFoundException> {
  constructor(@Inject(CONFIGURATION) private readonly configuration: Configuration) {}

  catch(error: NotFoundException, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const response = http.getResponse<Response>();
    const { originalUrl, method, path } = http.getRequest<Request>();
    if (isOAuthPath(path)) {
      this.#answerOAuth(method, response);
      return;
    }
    const isUnknownRoute = error.message === `Cannot ${method} ${originalUrl}`;
    const { message } = isUnknownRoute ? new NotFoundException() : error;
    response.status(404).json({ statusCode: 404, message });
  }

  /** Allows every origin, including for preflight requests. Otherwise, a client in a browser sees a network failure. */
  #answerOAuth(method: string, response: Response): void {
    response.setHeader('Access-Control-Allow-Origin', '*');
    if (method === 'OPTIONS') {
      response.setHeader('Access-Control-Allow-Headers', '*').sendStatus(204);
    } else {
      response.status(404).json(noSignIn(this.configuration));
    }
  }
}
