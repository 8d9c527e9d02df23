//! The table: kept whatever happens to the stack, and replaced by another if one is named.

use serde_json::json;

use super::{TEMPLATE, properties};

#[test]
fn the_table_is_kept_whatever_happens_to_the_stack() {
    let table = &TEMPLATE["Resources"]["Table"];
    assert_eq!((&table["DeletionPolicy"], &table["UpdateReplacePolicy"]), (&json!("Retain"), &json!("Retain")));
    assert_eq!(table["Properties"]["DeletionProtectionEnabled"], true);
    assert_eq!(table["Properties"]["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
}

#[test]
fn another_table_takes_the_place_of_the_stacks_own() {
    assert_eq!(TEMPLATE["Resources"]["Table"]["Condition"], "OwnsTable");
    let name = json!({"!If": ["OwnsTable", {"!Ref": "Table"}, {"!Ref": "ExistingTableName"}]});
    assert_eq!(TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]["TABLE_NAME"], name);
    assert_eq!(TEMPLATE["Outputs"]["TableName"]["Value"], name);
    assert_eq!(properties("Dashboard")["DashboardBody"]["!Sub"][1]["TableName"], name);
}
