"""The AWS CLI as a process of its own, pointed at a local AWS."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


class Cli:
    """The AWS CLI, installed beside the tests, with nothing of the person's own configuration."""

    def __init__(self, local_aws, service, **environment):
        """Run commands of one service, each tried once."""
        self.service = service
        self.environment = {**local_aws.environment, "AWS_MAX_ATTEMPTS": "1", **environment}

    def run(self, *arguments, **environment):
        """Run `aws service …`; values that are no text travel as JSON."""
        texts = [each if isinstance(each, str) else json.dumps(each) for each in arguments]
        return subprocess.run(
            [str(Path(sys.executable).parent / "aws"), self.service, *texts],
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def __call__(self, *arguments):
        """Run a command that has to succeed; return its output."""
        done = self.run(*arguments)
        assert (done.returncode, done.stderr) == (0, ""), arguments
        return json.loads(done.stdout) if done.stdout else None
