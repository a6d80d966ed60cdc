"""Random play beside the peers', in this process, in several and on Ray."""
