"""Random play compared with that of peers: in this process, in several, and on Ray."""
