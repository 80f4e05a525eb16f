"""Documents of service items of the demonstration's city, as JSON; the shipped ones are in hub.catalogue.items."""
