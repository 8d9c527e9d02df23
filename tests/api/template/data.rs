//! The table: kept even if the stack is deleted, and replaced by another if one is named.

use serde_json::json;

use super::{FUNCTIONS, TEMPLATE, assert_optional, properties, resources};

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

#[test]
fn the_table_has_a_stream_if_it_is_turned_on() {
    let stream = &properties("Table")["StreamSpecification"];
    assert_optional(stream, "HasStream", &json!({"StreamViewType": "NEW_AND_OLD_IMAGES"}));
    let output = &TEMPLATE["Outputs"]["StreamArn"];
    assert_eq!((&output["Condition"], &output["Value"]), (&json!("HasStream"), &json!({"!GetAtt": "Table.StreamArn"})));
}

#[test]
fn a_key_of_ones_own_encrypts_the_table_and_every_log() {
    let key = json!({"!Ref": "KmsKeyArn"});
    let encryption = json!({"SSEEnabled": true, "SSEType": "KMS", "KMSMasterKeyId": key});
    assert_optional(&properties("Table")["SSESpecification"], "HasKmsKey", &encryption);
    for (id, group) in resources("AWS::Logs::LogGroup") {
        let expected = json!({"!If": ["HasKmsKey", key, {"!Ref": "AWS::NoValue"}]});
        assert_eq!(group["Properties"]["KmsKeyId"], expected, "{id}");
    }
}

#[test]
fn every_function_can_use_the_key_through_dynamodb_only() {
    let policy = &TEMPLATE["Resources"]["KeyPolicy"];
    assert_eq!(policy["Condition"], "HasKmsKey");
    let mut roles = FUNCTIONS.map(|function| json!({"!Ref": function.replace("Function", "Role")})).to_vec();
    roles.sort_by_key(ToString::to_string);
    let mut named = policy["Properties"]["Roles"].as_array().expect("roles").clone();
    named.sort_by_key(ToString::to_string);
    assert_eq!(named, roles);
    let statement = &policy["Properties"]["PolicyDocument"]["Statement"][0];
    assert_eq!(statement["Resource"], json!({"!Ref": "KmsKeyArn"}));
    let service = json!({"kms:ViaService": {"!Sub": "dynamodb.${AWS::Region}.${AWS::URLSuffix}"}});
    assert_eq!(statement["Condition"], json!({"StringEquals": service}));
}
