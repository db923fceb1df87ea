"""Messages in and out through Apache Kafka: source systems' topics into the log, the log onto public topics."""
