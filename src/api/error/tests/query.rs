//! Queries that are wrong.

use serde_json::{Value, json};

use super::{event, list};
use crate::api::endpoint::{Access, Endpoint, Operation};
use crate::api::error::Error;
use crate::api::event::Event;
use crate::api::request::query::{BulkQuery, LookUp, PageQuery, RECORD_ID_RULE, RECORD_LIST_ID_RULE, VALIDATE_ONLY};
use crate::field::Field;
use crate::list::UniqueIdentifierType;

#[expect(clippy::needless_pass_by_value, reason = "the parameters are written where they are used")]
fn query(parameters: Value) -> Event {
    event(json!({"multiValueQueryStringParameters": parameters}))
}

/// Every operation that writes looks for `validate_only`, if only to refuse it.
pub fn reads_a_query(Endpoint { operation, access, .. }: &Endpoint) -> bool {
    *access == Access::Manage || matches!(operation, Operation::ReadRecordLists | Operation::ReadRecords)
}

pub fn query_errors(endpoint: &Endpoint) -> Vec<Error> {
    match endpoint.operation {
        Operation::ReadRecordLists => page_errors(RECORD_LIST_ID_RULE),
        Operation::ReadRecords => page_errors(RECORD_ID_RULE).into_iter().chain(look_up_errors()).collect(),
        Operation::CreateRecords => bulk_errors(BulkQuery::of_create, &validate_only()),
        Operation::UpdateRecords => {
            let wrong = [
                json!({"if_missing": ["a"]}),
                json!({"if_missing": ["create", "create"]}),
                json!({"if_missing": ["a"], "validate_only": ["a"]}),
            ];
            bulk_errors(BulkQuery::of_update, &[&validate_only()[..], &wrong].concat())
        }
        _ if endpoint.access == Access::Manage => {
            let description = "This operation does not have the parameter; leave it out.";
            vec![Error::InvalidQuery(vec![Field::new(VALIDATE_ONLY, description)])]
        }
        _ => Vec::new(),
    }
}

fn page_errors(rule: &'static str) -> Vec<Error> {
    let queries = [
        json!({"per_page": ["0"]}),
        json!({"per_page": ["1", "1"]}),
        json!({"after": [""]}),
        json!({"after": ["a", "a"]}),
    ];
    queries.map(|wrong| PageQuery::of(&query(wrong), |_| None::<()>, rule).expect_err("the query is wrong")).into()
}

fn look_up_errors() -> Vec<Error> {
    let number = json!({"phone_number": ["+351929312319"]});
    let reference = json!({"external_provider": ["salesforce"], "external_id": ["1"]});
    let queries = [
        json!({"phone_number": [""]}),
        json!({"phone_number": ["+351929312319", "+351929312319"]}),
        json!({"external_provider": [""], "external_id": [""]}),
        json!({"external_provider": ["a", "a"], "external_id": ["a", "a"]}),
        json!({"external_provider": ["a"]}),
        json!({"phone_number": ["a"], "external_provider": ["a"], "external_id": ["a"]}),
        json!({"phone_number": ["+351929312319"], "per_page": ["1"], "after": ["a"]}),
    ];
    let wrong = queries.map(|wrong| LookUp::of(&query(wrong)).expect_err("the query is wrong"));
    let types = [UniqueIdentifierType::External, UniqueIdentifierType::PhoneNumber, UniqueIdentifierType::Nothing];
    let of_other_types = [number, reference].into_iter().flat_map(|identifier| {
        let look_up = LookUp::of(&query(identifier)).unwrap().expect("the query has an identifier");
        types.into_iter().filter_map(move |unique| look_up.identifier(&list(unique)).err())
    });
    wrong.into_iter().chain(of_other_types).collect()
}

fn validate_only() -> [Value; 2] {
    [json!({"validate_only": ["a"]}), json!({"validate_only": ["true", "true"]})]
}

fn bulk_errors(read: fn(&Event) -> Result<BulkQuery, Error>, queries: &[Value]) -> Vec<Error> {
    queries.iter().map(|wrong| read(&query(wrong.clone())).expect_err("the query is wrong")).collect()
}
