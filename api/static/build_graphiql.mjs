// Builds graphiql.html.gz from the npm package @graphql-yoga/render-graphiql (MIT), which holds the whole of GraphiQL:
//   npm pack @graphql-yoga/render-graphiql && tar xzf graphql-yoga-render-graphiql-*.tgz
//   node api/static/build_graphiql.mjs package
// The page asks nothing of any other host. Its options are filled in by api/graphql/page.py at @@OPTIONS@@.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pathToFileURL } from 'node:url';

const source = resolve(process.argv[2]);
const target = new URL('.', import.meta.url);
const { renderGraphiQL } = await import(pathToFileURL(join(source, 'esm/index.js')));
const page = renderGraphiQL({ title: '@@TITLE@@', marker: '@@OPTIONS@@' })
  .replace(/\{"title":"@@TITLE@@","marker":"@@OPTIONS@@"\}/, () => '@@OPTIONS@@')
  .replace('<html lang="en">', () => '<html lang="zh">');
if (page.split('@@OPTIONS@@').length !== 2 || page.split('@@TITLE@@').length !== 2) {
  throw new Error('the package renders its options differently now');
}
const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
const notice = readFileSync(join(source, 'LICENSE'), 'utf8');
writeFileSync(new URL('graphiql.html.gz', target), gzipSync(page, { level: 9 }));
writeFileSync(
  new URL('graphiql.LICENSE.txt', target),
  `graphiql.html.gz is @graphql-yoga/render-graphiql ${version}, which bundles GraphiQL and Monaco (both MIT).\n\n${notice}`,
);
