"""Walks through the API with the generated Python client: every operation, and errors as types."""

import os
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

from record_lists_client import AuthenticatedClient
from record_lists_client.api.record_lists import (
    create_record_list,
    delete_record_list,
    read_record_list,
    read_record_lists,
    update_record_list,
)
from record_lists_client.api.records import (
    create_records,
    delete_record,
    delete_records,
    read_record,
    read_records,
    update_record,
    update_records,
)
from record_lists_client.models import (
    ChangedRecord,
    ChangeStatus,
    CreatableRecord,
    CreateRecordListRequest,
    CreateRecordsRequest,
    CreateRecordsResponse,
    DeleteRecordsResponse,
    DeletionErrorCode,
    Error,
    ErrorCode,
    ExtraData,
    NewPhoneNumber,
    NewRecord,
    PhoneType,
    Record,
    RecordById,
    RecordByPhoneNumber,
    RecordErrorCode,
    RecordList,
    RecordListPage,
    RecordPage,
    RecordPatch,
    RecordToCreate,
    RefusedPatch,
    RefusedRecord,
    UniqueIdentifierType,
    UnprocessableRecordError,
    UpdateRecordListRequest,
    UpdateRecordsIfMissing,
    UpdateRecordsRequest,
    UpdateRecordsResponse,
    ValidateRecordsResponse,
)
from record_lists_client.types import UNSET

URL = os.environ["API"]
CLIENT = AuthenticatedClient(URL, os.environ["TOKEN"], raise_on_unexpected_status=True)
STRANGER = AuthenticatedClient(URL, "not-a-token", raise_on_unexpected_status=True)


def parsed(response, status, kind):
    """The response's body, which must be of `kind`."""
    assert response.status_code == status, response
    assert isinstance(response.parsed, kind), response.parsed
    return response.parsed


def assert_error(response, status, code, fields=()):
    error = parsed(response, status, Error)
    assert error.code == code, error
    assert [field.name for field in error.fields] == list(fields), error


def new_record(number, first_name, **members):
    numbers = [NewPhoneNumber(phone_number=number, phone_type=PhoneType.MOBILE)]
    return NewRecord(phone_numbers=numbers, first_name=first_name, last_name="Doe", **members)


def create_list():
    body = CreateRecordListRequest(name="Leads", unique_identifier_type=UniqueIdentifierType.PHONE_NUMBER)
    key = str(uuid4())
    response = create_record_list.sync_detailed(client=CLIENT, body=body, idempotency_key=key)
    created = parsed(response, HTTPStatus.CREATED, RecordList)
    assert response.headers["Location"] == created.field_links.self_.href
    again = create_record_list.sync_detailed(client=CLIENT, body=body, idempotency_key=key)
    assert parsed(again, HTTPStatus.CREATED, RecordList) == created
    assert parsed(read_record_list.sync_detailed(created.id, client=CLIENT), HTTPStatus.OK, RecordList) == created
    lists = parsed(read_record_lists.sync_detailed(client=CLIENT), HTTPStatus.OK, RecordListPage)
    assert created in lists.field_embedded.record_lists
    return created.id


def load(record_list_id):
    """Loads three records, and returns the two that are created."""
    extra_data = ExtraData.from_dict({"job": "Actor", "awards": [1, 2.5, None]})
    records = [
        new_record("+351 929 312 319", "Joey", timezone="europe/lisbon", priority=7, extra_data=extra_data),
        new_record("+351929312319", "Joe", sync_external_id=False),
        new_record("+351929312318", "Jane"),
        new_record("929312317", "Jim", priority=11),
    ]
    body = CreateRecordsRequest(records=records)
    batch = parsed(create_records.sync_detailed(record_list_id, client=CLIENT, body=body), 201, CreateRecordsResponse)
    assert (batch.has_error, batch.total_created, batch.total_errors) == (True, 2, 2)
    joey, joe, jane, jim = batch.field_embedded.records
    assert isinstance(joey, Record) and isinstance(jane, Record)
    assert (joey.phone_number, joey.timezone, joey.priority) == ("+351929312319", "Europe/Lisbon", 7)
    assert joey.extra_data.to_dict() == extra_data.to_dict()
    assert isinstance(joe, RefusedRecord) and joe.errors == [RecordErrorCode.PHONE_NUMBER_NOT_UNIQUE]
    assert joe.field_links.existing_record.href == joey.field_links.self_.href
    assert isinstance(jim, RefusedRecord)
    assert jim.errors == [RecordErrorCode.PHONE_NUMBER_INVALID, RecordErrorCode.PRIORITY_INVALID]
    assert [field.name for field in jim.fields] == ["phone_numbers[0].phone_number", "priority"]
    return [joey, jane]


def read_all(record_list_id):
    """Every record of the list, read in pages of one."""
    records, after = [], UNSET
    while True:
        response = read_records.sync_detailed(record_list_id, client=CLIENT, per_page=1, after=after)
        page = parsed(response, HTTPStatus.OK, RecordPage)
        assert (page.count, page.per_page) == (len(page.field_embedded.records), 1)
        records += page.field_embedded.records
        if page.field_links.next_ is UNSET:
            return records
        after = UUID(parse_qs(urlsplit(page.field_links.next_.href).query)["after"][0])


def look_up(record_list_id, record):
    response = read_records.sync_detailed(record_list_id, client=CLIENT, phone_number=record.phone_number)
    page = parsed(response, HTTPStatus.OK, RecordPage)
    assert page.field_embedded.records == [record]
    none = read_records.sync_detailed(record_list_id, client=CLIENT, phone_number="+351929312300")
    assert parsed(none, HTTPStatus.OK, RecordPage).count == 0


def dry_run(record_list_id, record):
    """What creating and changing would do; nothing changes."""
    body = CreateRecordsRequest(records=[new_record("+351929312310", "Jack"), new_record(record.phone_number, "Joe")])
    response = create_records.sync_detailed(record_list_id, client=CLIENT, body=body, validate_only=True)
    batch = parsed(response, HTTPStatus.OK, ValidateRecordsResponse)
    jack, joe = batch.field_embedded.records
    assert isinstance(jack, CreatableRecord) and isinstance(joe, RefusedRecord)
    patches = [RecordPatch(phone_number=record.phone_number, priority=1), RecordPatch.from_dict(jack.to_dict())]
    outcome = change(record_list_id, patches, validate_only=True)
    joey, jack = outcome.field_embedded.records
    assert isinstance(joey, ChangedRecord) and (joey.status, joey.priority) == (ChangeStatus.UPDATED, 1)
    assert isinstance(jack, RecordToCreate)
    read = read_record.sync_detailed(record_list_id, record.id, client=CLIENT)
    assert parsed(read, HTTPStatus.OK, Record) == record


def change(record_list_id, patches, **query):
    body = UpdateRecordsRequest(records=patches)
    response = update_records.sync_detailed(record_list_id, client=CLIENT, body=body, **query)
    return parsed(response, HTTPStatus.OK, UpdateRecordsResponse)


def change_one(record_list_id, record, other):
    """Changes a record by its ETag, and meets what refuses a change. Returns the record."""
    read = read_record.sync_detailed(record_list_id, record.id, client=CLIENT)
    etag = read.headers["ETag"]
    patch = RecordPatch(first_name="Joseph", timezone=None, extra_data=ExtraData.from_dict({"city": "Porto"}))
    response = update_record.sync_detailed(record_list_id, record.id, client=CLIENT, body=patch, if_match=etag)
    changed = parsed(response, HTTPStatus.OK, Record)
    assert (changed.first_name, changed.timezone, changed.last_name) == ("Joseph", UNSET, record.last_name)
    assert changed.extra_data["city"] == "Porto" and changed.extra_data["job"] == "Actor"
    assert changed.updated_at > record.updated_at and response.headers["ETag"] != etag
    stale = update_record.sync_detailed(
        record_list_id, record.id, client=CLIENT, body=RecordPatch(priority=1), if_match=etag
    )
    assert_error(stale, HTTPStatus.PRECONDITION_FAILED, ErrorCode.PRECONDITION_FAILED)
    numbers = [NewPhoneNumber(record.phone_number, PhoneType.MOBILE), NewPhoneNumber(other.phone_number, PhoneType.HOME)]
    taken = update_record.sync_detailed(
        record_list_id, record.id, client=CLIENT, body=RecordPatch(phone_numbers=numbers)
    )
    error = parsed(taken, HTTPStatus.UNPROCESSABLE_ENTITY, UnprocessableRecordError)
    assert error.errors == [RecordErrorCode.PHONE_NUMBER_NOT_UNIQUE]
    assert error.field_links.existing_record.href == other.field_links.self_.href
    return changed


def bring_up_to_date(record_list_id, records):
    """Sends what was read back, with one member changed, one new record and one that is refused."""
    patches = [RecordPatch.from_dict(record.to_dict()) for record in records]
    patches[1].priority = 10
    patches.append(RecordPatch.from_dict(new_record("+351929312311", "Jim").to_dict()))
    patches.append(RecordPatch(phone_number="+351929312312", first_name="Jo"))
    outcome = change(record_list_id, patches)
    unchanged, updated, created, refused = outcome.field_embedded.records
    assert [unchanged.status, updated.status, created.status] == list(
        (ChangeStatus.UNCHANGED, ChangeStatus.UPDATED, ChangeStatus.CREATED)
    )
    assert (updated.priority, updated.id) == (10, records[1].id)
    assert isinstance(refused, RefusedPatch) and refused.errors == [RecordErrorCode.LAST_NAME_MISSING]
    totals = (outcome.total_created, outcome.total_updated, outcome.total_unchanged, outcome.total_errors)
    assert totals == (1, 1, 1, 1) and outcome.has_errors
    missing = change(record_list_id, patches[-1:], if_missing=UpdateRecordsIfMissing.REFUSE)
    assert missing.field_embedded.records[0].errors == [RecordErrorCode.RECORD_NOT_FOUND]
    return created


def rename_list(record_list_id):
    body = UpdateRecordListRequest(name="Customers")
    renamed = parsed(update_record_list.sync_detailed(record_list_id, client=CLIENT, body=body), 200, RecordList)
    assert (renamed.name, renamed.id) == ("Customers", record_list_id)


def delete_list(record_list_id):
    response = delete_record_list.sync_detailed(record_list_id, client=CLIENT)
    assert (response.status_code, response.content) == (HTTPStatus.ACCEPTED, b"")
    for again in [delete_record_list, read_record_list]:
        gone = again.sync_detailed(record_list_id, client=CLIENT)
        assert_error(gone, HTTPStatus.NOT_FOUND, ErrorCode.RECORD_LIST_NOT_FOUND)


def delete_one(record_list_id, record):
    response = delete_record.sync_detailed(record_list_id, record.id, client=CLIENT)
    assert (response.status_code, response.content) == (HTTPStatus.NO_CONTENT, b"")
    again = delete_record.sync_detailed(record_list_id, record.id, client=CLIENT)
    assert_error(again, HTTPStatus.NOT_FOUND, ErrorCode.RECORD_NOT_FOUND)
    gone = read_record.sync_detailed(record_list_id, record.id, client=CLIENT)
    assert_error(gone, HTTPStatus.NOT_FOUND, ErrorCode.RECORD_NOT_FOUND)


def delete_bulk(record_list_id, deleted, changed, remaining):
    body = [
        RecordByPhoneNumber(remaining.phone_number),
        RecordById(deleted.id),
        RecordByPhoneNumber("929312317"),
        RecordById(changed.id, updated_at=changed.created_at.isoformat()),
    ]
    response = delete_records.sync_detailed(record_list_id, client=CLIENT, body=body)
    outcome = parsed(response, HTTPStatus.OK, DeleteRecordsResponse)
    assert (outcome.has_errors, outcome.total_deleted, outcome.total_errors) == (True, 1, 3)
    failed = outcome.field_embedded.failed_records
    assert [(entry.errors, entry.fields[0].name) for entry in failed] == [
        ([DeletionErrorCode.RECORD_NOT_FOUND], "id"),
        ([DeletionErrorCode.IDENTIFIER_INVALID], "phone_number"),
        ([DeletionErrorCode.RECORD_CHANGED], "updated_at"),
    ]
    assert [record.id for record in read_all(record_list_id)] == [changed.id]


def meet_errors(record_list_id):
    assert_error(read_record_lists.sync_detailed(client=STRANGER), HTTPStatus.UNAUTHORIZED, ErrorCode.UNAUTHORIZED)
    other = read_records.sync_detailed(str(uuid4()), client=CLIENT)
    assert_error(other, HTTPStatus.NOT_FOUND, ErrorCode.RECORD_LIST_NOT_FOUND)
    query = read_records.sync_detailed(record_list_id, client=CLIENT, per_page=0)
    assert_error(query, HTTPStatus.BAD_REQUEST, ErrorCode.INVALID_QUERY, ["per_page"])
    empty = create_records.sync_detailed(record_list_id, client=CLIENT, body=CreateRecordsRequest(records=[]))
    assert_error(empty, HTTPStatus.BAD_REQUEST, ErrorCode.INVALID_BODY, ["records"])
    nameless = create_record_list.sync_detailed(client=CLIENT, body=CreateRecordListRequest(name=" "))
    assert_error(nameless, HTTPStatus.BAD_REQUEST, ErrorCode.INVALID_BODY, ["name"])
    body = CreateRecordsRequest(records=[new_record("+351929312319", "Joey")])
    key = create_records.sync_detailed(record_list_id, client=CLIENT, body=body, idempotency_key="two words")
    assert_error(key, HTTPStatus.BAD_REQUEST, ErrorCode.INVALID_IDEMPOTENCY_KEY, ["Idempotency-Key"])


def walk():
    record_list_id = create_list()
    created = load(record_list_id)
    assert read_all(record_list_id) == sorted(created, key=lambda record: record.id.hex)
    for record in created:
        read = read_record.sync_detailed(record_list_id, record.id, client=CLIENT)
        assert parsed(read, HTTPStatus.OK, Record) == record
    joey, jane = created
    look_up(record_list_id, joey)
    dry_run(record_list_id, joey)
    joey = change_one(record_list_id, joey, jane)
    jim = bring_up_to_date(record_list_id, [joey, jane])
    rename_list(record_list_id)
    delete_one(record_list_id, joey)
    delete_bulk(record_list_id, joey, jane, jim)
    meet_errors(record_list_id)
    delete_list(record_list_id)
    print("The generated client did every operation, and read every error.")


if __name__ == "__main__":
    walk()
