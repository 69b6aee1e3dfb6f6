"""The smallest plugin: a page in Plein's own layout, for whoever has signed in, and a way to get there."""

from plein.api import SIGNED_IN, NavigationItem, hookimpl


def hello(request):
    return {"title": "Hello", "text": f"Good to see you, {request.viewer.name}."}


def includeme(config):
    config.add_route("hello.page", "/hello")
    config.add_view(hello, route_name="hello.page", permission=SIGNED_IN, renderer="plein:templates/plugin_page.pt")


@hookimpl
def navigation_items(request):
    return [NavigationItem("Hello", request.route_path("hello.page"), icon="hand-stop")]
