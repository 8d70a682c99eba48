"""The parts of the import command, `import_file`: what it reads, and what it writes."""
