/**
 * Compiles like @swc/jest, with one planted bug: `TWINKEEP_PLANTED_BUG` is the JSON of a `PlantedBug`. Only tests are
 * compiled by this, so no bug can reach a bundle.
 */
const { createHash } = require('node:crypto');
const { relative } = require('node:path');
const swc = require('@swc/jest');

const bug = JSON.parse(process.env.TWINKEEP_PLANTED_BUG ?? 'null');

function plant(source, path, root) {
  if (bug === null || relative(root, path) !== bug.file) return source;
  const parts = source.split(bug.from);
  if (parts.length !== 2) throw new Error(`${bug.name}: its text stands ${parts.length - 1} times in ${bug.file}`);
  return parts.join(bug.to);
}

exports.createTransformer = (options) => {
  const compiler = swc.createTransformer(options);
  return {
    canInstrument: compiler.canInstrument,
    process: (source, path, run) => compiler.process(plant(source, path, run.config.rootDir), path, run),
    getCacheKey: (source, path, run) =>
      createHash('sha256')
        .update(compiler.getCacheKey(plant(source, path, run.config.rootDir), path, run))
        .digest('hex'),
  };
};
