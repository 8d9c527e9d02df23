//! Gradual deployments: nothing of them exists without a release, and with one every function of the API has all of it.

use std::collections::BTreeSet;

use serde_json::json;

use super::{API_FUNCTIONS, TEMPLATE, assert_optional, properties, resources};

/// The parts of each function's deployment, by the end of their names.
const OF_A_FUNCTION: [(&str, &str); 3] = [
    ("Version", "AWS::Lambda::Version"),
    ("Alias", "AWS::Lambda::Alias"),
    ("DeploymentGroup", "AWS::CodeDeploy::DeploymentGroup"),
];

#[test]
fn without_a_release_there_are_no_versions_aliases_or_deployment_groups() {
    for (suffix, kind) in OF_A_FUNCTION {
        let resources = resources(kind);
        let expected = API_FUNCTIONS.map(|function| function.replace("Function", suffix));
        assert_eq!(resources.keys().map(ToString::to_string).collect::<BTreeSet<_>>(), BTreeSet::from(expected));
        assert!(resources.values().all(|resource| resource["Condition"] == "IsGradual"), "{kind}");
    }
    for id in ["DeploymentApplication", "DeploymentRole"] {
        assert_eq!(TEMPLATE["Resources"][id]["Condition"], "IsGradual", "{id}");
    }
    assert_eq!(TEMPLATE["Conditions"]["IsAtOnce"], json!({"!Equals": [{"!Ref": "Release"}, ""]}));
}

#[test]
fn a_release_is_another_version_of_every_function_of_the_api() {
    let description = &TEMPLATE["Globals"]["Function"]["Description"];
    assert_optional(description, "IsGradual", &json!({"!Sub": "Release ${Release}"}));
    for (id, version) in resources("AWS::Lambda::Version") {
        assert_eq!(version["Properties"]["Description"], json!({"!Ref": "Release"}), "{id}");
        assert_eq!(version["Properties"]["FunctionName"], json!({"!Ref": id.replace("Version", "Function")}), "{id}");
        assert_eq!(version["UpdateReplacePolicy"], "Retain", "{id}");
    }
}

#[test]
fn codedeploy_moves_each_alias_to_its_version() {
    for (id, alias) in resources("AWS::Lambda::Alias") {
        let group = id.replace("Alias", "DeploymentGroup");
        let update =
            json!({"ApplicationName": {"!Ref": "DeploymentApplication"}, "DeploymentGroupName": {"!Ref": group}});
        assert_eq!(alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"], update, "{id}");
        let version = format!("{}.Version", id.replace("Alias", "Version"));
        assert_eq!(alias["Properties"]["FunctionVersion"], json!({"!GetAtt": version}), "{id}");
        let ready = json!({"ProvisionedConcurrentExecutions": {"!Ref": "ProvisionedConcurrency"}});
        assert_optional(&alias["Properties"]["ProvisionedConcurrencyConfig"], "ProvisionsConcurrency", &ready);
    }
}

#[test]
fn an_alarm_ends_a_deployment_and_takes_it_back() {
    for (id, group) in resources("AWS::CodeDeploy::DeploymentGroup") {
        let group = &group["Properties"];
        let alarms = json!([{"Name": {"!Ref": "FunctionErrorsAlarm"}}, {"Name": {"!Ref": "ApiErrorsAlarm"}}]);
        assert_eq!(group["AlarmConfiguration"], json!({"Enabled": true, "Alarms": alarms}), "{id}");
        let events = json!(["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]);
        assert_eq!(group["AutoRollbackConfiguration"], json!({"Enabled": true, "Events": events}), "{id}");
        assert_eq!(group["DeploymentConfigName"], json!({"!Sub": "CodeDeployDefault.${TrafficShift}"}), "{id}");
    }
}

/// The alarms would wait for the stage, the stage for the methods, the methods for the aliases, and these for the alarms.
#[test]
fn no_alarm_of_a_deployment_waits_for_the_stage() {
    for id in ["FunctionErrorsAlarm", "ApiErrorsAlarm"] {
        let alarm = properties(id).to_string();
        assert!(!alarm.contains(r#"{"!Ref":"Stage"}"#) && !alarm.contains("${Stage}"), "{id}: {alarm}");
    }
}
