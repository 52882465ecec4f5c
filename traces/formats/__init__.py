"""How traces are written and read: OTLP (protobuf and JSON), Jaeger's JSON, lens's own JSON."""
