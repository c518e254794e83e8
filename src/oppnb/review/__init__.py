"""The review of a pipeline: what changed, what it means for the target, which deals need a look and why."""

from oppnb.review.bridge import Bridge, build_bridge

__all__ = ["Bridge", "build_bridge"]
