import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ExposeAsTool } from 'aerie-mcp';

import { Public } from '../auth/public.decorator.js';
import { CreateOrderDto } from './create-order.dto.js';

/** The controller of the shop, with its methods as tools. */
@Controller('orders')
export class OrdersController {
  @Post()
  @ExposeAsTool({ name: 'create_order', description: 'Orders an article.', scopes: 'authenticated' })
  create(@Body() order: CreateOrderDto): { ordered: string } {
    return { ordered: `${order.quantity} × ${order.article}` };
  }

  @Public()
  @Get('stock/:article')
  @ExposeAsTool({ name: 'stock_of', description: 'Says how many there are.', scopes: 'authenticated' })
  stock(@Param('article') article: string): string {
    return `There are 7 of ${article}.`;
  }
}
