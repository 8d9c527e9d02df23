//! The limits of the service: on a caller, on the functions and on the table.

use serde_json::json;

use super::{TEMPLATE, assert_optional, properties};

#[test]
fn the_stage_is_throttled() {
    let settings = &properties("Stage")["MethodSettings"][0];
    for limit in ["ThrottlingRateLimit", "ThrottlingBurstLimit"] {
        assert_eq!(settings[limit], json!({"!Ref": limit}));
    }
}

#[test]
fn a_web_acl_is_associated_with_the_stage_if_one_is_named() {
    let association = &TEMPLATE["Resources"]["WebAclAssociation"];
    assert_eq!(association["Condition"], "HasWebAcl");
    assert_eq!(association["Properties"]["WebACLArn"], json!({"!Ref": "WebAclArn"}));
    let stage = "arn:${AWS::Partition}:apigateway:${AWS::Region}::/restapis/${Api}/stages/${Stage}";
    assert_eq!(association["Properties"]["ResourceArn"], json!({"!Sub": stage}));
}

#[test]
fn concurrency_is_reserved_for_each_function_if_a_number_is_given() {
    let reserved = &TEMPLATE["Globals"]["Function"]["ReservedConcurrentExecutions"];
    assert_optional(reserved, "ReservesConcurrency", &json!({"!Ref": "ReservedConcurrency"}));
}

#[test]
fn the_tables_throughput_is_limited_if_a_number_is_given() {
    let throughput = &properties("Table")["OnDemandThroughput"];
    let units = |condition: &str, name: &str| json!({"!If": [condition, {"!Ref": name}, {"!Ref": "AWS::NoValue"}]});
    let limits = json!({
        "MaxReadRequestUnits": units("LimitsReads", "MaxReadRequestUnits"),
        "MaxWriteRequestUnits": units("LimitsWrites", "MaxWriteRequestUnits"),
    });
    assert_optional(throughput, "LimitsThroughput", &limits);
    let either = json!({"!Or": [{"!Condition": "LimitsReads"}, {"!Condition": "LimitsWrites"}]});
    assert_eq!(TEMPLATE["Conditions"]["LimitsThroughput"], either);
}
