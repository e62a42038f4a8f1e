"""What the switches about the list change: its shape, its pages and its order."""

from mock_oms.contract.document import Node, component, json_body, member, operation, rename, reword

_LIST = "listOrderExecutionPlans"
_ARRAY_SOURCE = "plans page: says list and no more; that it is a bare array is this scenario's choice"
_ORDERS = {
    "id": "the oldest id first",
    "modified_date": "the one that has not changed for the longest time first",
    "unstable": "in no order that holds from one page to the next",
}


def page_size(document: Node, size: int) -> None:
    """Another default; a scenario's is never above the maximum."""
    limit = component(document, "parameters", "limit")
    limit["schema"]["default"] = size
    limit["x-source"] = "OMS samples: the parameter; its figures are this scenario's"


def max_page_size(document: Node, size: int) -> None:
    """Another maximum: of the parameter, and of the rows on a page."""
    limit = component(document, "parameters", "limit")
    reword(limit, "Above 100 is read as 100", f"Above {size} is read as {size}")
    limit["schema"]["maximum"] = size
    limit["x-source"] = "OMS samples: the parameter; its figures are this scenario's"
    member(document, "PlanPage", "results")["maxItems"] = size


def page_size_parameter(document: Node, name: str) -> None:
    """Another name for `limit`."""
    limit = rename(document, "parameters", "limit", name)
    limit |= {"name": name, "x-source": f"OMS samples: one page says `{name}`, most say `limit`"}


def order(document: Node, by: str) -> None:
    """Another order, of which only the description can tell."""
    listed = operation(document, _LIST)
    reword(listed, "the newest id first", _ORDERS[by])
    reword(listed, "order and pages are inferred", "pages are inferred", key="x-source")
    listed["x-source"] += "; the order is this scenario's choice"


def array(document: Node, _: str) -> None:
    """No envelope and no pages: all that was said of pages goes, and of the 404s that of the format is left."""
    _unpaged(operation(document, _LIST))
    for name in {"page", "limit", "page_size"} & set(document["components"]["parameters"]):
        del document["components"]["parameters"][name]
    schemas = document["components"]["schemas"]
    del schemas["PlanPage"], schemas["NoSuchPage"]
    schemas["PlanList"] = {
        "type": "array",
        "items": {"$ref": "#/components/schemas/OrderExecutionPlan"},
        "description": "All plans, without an envelope.",
        "x-provenance": "assumed",
        "x-source": _ARRAY_SOURCE,
    }
    _answer_in_full(rename(document, "responses", "PlanPage", "PlanList"))
    _refuse_formats_only(rename(document, "responses", "NoSuchPage", "PlansNoSuchFormat"))


def _unpaged(listed: Node) -> None:
    reword(listed, "One page of plans", "All plans as a bare array")
    kept, _, _ = listed["description"].partition("\n\nPages are cut")
    listed["description"] = f"{kept}\n\nThere are no pages. Parameters that are not named here are ignored.\n"
    listed["parameters"] = [{"$ref": "#/components/parameters/format"}]
    listed["x-source"] = (
        "plans page: path and method; the lack of pages is this scenario's choice, and the order at best inferred"
    )


def _answer_in_full(response: Node) -> None:
    response |= {"description": "All plans.", "x-provenance": "assumed", "x-source": _ARRAY_SOURCE}
    json_body(response)["schema"] = {"$ref": "#/components/schemas/PlanList"}
    link = response["links"]["FirstPlan"]
    reword(link, "of the page", "of the list")
    link["parameters"] = {"id": "$response.body#/0/id"}


def _refuse_formats_only(response: Node) -> None:
    response["description"] = "No such `format`."
    body = json_body(response)
    body["schema"] = {"$ref": "#/components/schemas/NoSuchFormat"}
    del body["examples"]["page"]
