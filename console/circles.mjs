// Fails where modules of src import each other in a circle, types included: such modules cannot be read, moved or tested one by one.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const IMPORT = /\b(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g;

/** fileOf is the module that an import means; undefined for what is none, such as a style sheet. */
const fileOf = (path) => ['.ts', '.tsx', '/index.ts', '/index.tsx'].map((end) => path + end).find(existsSync);

/** importsOf are the modules that a module imports. */
const importsOf = (file) =>
  [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(([, path]) => fileOf(join(dirname(file), path))).filter(Boolean);

/** circlesOf walks the graph depth first: an import of a module that is still being walked closes a circle. */
function circlesOf(files) {
  const circles = [];
  const done = new Set();
  const walk = (file, path) => {
    if (path.includes(file)) return void circles.push([...path.slice(path.indexOf(file)), file]);
    if (done.has(file)) return;
    for (const imported of importsOf(file)) walk(imported, [...path, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  return circles;
}

const files = readdirSync('src', { recursive: true })
  .filter((name) => /\.tsx?$/.test(name))
  .map((name) => join('src', name));
const circles = circlesOf(files);
for (const circle of circles) console.error(`modules in a circle: ${circle.join(' -> ')}`);
if (files.length === 0 || circles.length > 0) process.exit(1);
