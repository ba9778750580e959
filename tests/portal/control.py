# SPDX-License-Identifier: ISC
"""The emulator's own interface: POST /VERB with a JSON object of arguments.

Answers 200 {"result": …} or 400 {"error": "…"}. The verbs are the methods
of model.Model named in MODEL_VERBS and the methods of Control without an
underscore in front.
"""

from dataclasses import fields, replace

from model import ModelError
from server import json_response

MODEL_VERBS = ("add_user", "remove_user", "add_organization", "add_project",
               "add_member", "remove_member", "set_customdata", "add_token",
               "remove_token", "add_device", "remove_device", "add_key",
               "add_many_keys", "remove_key", "change_key", "associate",
               "dissociate")


class Control:
    def __init__(self, model, settings, faults, log, listeners):
        self._model = model
        self._settings = settings
        self._faults = faults
        self._log = log
        self._listeners = listeners  # name -> Listener, "api", "metadata"

    def __call__(self, connection, request):
        try:
            verb = request.path.strip("/")
            result = self._verb(verb)(**request.json())
            answer = json_response({"result": result})
        except (ModelError, TypeError, ValueError, KeyError) as error:
            answer = json_response({"error": "%s: %s" % (
                type(error).__name__, error)}, 400)
        connection.sock.sendall(answer.bytes())
        return True

    def _verb(self, verb):
        if verb in MODEL_VERBS:
            return getattr(self._model, verb)
        if verb.startswith("_") or not hasattr(self, verb):
            raise ValueError("unknown verb %s" % verb)
        return getattr(self, verb)

    def set(self, **settings):
        """Changes settings of api.Settings; returns all of them."""
        known = {f.name for f in fields(self._settings)}
        if not set(settings) <= known:
            raise ValueError("there are %s" % ", ".join(sorted(known)))
        replace(self._settings, **settings)  # checks the names
        for name, value in settings.items():
            setattr(self._settings, name, value)
        return vars(self._settings)

    def break_(self, where="all", kind="status:500", retry_after="", times=0):
        """See faults.py; returns the number to clear this one by."""
        return self._faults.add(where, kind, retry_after, times)

    def clear(self, fault=None):
        self._faults.clear(fault)

    def _chosen(self, server):
        if server == "all":
            return self._listeners.values()
        return [self._listeners[server]]

    def stop(self, server="all"):
        """The portal is gone: connections are refused, open ones cut."""
        for listener in self._chosen(server):
            listener.stop()

    def start(self, server="all"):
        for listener in self._chosen(server):
            listener.start()

    def log(self, reset=False):
        return self._log.read(reset)

    def state(self):
        model = self._model
        with model.lock:
            return {
                "users": {u.id: u.email for u in model.users.values()},
                "projects": {p.id: p.name for p in model.projects.values()},
                "devices": {d.id: list(d.keys)
                            for d in model.devices.values()},
                "keys": {k.id: k.label for k in model.keys.values()},
                "settings": vars(self._settings),
                "listening": {name: listener.listening for name, listener
                              in self._listeners.items()}}


setattr(Control, "break", Control.break_)
