"""Sharing in the console: demands, grants, who reads what, the negative list, embargoes, disputes and late promises."""
