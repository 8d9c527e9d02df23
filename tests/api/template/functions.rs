//! The functions: one build, and the permissions of each.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{FUNCTIONS, TEMPLATE, alias_of, elements, keys, resources, text};

/// The permissions of a function's role: actions by resource.
fn permissions(function: &str) -> BTreeMap<String, BTreeSet<&'static str>> {
    let role = text(&resources("AWS::Serverless::Function")[function]["Properties"]["Role"]["!GetAtt"]);
    let role = &resources("AWS::IAM::Role")[role.trim_end_matches(".Arn")]["Properties"];
    assert_eq!(keys(role), BTreeSet::from(["AssumeRolePolicyDocument", "Policies"]), "{function} has managed policies");
    let mut permissions: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for policy in elements(&role["Policies"]) {
        for statement in elements(&policy["PolicyDocument"]["Statement"]) {
            assert_eq!(keys(statement), BTreeSet::from(["Action", "Effect", "Resource"]), "{statement}");
            let actions = elements(&statement["Action"]).iter().map(text);
            permissions.entry(statement["Resource"].to_string()).or_default().extend(actions);
        }
    }
    permissions
}

#[test]
fn each_function_can_do_what_it_is_for_and_nothing_else() {
    let may = [
        (
            "CreateFunction",
            "CreateLogGroup",
            ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PartiQLInsert"].as_slice(),
        ),
        ("ReadFunction", "ReadLogGroup", &["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"]),
        (
            "ChangeFunction",
            "ChangeLogGroup",
            &[
                "dynamodb:BatchGetItem",
                "dynamodb:GetItem",
                "dynamodb:PartiQLDelete",
                "dynamodb:PartiQLInsert",
                "dynamodb:PartiQLUpdate",
            ],
        ),
        ("SweepFunction", "SweepLogGroup", &["dynamodb:PartiQLDelete", "dynamodb:Query"]),
    ];
    assert_eq!(BTreeSet::from(FUNCTIONS), may.iter().map(|(function, ..)| *function).collect());
    let existing = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${ExistingTableName}";
    let table_arn = json!({"!If": ["OwnsTable", {"!GetAtt": "Table.Arn"}, {"!Sub": existing}]});
    for (function, log_group, table) in may {
        let expected = BTreeMap::from([
            (table_arn.to_string(), table.iter().copied().collect()),
            (
                json!({"!GetAtt": format!("{log_group}.Arn")}).to_string(),
                BTreeSet::from(["logs:CreateLogStream", "logs:PutLogEvents"]),
            ),
            (json!("*").to_string(), BTreeSet::from(["xray:PutTelemetryRecords", "xray:PutTraceSegments"])),
        ]);
        assert_eq!(permissions(function), expected, "{function}");
    }
}

#[test]
fn all_functions_are_one_build() {
    let functions = resources("AWS::Serverless::Function");
    assert_eq!(functions.keys().copied().collect::<Vec<_>>(), FUNCTIONS);
    for (id, function) in functions {
        let metadata = json!({"BuildMethod": "rust-cargolambda", "BuildProperties": {"Binary": "record-lists"}});
        assert_eq!(function["Metadata"], metadata, "{id}");
        // Anything else is in `Globals`, so that it is the same for all. Only the sweep has a time of its own.
        let mut own = BTreeSet::from(["LoggingConfig", "Role"]);
        own.extend(if id == "SweepFunction" { &["Environment", "Timeout"][..] } else { &[] });
        assert_eq!(keys(&function["Properties"]), own, "{id}");
        assert_eq!(keys(&function["Properties"]["LoggingConfig"]), BTreeSet::from(["LogGroup"]), "{id}");
    }
}

#[test]
fn no_two_functions_share_a_role_or_a_log_group() {
    for property in ["/Properties/Role", "/Properties/LoggingConfig/LogGroup"] {
        let functions = resources("AWS::Serverless::Function");
        let used: BTreeSet<String> =
            functions.values().map(|function| function.pointer(property).expect("it is set").to_string()).collect();
        assert_eq!(used.len(), FUNCTIONS.len(), "{property}: {used:?}");
    }
}

#[test]
fn the_functions_get_the_variables_that_they_read() {
    let names = [
        "ACCOUNT_CLAIM",
        "API_BASE_URL",
        "AWS_ENDPOINT_URL_DYNAMODB",
        "JWT_AUDIENCES",
        "JWT_ISSUERS",
        "TABLE_NAME",
        "TIMEOUT_SECONDS",
    ];
    let variables = &TEMPLATE["Globals"]["Function"]["Environment"]["Variables"];
    assert_eq!(keys(variables), BTreeSet::from(names));
    assert_eq!(variables["JWT_AUDIENCES"], json!({"!Join": [",", {"!Ref": "JwtAudiences"}]}));
    assert_eq!(variables["JWT_ISSUERS"], json!({"!Ref": "JwtIssuers"}));
}

#[test]
fn only_the_api_can_invoke_its_functions_and_only_by_their_methods() {
    let permissions = resources("AWS::Lambda::Permission");
    let sources: BTreeSet<(&str, &str)> = permissions
        .iter()
        .filter(|(id, _)| **id != "SweepPermission")
        .map(|(_, permission)| {
            let permission = &permission["Properties"];
            assert_eq!(permission["Principal"], "apigateway.amazonaws.com", "{permission}");
            let (_, source) =
                text(&permission["SourceArn"]["!Sub"]).split_once("${Api}").expect("the API is the source");
            let invoked = &permission["FunctionName"]["!If"];
            let function = text(&invoked[2]["!Ref"]);
            assert_eq!((&invoked[0], &invoked[1]), (&json!("IsGradual"), &alias_of(function)));
            (function, source)
        })
        .collect();
    let expected = [
        ("CreateFunction", "/*"),
        ("ChangeFunction", "/*/DELETE/*"),
        ("ChangeFunction", "/*/PATCH/*"),
        ("ReadFunction", "/*/GET/*"),
    ];
    assert_eq!(sources, BTreeSet::from(expected));
}
