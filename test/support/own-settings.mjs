// A deployment with settings of its own. Starts as main.ts does, prints what providers can inject, and stops.
import { ConfigModule, ConfigService, registerAs } from '@nestjs/config';
import { z } from 'zod';

import { createApplication } from '../../dist/application.js';
import { readConfiguration } from '../../dist/config/read-configuration.js';
import { settings } from '../../dist/config/settings.js';
import { SETTINGS } from '../../dist/tools/settings.js';

const billing = settings(
  'billing',
  z.object({
    BILLING_URL: z.url('Use the URL of the billing service.'),
    BILLING_KEY: z.string('Use the key that the billing service shows.'),
  }),
);
const crm = registerAs('crm', () => z.object({ CRM_URL: z.url().optional() }).parse(process.env));
const mail = registerAs('mail', () => ({ from: process.env['MAIL_FROM'] }));
const shop = registerAs('shop', () => ({
  origin: new URL(process.env['SHOP_URL'] ?? 'https://shop.internal').origin,
}));
SETTINGS.push(billing, crm, shop);

try {
  const application = await createApplication(await readConfiguration(SETTINGS), [
    ConfigModule.forFeature(mail),
  ]);
  const config = application.get(ConfigService, { strict: false });
  process.stdout.write(
    JSON.stringify({
      plain: [config.get('BILLING_URL'), config.get('SHIPPING_URL'), config.get('billing.BILLING_KEY')],
      own: application.get(billing.KEY, { strict: false }),
      mailer: application.get(mail.KEY, { strict: false }),
      url: config.get('aerie.resource.url'),
    }),
  );
  await application.close();
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
