"""The collection in `bruno/` is what `make docs` writes, and has a request for each operation."""

from mock_oms.contract.openapi import contract_for
from tests.documents.collection import FOLDER, LEFT_OUT, collection
from tests.documents.references import control_api


def test_the_collection_is_what_make_docs_writes() -> None:
    files = {str(one.relative_to(FOLDER)): one.read_text("utf-8") for one in FOLDER.rglob("*") if one.is_file()}
    assert files == collection()


def test_each_operation_of_both_documents_has_a_request_or_is_left_out_by_name() -> None:
    paths = [path for one in (contract_for(None), control_api()) for path in one["paths"].values()]
    names = {item["operationId"] for path in paths for item in path.values() if "operationId" in item}
    requests = {path.rpartition("/")[2].removesuffix(".bru") for path in collection() if path.endswith(".bru")}
    assert requests - {"folder", "collection", "local"} == names - LEFT_OUT
