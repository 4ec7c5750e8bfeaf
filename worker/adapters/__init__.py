"""What speaks Postgres, Kafka, Procountor and Trustmary, one protocol a module."""
