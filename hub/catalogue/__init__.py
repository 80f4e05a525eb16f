"""What can be issued and by whom: authorities, licence types, code types, service items and their materials."""
