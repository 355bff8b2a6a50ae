export { ConnectController } from './connect.controller.js';
export { ConnectPage } from './connect-page.js';
export { CALLER_PATH } from './caller-path.js';
