"""The repository of sealed licences: issue, status, history, status-list indexes."""
