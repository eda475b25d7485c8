"""What a WSGI server loads: granian, gunicorn or any other."""

from leadcrm.app import create_app

app = create_app()
