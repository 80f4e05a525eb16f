"""Where staff sign in and out with a browser."""
