"""The file format: schema, names, reader and writer."""
