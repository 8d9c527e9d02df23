//! How evenly the records of one list spread over its 16 shards: `cargo run --release --example spread -- 1000000`.
//!
//! Fails where the spread is less even than chance makes it.

#![allow(clippy::expect_used)]

use std::env;

use record_lists::body;
use record_lists::identity::{self, RequestToken};
use record_lists::list::{RecordList, RecordListId, UniqueIdentifierType};
use record_lists::record::Record;

/// The 99.9th percentile of chi-square with 15 degrees of freedom.
const CHI_SQUARE_LIMIT: f64 = 37.70;

fn main() {
    let records: u32 = env::args().nth(1).map_or(1_000_000, |count| count.parse().expect("a number of records"));
    for unique_identifier_type in [UniqueIdentifierType::External, UniqueIdentifierType::PhoneNumber] {
        let id = RecordListId::parse("3f6c1a52-8f0e-4d27-9b1e-5a0c7d9e1f01").expect("an ID");
        let list = RecordList { account: "7d1f0c52".to_owned(), id, unique_identifier_type };
        let mut shards = [0_u32; 16];
        (0..records).for_each(|number| shards[shard(&list, number)] += 1);
        report(unique_identifier_type, records, &shards);
    }
}

/// The shard of a record as it would come in: numbered references and phone numbers, as real ones are.
fn shard(list: &RecordList, number: u32) -> usize {
    let body = format!(
        r#"{{"records":[{{"phone_number":"+1202{:07}","first_name":"A","last_name":"B",
        "external_provider":"crm","external_id":"C-{number}"}}]}}"#,
        2_000_000 + number
    );
    let drafts = body::drafts(body.as_bytes()).expect("the body is good");
    let draft = drafts.iter().flatten().next().expect("a record");
    let record = Record::parse(draft, list.unique_identifier_type).expect("the record is good");
    let ids = identity::ids(list, &record, RequestToken::new(list, None, &[]), 0);
    usize::from(ids[0].as_bytes()[0] >> 4)
}

fn report(unique: UniqueIdentifierType, records: u32, shards: &[u32; 16]) {
    let expected = f64::from(records) / 16.0;
    let chi_square: f64 = shards.iter().map(|shard| (f64::from(*shard) - expected).powi(2) / expected).sum();
    let largest = shards.iter().map(|shard| f64::from(*shard) / expected).fold(0.0, f64::max);
    println!("{unique:?}: the fullest shard has {largest:.4} times its share, chi-square {chi_square:.1}: {shards:?}");
    assert!(chi_square < CHI_SQUARE_LIMIT, "less even than chance");
}
