"""The same console in a browser: each person behind a token, each window a console of its own."""
