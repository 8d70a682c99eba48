"""How a request comes in, before any service sees it, and how it goes out.

Whose threads it waits in, whether a browser may send it, who answers it, whether its sender may ask
for it, which faults it meets, and what is kept of it.
"""
