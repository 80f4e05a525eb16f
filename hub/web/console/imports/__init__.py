"""Files become licences: sent, mapped, tried, imported and mended by licence officers."""
