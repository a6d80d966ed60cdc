"""Random play compared with the peers', in this process, in several and on Ray."""
