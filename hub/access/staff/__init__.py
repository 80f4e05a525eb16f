"""Staff: people of the authorities and of the hub who sign in; their accounts, roles and sessions."""
