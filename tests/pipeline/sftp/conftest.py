from tests.pipeline.sftp.yard import yard

__all__ = ["yard"]
