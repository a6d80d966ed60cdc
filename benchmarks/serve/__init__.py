"""`atari serve`, its clients and its page, and the peers' server."""
