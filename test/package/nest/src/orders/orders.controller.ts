import { Body, Controller, Post } from '@nestjs/common';

import { CreateOrderDto } from './create-order.dto.js';

@Controller('orders')
export class OrdersController {
  @Post()
  create(@Body() order: CreateOrderDto): { ordered: string } {
    return { ordered: `${order.quantity} × ${order.article}` };
  }
}
