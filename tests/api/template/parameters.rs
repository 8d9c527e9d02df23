//! The parameters: all described and grouped, and those that are optional off.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{TEMPLATE, elements, keys, text};

fn parameters() -> &'static serde_json::Map<String, Value> {
    TEMPLATE["Parameters"].as_object().expect("the template has parameters")
}

#[test]
fn every_parameter_is_described() {
    for (name, parameter) in parameters() {
        assert!(text(&parameter["Description"]).ends_with('.'), "{name}");
    }
}

/// `sam deploy --guided` asks in the template's order, the console in that of the groups. The order of `TEMPLATE`'s members
/// can be another one, so this reads the text.
#[test]
fn the_groups_have_every_parameter_in_the_order_of_the_template() {
    let groups = elements(&TEMPLATE["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]);
    let grouped: Vec<&str> = groups.iter().flat_map(|group| elements(&group["Parameters"])).map(text).collect();
    let template = include_str!("../../../template.yaml");
    let (_, section) = template.split_once("\nParameters:\n").expect("the template has parameters");
    let (section, _) = section.split_once("\n\n").expect("a blank line ends the parameters");
    let names = section.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    let names: Vec<&str> = names.map(|line| line.trim_end_matches(':')).collect();
    assert_eq!(grouped, names);
    assert_eq!(names.len(), parameters().len());
}

#[test]
fn only_the_issuer_and_the_audience_must_be_given() {
    let required = parameters().iter().filter(|(_, parameter)| parameter.get("Default").is_none());
    assert_eq!(required.map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["JwtAudiences", "JwtIssuers"]);
}

/// The parameters that turn something on, the condition of each, and the default, by which it is off.
const OPTIONS: [(&str, &str, &str); 11] = [
    ("AccessLogs", "WritesAccessLogs", "off"),
    ("AlarmTopicArn", "HasAlarmTopic", ""),
    ("MaxReadRequestUnits", "LimitsReads", ""),
    ("MaxWriteRequestUnits", "LimitsWrites", ""),
    ("ReservedConcurrency", "ReservesConcurrency", ""),
    ("WebAclArn", "HasWebAcl", ""),
    ("ExistingTableName", "OwnsTable", ""),
    ("KmsKeyArn", "HasKmsKey", ""),
    ("ProvisionedConcurrency", "ProvisionsConcurrency", ""),
    ("Release", "IsGradual", ""),
    ("Stream", "HasStream", "off"),
];

#[test]
fn what_is_optional_is_off_by_default() {
    for (name, condition, default) in OPTIONS {
        assert_eq!(parameters()[name]["Default"], default, "{name}");
        let is_default = json!({"!Equals": [{"!Ref": name}, default]});
        let is_on =
            if name == "Stream" { json!({"!Equals": [{"!Ref": name}, "on"]}) } else { json!({"!Not": [is_default]}) };
        let expected = if condition == "OwnsTable" { is_default } else { is_on };
        assert_eq!(TEMPLATE["Conditions"][condition], expected, "{condition}");
    }
    assert_eq!(parameters()["DisableExecuteApiEndpoint"]["Default"], "false");
}

/// A condition that nothing names would be a parameter without effect.
#[test]
fn every_condition_is_used() {
    let template = include_str!("../../../template.yaml");
    for condition in keys(&TEMPLATE["Conditions"]) {
        let is_word = |end: usize| !template[end..].starts_with(|c: char| c.is_ascii_alphanumeric());
        let uses = template.match_indices(condition).filter(|(start, _)| is_word(start + condition.len()));
        assert!(uses.count() > 1, "{condition}");
    }
}

#[test]
fn what_needs_another_parameter_is_refused_without_it() {
    let (empty, on) =
        (|name: &str| json!({"!Equals": [{"!Ref": name}, ""]}), json!({"!Equals": [{"!Ref": "Stream"}, "on"]}));
    let given = |name: &str| json!({"!Not": [empty(name)]});
    let rules = [
        ("ProvisionedConcurrencyNeedsRelease", given("ProvisionedConcurrency"), given("Release")),
        ("StreamNeedsTableOfStack", on, empty("ExistingTableName")),
    ];
    for (name, condition, assertion) in rules {
        let rule = &TEMPLATE["Rules"][name];
        assert_eq!((&rule["RuleCondition"], &rule["Assertions"][0]["Assert"]), (&condition, &assertion), "{name}");
    }
}

#[test]
fn logs_can_be_kept_for_ten_years() {
    let days = elements(&parameters()["LogRetentionDays"]["AllowedValues"]);
    assert_eq!(days.last(), Some(&json!(3653)));
}

#[test]
fn a_pattern_accepts_what_the_parameter_is_for_and_nothing_else() {
    let acl = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/limits/1a2b";
    let global = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/limits/1a2b";
    let table = [
        ("JwtIssuers", vec!["https://a.example/", "https://a.example,https://b.example/x"]),
        ("WebAclArn", vec!["", acl]),
        ("ReservedConcurrency", vec!["", "0", "100"]),
        ("MaxReadRequestUnits", vec!["", "-1", "1", "40000"]),
        ("MaxWriteRequestUnits", vec!["", "-1", "1", "40000"]),
        ("ExistingTableName", vec!["", "record-lists-Table-1A2B", "abc"]),
        ("KmsKeyArn", vec!["", "arn:aws:kms:eu-west-1:123456789012:key/1a2b-3c"]),
        ("ProvisionedConcurrency", vec!["", "1", "100"]),
        ("Release", vec!["", "1407feb", "v0.2.0"]),
    ];
    let refused = BTreeMap::from([
        (
            "JwtIssuers",
            vec!["", "http://a.example", "https://a?b", "https://a,https://b,https://c", "https://a, https://b"],
        ),
        ("WebAclArn", vec![global, "limits"]),
        ("ReservedConcurrency", vec!["-1", "many"]),
        ("MaxReadRequestUnits", vec!["0", "-2", "1.5"]),
        ("MaxWriteRequestUnits", vec!["0", "-2", "1.5"]),
        ("ExistingTableName", vec!["ab", "my table", "arn:aws:dynamodb:x"]),
        ("KmsKeyArn", vec!["alias/mine", "arn:aws:kms:eu-west-1:123456789012:alias/mine"]),
        ("ProvisionedConcurrency", vec!["0", "-1", "many"]),
        ("Release", vec!["a release", "a/b"]),
    ]);
    for (name, accepted) in table {
        let pattern = Pattern::of(name);
        for value in &accepted {
            assert!(pattern.accepts(value), "{name}: {value}");
        }
        for value in &refused[name] {
            assert!(!pattern.accepts(value), "{name}: {value}");
        }
    }
}

/// An `AllowedPattern`, which must match the whole value.
struct Pattern(jsonschema::Validator);

impl Pattern {
    fn of(name: &str) -> Self {
        let schema = json!({"type": "string", "pattern": parameters()[name]["AllowedPattern"]});
        Self(jsonschema::validator_for(&schema).expect("the pattern is valid"))
    }

    fn accepts(&self, value: &str) -> bool {
        self.0.is_valid(&json!(value))
    }
}
