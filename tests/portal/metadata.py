# SPDX-License-Identifier: ISC
"""The metadata service: no token, knows the machine by its address."""

import json
import re

from render import Renderer
from server import Response, json_response

USUAL = ("", "*/*", "application/json")


class Metadata:
    def __init__(self, model, settings):
        self.model = model
        self.settings = settings

    def source(self, request):
        return "metadata"

    def device(self, request):
        chosen = self.settings.metadata_device
        if chosen:
            return self.model.devices.get(chosen)
        for device in self.model.devices.values():
            if request.address in device.addresses:
                return device
        return None

    def answer(self, request, plain=False):
        accept = request.headers.get("accept", "")
        usual = USUAL[:2] if self.settings.strict_accept else USUAL
        if accept not in usual:
            return Response(406, b"Not Acceptable\n",
                            {"Content-Type": "text/plain"})
        if request.method != "GET":
            return json_response({"error": "Method not allowed"}, 405)
        if not re.fullmatch("/metadata/?", request.path):
            return json_response({"error": "Not found"}, 404)
        with self.model.lock:
            device = self.device(request)
            if device is None:
                return json_response({"error": "Instance not found"}, 404)
            value = Renderer(self.model, self.settings).metadata(device)
        return Response(200, json.dumps(value).encode(),
                        {"Content-Type": "application/json"})
