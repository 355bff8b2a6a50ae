export default { test: { include: ['dist/**/*.vitest.js'] } };
