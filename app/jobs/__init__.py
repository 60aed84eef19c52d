"""Work outside the request. Interrupted jobs are handed over again: each job can run twice without harm."""
