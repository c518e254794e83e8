"""Connections between browser and kernels do not hold small messages back."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application
from tornado.websocket import WebSocketHandler, websocket_connect

from oppnb.lab.prompt_answers import answer_at_once, promptly


class Plain(WebSocketHandler):
    """Answers each message with whether its connection holds small ones back."""

    def on_message(self, message):
        stream = self.ws_connection.stream
        held = stream.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 0
        self.write_message(f"{message}: {held}")


class Prompt(Plain):
    open = promptly(Plain.open)


async def said_by(handler) -> str:
    server = HTTPServer(Application([("/", handler)]))
    bound, port = bind_unused_port()
    server.add_socket(bound)
    connection = await websocket_connect(f"ws://127.0.0.1:{port}/")
    await connection.write_message("held back")
    answer = await connection.read_message()
    connection.close()
    server.stop()
    return str(answer)


@pytest.mark.parametrize(("handler", "held"), [(Plain, True), (Prompt, False)])
def test_a_websocket_holds_small_messages_back_unless_it_is_opened_promptly(handler, held):
    with ThreadPoolExecutor(1) as apart:  # a loop of its own, whatever else runs in this thread
        assert apart.submit(asyncio.run, said_by(handler)).result() == f"held back: {held}"


def test_the_kernels_of_a_server_answer_at_once_and_are_changed_once(monkeypatch):
    before = KernelWebsocketHandler.open
    before = getattr(before, "__wrapped__", before)
    monkeypatch.setattr(KernelWebsocketHandler, "open", before)
    answer_at_once()
    changed = KernelWebsocketHandler.open
    assert changed.__wrapped__ is before
    answer_at_once()
    assert KernelWebsocketHandler.open is changed
