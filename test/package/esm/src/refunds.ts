import { Injectable, Module } from '@nestjs/common';
import { McpTool } from 'aerie-mcp';

@Injectable()
export class Refunds {
  count(): number {
    return 7;
  }
}

@Module({ providers: [Refunds], exports: [Refunds] })
export class RefundsModule {}

@Injectable()
export class RefundTools {
  constructor(private readonly refunds: Refunds) {}

  @McpTool({ name: 'count_refunds', description: 'Counts refunds.', scopes: ['refunds:read'] })
  count(): string {
    return `${this.refunds.count()} refunds`;
  }
}
