"""Changes of licences, told to those whose permits need them: the feed, who wakes for it, and webhooks."""
