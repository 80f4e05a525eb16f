"""The counter: the page on which a clerk scans what is shown to him, with the network and without."""
