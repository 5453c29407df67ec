"""Pictures of tables: pure functions from aggregates to figure specs, for dashboards that show a table."""
