"""Named questions: a module a question says how it is answered, `catalogue` lists them, `declaration` says what a question is."""
