//! The API: its deployment, its methods and API Gateway's own responses.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use uuid::Uuid;

use super::{TEMPLATE, alias_of, assert_optional, elements, keys, properties, resources, text};

/// The resources that a deployment of the API is a snapshot of.
const SNAPSHOT: [&str; 5] = [
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Authorizer",
    "AWS::ApiGateway::Resource",
    "AWS::ApiGateway::Method",
    "AWS::ApiGateway::GatewayResponse",
];

/// The names of the deployments, the one that invokes aliases last. Each ends in the first 12 digits of a hash of the
/// snapshot's properties.
fn deployment_names() -> [String; 2] {
    let snapshot = SNAPSHOT.into_iter().flat_map(resources);
    let mut properties: Value =
        snapshot.map(|(id, resource)| (id.to_owned(), resource["Properties"].clone())).collect();
    properties.sort_all_objects(); // Another crate may enable serde_json's `preserve_order`.
    let hash = Uuid::new_v5(&Uuid::NAMESPACE_OID, properties.to_string().as_bytes()).simple().to_string();
    ["Deployment", "GradualDeployment"].map(|name| format!("{name}{}", &hash[..12]))
}

/// The function behind a method, which gradual deployments reach by its alias.
fn target(method: &Value) -> &str {
    let uri = &method["Integration"]["Uri"]["!Sub"];
    assert!(text(&uri[0]).ends_with(":lambda:path/2015-03-31/functions/${Function}/invocations"), "{uri}");
    let invoked = &uri[1]["Function"]["!If"];
    let function = text(&invoked[2]["!GetAtt"]).strip_suffix(".Arn").expect("the function is named by its ARN");
    assert_eq!((&invoked[0], &invoked[1]), (&json!("IsGradual"), &alias_of(function)));
    function
}

#[test]
fn a_changed_api_gets_a_new_deployment() {
    let [at_once, gradual] = deployment_names();
    let deployments = resources("AWS::ApiGateway::Deployment");
    let named = deployments.keys().copied().collect::<Vec<_>>().join(" and ");
    assert!(
        named == format!("{at_once} and {gradual}"),
        "the API in template.yaml has changed: rename {named} to {at_once} and {gradual}, or the change is not served"
    );
    assert_eq!(deployments[&*at_once]["Condition"], "IsAtOnce");
    assert_eq!(deployments[&*gradual]["Condition"], "IsGradual");
    let served = json!({"!If": ["IsGradual", {"!Ref": gradual}, {"!Ref": at_once}]});
    assert_eq!(properties("Stage")["DeploymentId"], served, "the stage must serve the deployment");
}

#[test]
fn a_deployment_waits_for_all_that_it_is_a_snapshot_of() {
    // A method refers to the API, its resource and the authorizer, so CloudFormation creates those first anyway.
    let snapshot = ["AWS::ApiGateway::Method", "AWS::ApiGateway::GatewayResponse"].into_iter().flat_map(resources);
    let snapshot: BTreeSet<&str> = snapshot.map(|(id, _)| id).collect();
    for (id, deployment) in resources("AWS::ApiGateway::Deployment") {
        let waits_for: BTreeSet<&str> = elements(&deployment["DependsOn"]).iter().map(text).collect();
        assert_eq!(waits_for, snapshot, "{id}");
    }
}

#[test]
fn every_method_reaches_its_function_with_a_verified_token() {
    let methods = resources("AWS::ApiGateway::Method");
    let reached: BTreeSet<(String, &str, &str)> = methods
        .values()
        .map(|method| {
            let method = &method["Properties"];
            assert_eq!(method["AuthorizationType"], "JWT", "{method}");
            assert_eq!(method["AuthorizerId"], json!({"!Ref": "JwtAuthorizer"}), "{method}");
            assert_eq!(method["Integration"]["Type"], "AWS_PROXY", "{method}");
            (method["ResourceId"].to_string(), text(&method["HttpMethod"]), target(method))
        })
        .collect();
    let proxy = || json!({"!Ref": "ProxyResource"}).to_string();
    let expected = BTreeSet::from([
        (proxy(), "GET", "ReadFunction"),
        (proxy(), "DELETE", "ChangeFunction"),
        (proxy(), "PATCH", "ChangeFunction"),
        (proxy(), "ANY", "CreateFunction"),
        (json!({"!GetAtt": "Api.RootResourceId"}).to_string(), "ANY", "CreateFunction"),
    ]);
    assert_eq!(reached, expected);
}

#[test]
fn every_issuer_is_trusted_with_every_audience() {
    let padded = json!({"!Split": [",", {"!Sub": "${JwtIssuers},"}]});
    let has_second = json!({"!Not": [{"!Equals": [{"!Select": [1, padded]}, ""]}]});
    assert_eq!(TEMPLATE["Conditions"]["HasSecondIssuer"], has_second);
    let issuers = &properties("JwtAuthorizer")["JwtConfiguration"]["Issuers"];
    let first = json!({"!Select": [0, {"!Split": [",", {"!Ref": "JwtIssuers"}]}]});
    assert_eq!(issuers[0], json!({"Issuer": first, "Audiences": {"!Ref": "JwtAudiences"}}));
    let second = json!({"Issuer": {"!Select": [1, padded]}, "Audiences": {"!Ref": "JwtAudiences"}});
    assert_optional(&issuers[1], "HasSecondIssuer", &second);
}

#[test]
fn the_api_speaks_tls_1_2_or_later_to_its_own_name_only() {
    let api = properties("Api");
    assert!(text(&api["SecurityPolicy"]).starts_with("SecurityPolicy_TLS13_1_2_"), "{api}");
    assert_eq!(api["EndpointAccessMode"], "STRICT");
    assert_eq!(api["DisableExecuteApiEndpoint"], json!({"!Ref": "DisableExecuteApiEndpoint"}));
}

#[test]
fn access_logs_and_function_lines_find_each_other() {
    let format = text(&properties("Stage")["AccessLogSetting"]["!If"][1]["Format"]);
    let format: Value = serde_json::from_str(format).expect("a line of the access logs is JSON");
    assert_eq!(format["requestId"], "$context.requestId");
    assert_eq!(format["extendedRequestId"], "$context.extendedRequestId");
    assert_eq!(format["lambdaRequestId"], "$context.awsEndpointRequestId");
}

#[test]
fn a_response_of_api_gateway_keeps_the_status_of_its_kind() {
    let responses = resources("AWS::ApiGateway::GatewayResponse");
    let statuses: BTreeMap<&str, (&str, String)> = responses
        .values()
        .map(|response| {
            let response = &response["Properties"];
            let body: Value = serde_json::from_str(text(&response["ResponseTemplates"]["application/json"]))
                .unwrap_or_else(|error| panic!("{response}: {error}"));
            assert_eq!(keys(&body), BTreeSet::from(["code", "description", "fields", "message"]), "{body}");
            (text(&response["ResponseType"]), (text(&response["StatusCode"]), text(&body["code"]).to_owned()))
        })
        .collect();
    let expected = [
        ("ACCESS_DENIED", "403", "FORBIDDEN"),
        ("AUTHORIZER_CONFIGURATION_ERROR", "503", "SERVICE_UNAVAILABLE"),
        ("AUTHORIZER_FAILURE", "503", "SERVICE_UNAVAILABLE"),
        ("BAD_REQUEST_BODY", "400", "INVALID_BODY"),
        ("BAD_REQUEST_PARAMETERS", "400", "INVALID_QUERY"),
        ("DEFAULT_4XX", "403", "FORBIDDEN"),
        ("DEFAULT_5XX", "500", "INTERNAL_ERROR"),
        ("EXPIRED_TOKEN", "401", "UNAUTHORIZED"),
        ("INVALID_SIGNATURE", "401", "UNAUTHORIZED"),
        ("MISSING_AUTHENTICATION_TOKEN", "401", "UNAUTHORIZED"),
        ("QUOTA_EXCEEDED", "429", "TOO_MANY_REQUESTS"),
        ("REQUEST_TOO_LARGE", "413", "PAYLOAD_TOO_LARGE"),
        ("THROTTLED", "429", "TOO_MANY_REQUESTS"),
        ("UNAUTHORIZED", "401", "UNAUTHORIZED"),
        ("UNSUPPORTED_MEDIA_TYPE", "415", "UNSUPPORTED_MEDIA_TYPE"),
    ];
    assert_eq!(statuses, expected.into_iter().map(|(kind, status, code)| (kind, (status, code.to_owned()))).collect());
}

#[test]
fn a_default_deployment_needs_nothing_of_the_account() {
    let setting = &properties("Stage")["AccessLogSetting"]["!If"];
    assert_eq!((&setting[0], &setting[2]), (&json!("WritesAccessLogs"), &json!({"!Ref": "AWS::NoValue"})));
    for id in ["ApiGatewayLogsRole", "ApiGatewayAccount"] {
        assert_eq!(TEMPLATE["Resources"][id]["Condition"], "SetsApiGatewayLogsRole", "{id}");
    }
}
