// What else goes with an article or a product. The answers are those of services/suggestions.
'use strict';

const { readFileSync } = require('node:fs');
const path = require('node:path');
const { trace } = require('@opentelemetry/api');
const express = require('express');
const { log } = require('./log');
const { sdk } = require('./telemetry');

const MOCKS = process.env.ACME_MOCKS ?? path.join(__dirname, '..', '..', 'mocks');
const PORT = Number(process.env.SUGGESTIONS_PORT ?? 8002);
const HOST = process.env.HOST ?? '127.0.0.1';
const IDS = /^[A-Za-z0-9_.:,-]{0,50000}$/;
const LONGEST_ID = 100;
const GRACE = 5000; // milliseconds

class Refused extends Error {
  constructor(status, kind, message) {
    super(message);
    Object.assign(this, { status, kind });
  }
}

function readSuggestions() {
  const mocks = JSON.parse(readFileSync(path.join(MOCKS, 'suggestions.json'), 'utf8'));
  return new Map([...Object.entries(mocks.suggestions), ...Object.entries(mocks.products)]);
}

const suggestions = readSuggestions();
const app = express();
app.disable('x-powered-by');

app.get('/healthz', (_, response) => response.json({ service: 'suggestions', status: 'alive' }));
app.get('/readyz', (_, response) => response.json({ service: 'suggestions', status: 'ready' }));

app.get('/suggestions/v1/', (request, response) => {
  const ids = [request.query.ids].flat().at(-1);
  if (ids === undefined || !IDS.test(ids)) {
    throw new Refused(400, 'bad_request', 'ids: ids of articles or products are wanted, with commas');
  }
  response.json(Object.fromEntries(ids.split(',').map((id) => [id, suggestions.get(id) ?? []])));
});

app.get('/suggestions/v1/:thing_id', (request, response) => {
  const id = request.params.thing_id;
  if (id.length > LONGEST_ID) {
    throw new Refused(400, 'bad_request', `thing_id: at most ${LONGEST_ID} characters are allowed`);
  }
  const found = suggestions.get(id);
  if (!found) {
    const kind = /^\d+$/.test(id) ? 'article' : 'product';
    throw new Refused(404, 'not_found', `no ${kind} ${id}`);
  }
  log('INFO', `${found.length} suggestions for ${id}`);
  response.json(found);
});

app.use((request) => {
  throw new Refused(404, 'not_found', `${request.method} ${request.path}: Not Found`);
});

// Every error is answered in one shape; one that is nobody's mistake but ours is on the span, too.
app.use((error, _request, response, _next) => {
  const status = error.status ?? 500;
  if (status >= 500) {
    trace.getActiveSpan()?.recordException(error);
    log('ERROR', error.stack);
  }
  const detail = status < 500 ? error.message : 'this should not have happened; the log has the reason';
  response.status(status).json({ error: error.kind ?? (status < 500 ? 'bad_request' : 'internal'), detail });
});

const server = app.listen(PORT, HOST, (error) => {
  if (error) {
    console.error(`${HOST}:${PORT} cannot be listened on: ${error.message}`);
    process.exit(1);
  }
  log('INFO', `suggestions, in Node, listens at http://${HOST}:${PORT}`);
});

// The shop keeps idle connections for 30 s: one that ends here first may end under its next request.
server.keepAliveTimeout = 60_000;

// Answers what has arrived, then sends the spans that are still here.
async function stop() {
  setTimeout(() => process.exit(1), GRACE).unref();
  server.close();
  server.closeIdleConnections();
  await sdk.shutdown();
  process.exit(0);
}
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
