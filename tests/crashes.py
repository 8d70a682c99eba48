"""A plugin that is killed, or whose calls fail, at any call that a schedule names.

The engine's part is played by whoever uses it, by the engine's rules: a resource is in the state
when its call has returned, and what was to be deleted is deleted by the next `up`.
"""

from __future__ import annotations

import threading

import grpc

from tests.plugin import forked_plugin_process, local_configuration

HOW = ("killed", "answer lost", "request lost")


class CrashError(Exception):
    """The plugin was killed, or its call ended with an error, as the schedule wanted."""


class Plugins:
    """A plugin process that can be killed and is there again for the next call."""

    def __init__(self, url, warm):
        self.warm = warm
        # Without retries a dropped answer ends the call, as a crash of the whole machine would.
        self.configuration = local_configuration(url, **{"aws:maxRetries": "0"})
        self.running = None
        self.plugin = None

    def call(self, provider, method, *arguments):
        """Call a provider in a process that runs."""
        if self.running is None:
            self.running = forked_plugin_process(self.configuration, self.warm)
            self.plugin = self.running.__enter__()
        try:
            return getattr(self.plugin.of(provider), method)(*arguments)
        except grpc.RpcError as error:
            raise CrashError(error.details()) from None

    def kill(self):
        """Kill the process, whatever it does."""
        self.plugin.process.kill()

    def gone(self):
        """Clean up after a kill, or end the process."""
        if self.running is not None:
            self.running.__exit__(None, None, None)
            self.running = None


class Crashes:
    """A stack whose `up` can be interrupted; `up` brings it to what is declared, or raises."""

    def __init__(self, plugins, local_aws):
        self.plugins = plugins
        self.local_aws = local_aws

    def up_and_crash(self, declared, operation, how):
        """Run an `up` that is interrupted at its first call of `operation`, if it makes one."""
        if how == "killed":
            self.local_aws.delay(operation, 30)
        elif how == "answer lost":
            self.local_aws.lose_answer(operation)
        else:
            self.local_aws.fail(operation, "InternalServerException")
        done = threading.Event()
        killer = threading.Thread(target=self._kill_when_due, args=(done,))
        if how == "killed":
            killer.start()
        try:
            self.up(declared)
        except CrashError:
            pass
        finally:
            done.set()
            if how == "killed":
                killer.join()
            self.local_aws.heal()
        if how == "killed":
            self.plugins.gone()

    def _kill_when_due(self, done):
        """Kill the plugin while AWS handles a call; healing lets AWS finish what it was asked."""
        while self.local_aws.faults_left():
            if done.wait(0.01):
                return
        self.plugins.kill()
        self.local_aws.heal()
