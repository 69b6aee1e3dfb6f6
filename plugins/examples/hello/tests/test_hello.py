"""The hello plugin as people meet it: a page in Plein's layout and a way to it."""

from plein.testing import contract_of

test_contract = contract_of("hello")


def test_page_greets_who_signed_in_inside_the_layout(as_user, make_user):
    page = as_user(make_user("ann", name="Ann Jansen")).get("/hello")
    assert page.html.find("h1").text == "Hello"
    assert "Good to see you, Ann Jansen." in page.html.find("main").text
    assert page.html.find("a", class_="skip-link") is not None


def test_navigation_leads_to_the_page(as_user, make_user):
    page = as_user(make_user("ann")).get("/hello")
    assert "Hello" in [link.text.strip() for link in page.html.find_all("a", href="/hello")]


def test_who_has_not_signed_in_is_asked_to(app):
    answer = app.get("/hello", status=303)
    assert "/sign-in?next=" in answer.location
