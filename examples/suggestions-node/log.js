// Log lines: as JSON on standard output, and as OTLP, both with the ids of the span at work.
'use strict';

const { trace } = require('@opentelemetry/api');
const { logs, SeverityNumber } = require('@opentelemetry/api-logs');

const logger = logs.getLogger('suggestions');

function log(level, message) {
  const context = trace.getActiveSpan()?.spanContext();
  const ids = context && { trace_id: context.traceId, span_id: context.spanId };
  const line = { time: new Date().toISOString(), level, message, service: 'suggestions', ...ids };
  console.log(JSON.stringify(line));
  logger.emit({ severityNumber: SeverityNumber[level], severityText: level, body: message });
}

module.exports = { log };
