"""What lens answers over HTTP: OTLP in, Jaeger's two query APIs, a live stream and pages out."""
