"""A connector in a few lines: fetches an order from a shop and reports to SyncHive what it does.

Try it without an account:  hivelog sandbox run -- python3 examples/connector.py
"""
import json, os, urllib.request, uuid
from datetime import datetime, timezone

URL = os.environ["SYNCHIVE_URL"] + "/data-service/v1/eventLog"
HEADERS = {
    "X-Shop-Connector-Key": os.environ["SYNCHIVE_KEY"],
    "limber-connector": "shop_connector",
    "Content-Type": "application/json",
}


def log(order, journey, code, stage, outcome, **more):
    body = {
        "eventCode": code, "direction": "INBOUND", "lifeCycleStage": stage, "outcome": outcome,
        "generatedAt": datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
        "correlationId": journey, "integrationKey": "ShopNZ", "mode": "SANDBOX",
        "shapeName": "SalesOrder", "schemaName": "limber", "schemaVersion": "2.1.0",
        "dataId": {"@type": "DataReference", "schemaName": "limber", "shapeName": "SalesOrder",
                   "externalIdentities": [{"integrationKey": "ShopNZ", "externalId": order}]},
        **more,
    }
    request = urllib.request.Request(URL, json.dumps(body).encode(), HEADERS, method="PUT")
    urllib.request.urlopen(request, timeout=10).close()


def collect(order, reachable=True):
    journey = str(uuid.uuid4())
    log(order, journey, "5004N", "INBOUND_1", "PROCESSING")
    if not reachable:
        detail = "Order not collected yet.\nThe shop does not answer.\nNothing to do: it is tried again."
        log(order, journey, "4003W", "INBOUND_1", "RETRYING", detail=detail)
    log(order, journey, "2000N", "INBOUND_2", "PROCESSING")


collect("1001")
collect("1002", reachable=False)
