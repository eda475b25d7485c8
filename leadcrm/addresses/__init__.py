"""From which addresses people may come in: lists per company and per person, looked at on every request.

It says where from, and nothing about who: passwords, second factors and sessions stay auth's.
"""
