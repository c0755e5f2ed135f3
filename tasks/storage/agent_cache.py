"""An AgentCache service as a second memory for clips: asked on a miss, told of what is new.

Clips stay in the store; the service holds their JSON alone. It is asked as for a chat model's
answer: provider, model, messages, and a ttl for what is new. It never stops a film: whatever goes
wrong there is one warning, and the service is left in peace for a while.
"""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import urllib3
from pydantic import JsonValue, SecretStr, ValidationError

from recipe_schema.artifacts import Clip
from tasks.errors import TransientError
from tasks.storage.keys import blob_key
from tasks.storage.store import ArtifactStore, renewed

log = logging.getLogger(__name__)

PROVIDER: Final = "songfilm"
# A shot is rendered for seconds to minutes: a memory that is slower than this does not help.
_CONNECT_S, _READ_S, _WHOLE_S = 2.0, 3.0, 5.0
_TRIES = 2
_LARGEST_ANSWER = 256 * 1024
# How long a service that failed is not asked again, seconds.
_REST_S = 300.0

_pool = urllib3.PoolManager(retries=False)
_resting: dict[str, float] = {}


class AgentCacheFault(TransientError):
    """The service did not answer, or not as it should."""


@dataclass(frozen=True)
class AgentCache:
    """One service, asked for clips of one tenant."""

    url: str
    key: SecretStr | None
    tenant: str
    ttl_s: int

    def ask(
        self, fingerprint: str, *, renderer: str, prompt: str, store: ArtifactStore
    ) -> tuple[Clip | None, str | None]:
        """Ask for a clip; it counts only if it is the one asked for and the store has its file.

        Returns:
            The clip, and what went wrong at the service.
        """
        payload = self._payload(fingerprint, renderer, prompt)
        answer, fault = self._post("get", payload | {"temperature": 0})
        if fault is not None or not answer.get("hit"):
            return None, fault
        try:
            clip = Clip.model_validate_json(str(answer.get("response")))
        except ValidationError:
            return None, self._told("answered with something that is no clip")
        if clip.fingerprint != fingerprint or clip.file.key != blob_key(clip.file.sha256):
            return None, self._told(f"answered with another clip than {fingerprint[:12]}")
        if not renewed(store, clip.file):
            log.info("AgentCache knows the clip %s; its file is not here", fingerprint[:12])
            return None, None
        return clip, None

    def tell(self, clip: Clip) -> str | None:
        """Tell the service of a new clip; what went wrong there, if anything did."""
        payload = self._payload(clip.fingerprint, clip.renderer, clip.prompt)
        value: dict[str, JsonValue] = {"response": clip.model_dump_json(), "ttl": self.ttl_s}
        return self._post("set", payload | value)[1]

    def _payload(self, fingerprint: str, renderer: str, prompt: str) -> dict[str, JsonValue]:
        """What names a clip at the service."""
        name = f"clip_fingerprint:{self.tenant}:{fingerprint}"
        return {
            "provider": PROVIDER,
            "model": renderer,
            "messages": [
                {"role": "system", "content": name},
                {"role": "user", "content": prompt},
            ],
        }

    def _post(
        self, what: str, payload: Mapping[str, JsonValue]
    ) -> tuple[dict[str, Any], str | None]:
        """Send a request, twice if need be; an empty answer while the service is left in peace."""
        if _resting.get(self.url, 0.0) > time.monotonic():
            return {}, None
        if not self.url.startswith(("http://", "https://")):
            return {}, self._told("is no address; begin it with http:// or https://")
        for left in reversed(range(_TRIES)):
            try:
                return self._answer(what, payload), None
            except AgentCacheFault as error:
                if left == 0:
                    return {}, self._told(str(error))
        raise AssertionError("unreachable")

    def _answer(self, what: str, payload: Mapping[str, JsonValue]) -> dict[str, Any]:
        """Send one request and read its answer.

        Raises:
            AgentCacheFault: No answer, a refusal, or no JSON object.
        """
        try:
            status, data = self._send(what, payload)
        except urllib3.exceptions.HTTPError as error:
            raise AgentCacheFault(f"did not answer ({type(error).__name__})") from error
        if status in (401, 403):
            raise AgentCacheFault("refused SONGFILM_AGENT_CACHE_KEY; is it the right one?")
        if what == "get" and status == 404:
            return {"hit": False}
        if not 200 <= status < 300:
            raise AgentCacheFault(f"answered with status {status}")
        try:
            answer = json.loads(data)
        except ValueError as error:
            raise AgentCacheFault("answered with something that is no JSON") from error
        if not isinstance(answer, dict):
            raise AgentCacheFault("answered with something that is no JSON object")
        return answer

    def _send(self, what: str, payload: Mapping[str, JsonValue]) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json", "X-Cache-Namespace": PROVIDER}
        if self.key is not None:
            secret = self.key.get_secret_value()
            # Its newer addresses take the bearer token, those of the cache also this one.
            headers |= {"Authorization": f"Bearer {secret}", "X-API-Key": secret}
        response = _pool.request(
            "POST",
            f"{self.url.rstrip('/')}/cache/{what}",
            body=json.dumps(payload).encode(),
            headers=headers,
            timeout=urllib3.Timeout(connect=_CONNECT_S, read=_READ_S),
            redirect=False,  # the key is for this address alone
            preload_content=False,
        )
        return response.status, _read(response)

    def _told(self, fault: str) -> str:
        """Say once that the service is of no help, and leave it in peace."""
        host = urlsplit(self.url).netloc.rpartition("@")[2] or self.url
        told = f"AgentCache at {host} {fault}; clips are looked up in the store alone"
        log.warning("%s", told)
        _resting[self.url] = time.monotonic() + _REST_S
        return told


def _read(response: urllib3.BaseHTTPResponse) -> bytes:
    """The whole answer, if it is small and comes soon.

    Raises:
        AgentCacheFault: It is neither.
    """
    until, data = time.monotonic() + _WHOLE_S, b""
    try:
        while part := response.read1(_LARGEST_ANSWER):
            data += part
            if len(data) > _LARGEST_ANSWER:
                raise AgentCacheFault(f"answered with more than {_LARGEST_ANSWER // 1024} kB")
            if time.monotonic() > until:
                raise AgentCacheFault(f"did not end its answer within {_WHOLE_S:g} s")
    except BaseException:
        response.close()
        raise
    response.release_conn()
    return data
