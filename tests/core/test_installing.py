"""A telephone can install it: the manifest says what it must, and every mark in it is there."""

from flask import Flask

from tests.world import Browser


def test_the_manifest_is_for_everybody_and_its_marks_are_there(app: Flask, stranger: Browser) -> None:
    answer = stranger.get("/manifest.webmanifest")
    assert answer.status_code == 200 and answer.content_type == "application/manifest+json"
    said = answer.json
    assert (said["display"], said["start_url"], said["scope"], said["id"]) == ("standalone", "/", "/", "/")
    assert said["description"] == "Leads van financieel adviseurs"
    for icon in said["icons"]:
        mark = stranger.get(icon["src"])
        assert mark.status_code == 200 and mark.content_type.split(";")[0] == icon["type"]
    sizes = {(icon["sizes"], icon["purpose"]) for icon in said["icons"]}
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= sizes


def test_every_page_names_it(app: Flask, stranger: Browser) -> None:
    page = stranger.get("/auth/sign-in").text
    assert 'rel="manifest" href="/manifest.webmanifest"' in page and "apple-touch-icon" in page
