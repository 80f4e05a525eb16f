"""Files of rows, in whichever format: CSV, XLSX, Parquet or JSON Lines, read with suspicion, from any row on."""
