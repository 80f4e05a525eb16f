"""What pages say, in each language: catalogues of words by symbolic ids, the language a reader wants, and how dates are written."""
