import 'reflect-metadata';

import type { McpToolOptions } from './mcp-tool.decorator.js';
import { type DeclaringClass, markMethod, type OfferOptions } from './offer-method.js';

const EXPOSED = Symbol('EXPOSED');

const classes = new Set<DeclaringClass>();

/** All loaded classes with exposed methods, whether or not a module has them in its controllers. */
export const exposingClasses: ReadonlySet<DeclaringClass> = classes;

/** Options of a controller method as a tool. Its arguments and description come from the route. */
export interface ExposeAsToolOptions
  extends
    OfferOptions,
    Pick<McpToolOptions, 'group' | 'pinned' | 'organizationArgument' | 'annotations' | 'audit'> {
  /** Unique name; 1 to 128 characters from `A-Z a-z 0-9 _ . -`. */
  readonly name: string;
  /** Description for the model. Default: description and summary of `@ApiOperation()`. */
  readonly description?: string;
  /** Headers of the route that become arguments. Default: none. */
  readonly headers?: readonly string[];
  /** Other names of arguments, such as `{ 'body.id': 'invoiceId' }`, where two have the same name. */
  readonly rename?: Readonly<Record<string, string>>;
  /** Version of the route, if it has several. Default: the first. */
  readonly version?: string;
  /** Endpoint that offers the tool, or several. Default: that of the module, which is the default endpoint. */
  readonly endpoint?: string | readonly string[];
  /** Hands the caller's `Authorization` header to the guards of the application. Default: false. */
  readonly forwardAuthorization?: boolean;
  /** Whether the type of `@ApiOkResponse()` is the schema of the structured content. Default: true. */
  readonly output?: boolean;
}

/**
 * Offers a method of a controller as an MCP tool. A call makes a request to the route within the process, so that
 * guards, pipes, interceptors and filters run as they do over HTTP. The route itself stays as it is.
 *
 * @example
 * ```ts
 * @Post(':id/refund')
 * @UseGuards(RefundGuard)
 * @ExposeAsTool({ name: 'refund_invoice', description: 'Refunds an invoice.', scopes: ['billing:write'] })
 * refund(@Param('id', ParseUUIDPipe) id: string, @Body() body: RefundDto) { … }
 * ```
 */
export const ExposeAsTool =
  (options: ExposeAsToolOptions): MethodDecorator =>
  (prototype: object, methodName: string | symbol, descriptor: PropertyDescriptor | undefined): void => {
    classes.add(typeof prototype === 'function' ? prototype : prototype.constructor);
    markMethod(EXPOSED, options, '@ExposeAsTool()', prototype, methodName, descriptor?.value);
  };

/** Returns the declaration of a method, if it has one. */
export function exposedOptionsOf(method: object): ExposeAsToolOptions | undefined {
  const options: ExposeAsToolOptions | undefined = Reflect.getMetadata(EXPOSED, method);
  return options;
}
