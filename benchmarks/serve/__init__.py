"""`atari serve`, its clients and its page, compared with the peers' server."""
