"""CloudEvents through the Python SDK: reads those on standard input, or sends some to an address
in each of the modes of the HTTP binding."""
import json
import sys
import urllib.request

from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent as Event
from cloudevents.v1.conversion import to_binary, to_structured
from cloudevents.v1.http import CloudEvent, from_json

if sys.argv[1] == "try":
    sys.exit()
elif sys.argv[1] == "read":
    for line in sys.stdin:
        old, new = from_json(line), JSONFormat().read(Event, line)
        assert old["id"] == new.get_id() and old["source"] == new.get_source()
        print(json.dumps([new.get_id(), new.get_source(), new.get_type(), old.data], ensure_ascii=False))
else:
    attributes = {"type": "order.created", "source": "/Zoë"}
    for number, mode in enumerate([to_structured, to_binary], 1):
        event = CloudEvent({**attributes, "id": f"e-{number}"}, {"n": number})
        headers, body = mode(event)
        request = urllib.request.Request(sys.argv[2], data=body, headers=headers, method="POST")
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 204, answer.status
