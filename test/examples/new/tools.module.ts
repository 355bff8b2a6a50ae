import { Module } from '@nestjs/common';
import { InvoiceResource } from './invoice/invoice.resource.js';
import { OrderStatusTools } from './order-status/order-status.tools.js';
import { WeekReportPrompt } from './week-report/week-report.prompt.js';

/** Module to which `new` adds the providers of this folder. */
@Module({ providers: [OrderStatusTools, InvoiceResource, WeekReportPrompt] })
export class ToolsModule {}
