"""Who is on call when, and whom an engagement pages: a reading of AWS's documents; pure."""
