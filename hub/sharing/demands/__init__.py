"""Demands (需求清单): departments ask for data in the hub, owners answer in time, and what is not shared is listed."""
