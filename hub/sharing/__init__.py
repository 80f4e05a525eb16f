"""What may leave the hub, and why: grants, cases, and the one funnel of disclosure."""
