"""What exists: a tenant with its people, documents, wiki and media. It knows neither requests nor codes."""
