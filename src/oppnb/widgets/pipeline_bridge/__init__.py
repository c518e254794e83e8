"""The pipeline bridge by hand: two days, a slice, and the deals behind each bar."""

from oppnb.widgets.pipeline_bridge.widget import PipelineBridge

__all__ = ["PipelineBridge"]
