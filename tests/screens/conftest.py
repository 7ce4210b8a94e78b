"""A login on the stand-in platform, for the screens that show one."""

from tests.auth.conftest import app, box, clock, make_store, nobody, redirect_uri, waits

__all__ = ["app", "box", "clock", "make_store", "nobody", "redirect_uri", "waits"]
