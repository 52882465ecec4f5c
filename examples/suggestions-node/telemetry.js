// Starts the OpenTelemetry SDK. Loaded before anything else (`node --require`), so that http and
// express are instrumented when the program loads them.
'use strict';

const settings = {
  OTEL_SERVICE_NAME: 'suggestions', // the service it stands in for: pages group by this name
  OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=acmeshop',
  OTEL_TRACES_EXPORTER: 'otlp', // over HTTP, to OTEL_EXPORTER_OTLP_ENDPOINT or http://localhost:4318
  OTEL_LOGS_EXPORTER: 'otlp',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOG_LEVEL: 'error', // what the SDK says of itself: an exporter that fails is silent without it
  OTEL_PROPAGATORS: 'tracecontext,baggage',
  OTEL_BSP_SCHEDULE_DELAY: '500', // milliseconds; the SDK's 5000 is long to wait for a page
  OTEL_BLRP_SCHEDULE_DELAY: '500',
  OTEL_SEMCONV_STABILITY_OPT_IN: 'http', // the stable names of attributes: http.request.method, ...
};
for (const [name, value] of Object.entries(settings)) {
  process.env[name] ??= value;
}

const { NodeSDK } = require('@opentelemetry/sdk-node');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { ExpressInstrumentation } = require('@opentelemetry/instrumentation-express');

const HEALTH = new Set(['/healthz', '/readyz']);

const sdk = new NodeSDK({
  instrumentations: [
    // The SERVER span of each request: extracts traceparent, and makes the caller's span the parent.
    new HttpInstrumentation({ ignoreIncomingRequestHook: (request) => HEALTH.has(request.url) }),
    // Gives that span its route; a span for each middleware would be noise.
    new ExpressInstrumentation({
      ignoreLayersType: ['middleware', 'router', 'request_handler'],
    }),
  ],
});
sdk.start();

module.exports = { sdk };
