import { type ArgumentsHost, Catch, type ExceptionFilter, NotFoundException } from '@nestjs/common';
import type { Request, Response } from 'express';

/** Answers unknown routes without repeating the URL, which may hold what should not be repeated. */
@Catch(NotFoundException)
export class NotFoundFilter implements ExceptionFilter<NotFoundException> {
  catch(error: NotFoundException, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const { originalUrl, method } = http.getRequest<Request>();
    const isUnknownRoute = error.message === `Cannot ${method} ${originalUrl}`;
    const { message } = isUnknownRoute ? new NotFoundException() : error;
    http.getResponse<Response>().status(404).json({ statusCode: 404, message });
  }
}
