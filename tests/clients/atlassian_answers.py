"""Answers of Atlassian's services, as their library gives them."""

import requests


def answer(status, body=b"", **headers):
    response = requests.Response()
    response.status_code = status
    response._content = body
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response
