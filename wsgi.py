"""What a WSGI server loads: granian, gunicorn or any other."""

from leadcrm.app import create_app
from leadcrm.core.config import load
from leadcrm.core.garbage import spare_what_is_there
from leadcrm.core.readiness import refuse_unready_web

config = load()
refuse_unready_web(config)
app = create_app(config)
spare_what_is_there()
