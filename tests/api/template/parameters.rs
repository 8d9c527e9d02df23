//! The parameters: all described and grouped, and those that are optional off.

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
        let is_on = json!({"!Not": [is_default]});
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

/// The values that an `AllowedPattern` must accept, and those that it must not.
struct Values {
    name: &'static str,
    accepted: &'static [&'static str],
    refused: &'static [&'static str],
}

const VALUES: [Values; 9] = [
    Values {
        name: "JwtIssuers",
        accepted: &["https://a.example/", "https://a.example,https://b.example/x"],
        refused: &["", "http://a", "https://a?b", "https://a,https://b,https://c", "https://a, https://b"],
    },
    Values {
        name: "WebAclArn",
        accepted: &["", "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/limits/1a2b"],
        refused: &["limits", "arn:aws:wafv2:us-east-1:123456789012:global/webacl/limits/1a2b"],
    },
    Values { name: "ReservedConcurrency", accepted: &["", "0", "100"], refused: &["-1", "many"] },
    Values { name: "MaxReadRequestUnits", accepted: &["", "-1", "1", "40000"], refused: &["0", "-2", "1.5"] },
    Values { name: "MaxWriteRequestUnits", accepted: &["", "-1", "1", "40000"], refused: &["0", "-2", "1.5"] },
    Values {
        name: "ExistingTableName",
        accepted: &["", "record-lists-Table-1A2B", "abc"],
        refused: &["ab", "my table", "arn:aws:dynamodb:x"],
    },
    Values {
        name: "KmsKeyArn",
        accepted: &["", "arn:aws:kms:eu-west-1:123456789012:key/1a2b-3c"],
        refused: &["alias/mine", "arn:aws:kms:eu-west-1:123456789012:alias/mine"],
    },
    Values { name: "ProvisionedConcurrency", accepted: &["", "1", "100"], refused: &["0", "-1", "many"] },
    Values { name: "Release", accepted: &["", "1407feb", "v0.2.0"], refused: &["a release", "a/b"] },
];

#[test]
fn a_pattern_accepts_what_the_parameter_is_for_and_nothing_else() {
    for Values { name, accepted, refused } in VALUES {
        let pattern = json!({"type": "string", "pattern": parameters()[name]["AllowedPattern"]});
        let pattern = jsonschema::validator_for(&pattern).expect("the pattern is valid");
        for value in accepted {
            assert!(pattern.is_valid(&json!(value)), "{name}: {value}");
        }
        for value in refused {
            assert!(!pattern.is_valid(&json!(value)), "{name}: {value}");
        }
    }
}
