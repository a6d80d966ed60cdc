"""Follow the ball: atari rollout breakout --policy examples/policies/follow_ball.py."""


def policy(observation):
    ball_x, ball_y, paddle_x = (int(observation.ram[address]) for address in (99, 101, 72))
    if ball_y == 0:
        return "FIRE"
    return "RIGHT" if ball_x > paddle_x + 9 else "LEFT"
