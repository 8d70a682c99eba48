"""The state of the local AWS as bytes, and back: one snapshot for each of moto's backends.

A backend, Incident Manager's included, holds all that one service keeps for one account and region.
A snapshot is a pickle of its attributes. Loading one can run any code, so load only your own.
What two backends share, like an EC2 instance that is in an auto scaling group, becomes two.
"""

from __future__ import annotations

import functools
import importlib
import io
import pickle
import threading
import weakref
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from types import FunctionType
from typing import Any, NamedTuple

import dill  # type: ignore[import-untyped]
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from moto.core.base_backend import BackendDict, BaseBackend, backend_lock
from tenacity import retry, retry_if_exception_type, stop_after_attempt


class Key(NamedTuple):
    """Which backend: the full name of its class, its account, and its region or partition."""

    backend: str
    account: str
    region: str


def living() -> dict[Key, BaseBackend]:
    """Return every backend that something has used."""
    with backend_lock:
        # moto's own list, and the only one.
        used: list[Any] = list(BackendDict._instances)  # type: ignore[misc] # noqa: SLF001
    return {
        _key(backend): backend
        for services in used
        for regions in list(services.values())
        for backend in list(regions.values())
    }


# Python raises a RuntimeError when another thread changes what is being walked over.
@retry(retry=retry_if_exception_type(RuntimeError), stop=stop_after_attempt(5), reraise=True)
def take(backend: BaseBackend) -> bytes:
    """Return the snapshot of a backend; what cannot be pickled raises whatever it does."""
    # Some services keep a little for all accounts together, like S3 the owners of buckets.
    service = _service(_key(backend).backend)
    shared = {name: value for name, value in vars(service).items() if isinstance(value, dict)}
    file = io.BytesIO()
    _Pickler(file, pickle.HIGHEST_PROTOCOL).dump((vars(backend), shared))
    return file.getvalue()


def restore(key: Key, snapshot: bytes) -> None:
    """Give the backend the state of the snapshot; whatever is wrong with it is raised."""
    backend = _backend(*key)
    state, shared = pickle.loads(snapshot)  # noqa: S301 - the person's own file, as the docs ask
    vars(backend).clear()
    vars(backend).update(state)
    vars(_service(key.backend)).update(shared)


@contextmanager
def all_or_nothing(*backends: BaseBackend) -> Iterator[None]:
    """Give backends their state back if what is done to them in the block raises.

    Use it under the lock, so that nobody sees what was half done.
    """
    kept = {_key(backend): take(backend) for backend in backends}
    try:
        yield
    except BaseException:
        for key, snapshot in kept.items():
            restore(key, snapshot)
        raise


def _key(backend: BaseBackend) -> Key:
    kind = backend.__class__  # also of a weak proxy, which becomes a plain reference
    return Key(f"{kind.__module__}.{kind.__name__}", backend.account_id, backend.region_name)


def _service(name: str) -> BackendDict[Any]:
    """Return the service whose backends are of this class."""
    module, _, kind = name.rpartition(".")
    for value in vars(importlib.import_module(module)).values():
        if isinstance(value, BackendDict) and value.backend.__name__ == kind:
            return value
    raise LookupError(f"there is no service {name}")


def _backend(name: str, account: str, region: str) -> BaseBackend:
    """Return the one backend of this key, a new one if nothing has used it yet."""
    return _service(name)[account][region]  # type: ignore[no-any-return]  # any service's


@functools.singledispatch
def _reduced(_: Any) -> Any:
    """Return how to make a value again, as `__reduce__` does; by default pickle knows."""
    return NotImplemented


@_reduced.register
def _(backend: BaseBackend) -> Any:
    return _backend, tuple(_key(backend))


@_reduced.register(type(threading.Lock()))
@_reduced.register(type(threading.RLock()))
@_reduced.register(threading.Condition)
def _(lock: Any) -> Any:
    # Whoever held it or waited for it is not there after a restart.
    made_by = {type(threading.Lock()): threading.Lock, type(threading.RLock()): threading.RLock}
    return made_by.get(type(lock), type(lock)), ()


@_reduced.register(dsa.DSAPrivateKey)
@_reduced.register(ec.EllipticCurvePrivateKey)
@_reduced.register(ed25519.Ed25519PrivateKey)
@_reduced.register(rsa.RSAPrivateKey)
def _(key: Any) -> Any:
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return _private_key, (der,)


@_reduced.register
def _(certificate: x509.Certificate) -> Any:
    return _certificate, (certificate.public_bytes(Encoding.DER),)


# Both loaders tell pickle a module that they cannot be imported from.
def _private_key(der: bytes) -> Any:
    return load_der_private_key(der, None)


def _certificate(der: bytes) -> Any:
    return x509.load_der_x509_certificate(der)


@_reduced.register
def _(function: FunctionType) -> Any:
    if "<" not in function.__qualname__:
        return NotImplemented  # by its name
    if function.__closure__:
        raise pickle.PicklingError(f"{function.__qualname__} refers to what is around it")
    return dill.loads, (dill.dumps(function),)


@_reduced.register(weakref.WeakValueDictionary)
def _(values: Any) -> Any:
    return weakref.WeakValueDictionary, (dict(values),)


@_reduced.register
def _(values: dict) -> Any:  # type: ignore[type-arg]  # singledispatch wants the bare class
    """Reduce moto's own kinds of dict, some of which store by another way than they are filled."""
    if isinstance(values, OrderedDict) or type(values).__module__ == "collections":
        return NotImplemented
    kind = type(values)
    factory = getattr(values, "default_factory", None)
    state = dict(dict.items(values)), vars(values), factory
    return kind.__new__, (kind,), state, None, None, _fill


def _fill(values: Any, state: Any) -> None:
    items, attributes, factory = state
    dict.update(values, items)
    vars(values).update(attributes)
    if factory:
        values.default_factory = factory


class _Pickler(pickle.Pickler):
    """The pickler in C, asking `_reduced` first."""

    reducer_override = staticmethod(_reduced)
