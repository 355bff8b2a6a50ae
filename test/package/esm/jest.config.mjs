export default {
  testRegex: String.raw`dist/.*\.jest\.js$`,
  // Jest cannot require() NestJS, as some packages do, while it is being imported. So it comes first.
  setupFiles: ['reflect-metadata', '@nestjs/common', '@nestjs/core'],
};
