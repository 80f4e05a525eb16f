"""The offline pack: what a counter keeps to check printed codes without the network."""
