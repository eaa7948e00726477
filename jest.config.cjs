/** Tests run on real engines; `scripts/test.mjs` starts them and passes their addresses. */
const compiler = process.env.TWINKEEP_PLANTED_BUG ? '<rootDir>/test/planted/transform.cjs' : '@swc/jest';

module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: { '^.+\\.ts$': [compiler, { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }] },
  // Only ends what hangs: a machine may be many times slower than the one a test was written on.
  testTimeout: 120_000,
  // What jest keeps of each file adds up, until collecting the garbage takes longer than the tests.
  workerIdleMemoryLimit: '600MB',
};
