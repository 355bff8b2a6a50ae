import { Injectable } from '@nestjs/common';

import { McpResource } from '../../../../src/mcp/index.js';

@Injectable()
export class InvoiceResource {
  @McpResource({
    uri: 'invoice://{id}',
    name: 'invoice',
    description: 'TODO: tell a model what the resource contains.',
    mimeType: 'application/json',
    scopes: 'authenticated', // any signed-in caller; or scopes, such as ['order:read']
  })
  invoice({ id }: { readonly id: string }): { readonly id: string } {
    return { id };
  }
}
