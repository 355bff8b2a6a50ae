import { HttpException } from '@nestjs/common';

/** 4xx response of the API behind a tool. Unlike an exception of the application's guards, it is no denial. */
export class ApiException extends HttpException {}
