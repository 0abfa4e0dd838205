import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['web/**/*.test.ts', 'tests/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'web/dist/**'],
    passWithNoTests: false,
    // Keys and PBKDF2 take seconds where other work takes the processors; what hangs is found all the same.
    testTimeout: 30_000,
  },
});
