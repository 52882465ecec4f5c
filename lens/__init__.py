"""The embedded trace backend and explorer: takes OTLP, keeps spans and logs in one SQLite file."""
