"""What tests of exports need: somebody looking, and the queue's work done at once."""

from tests.bulk.conftest import as_ as as_
from tests.bulk.conftest import some_leads as some_leads
from tests.bulk.conftest import work as work
