"""Making a trigger, step by step: what adding an integration and editing share."""
